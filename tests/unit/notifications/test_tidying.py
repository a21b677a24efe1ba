"""A mailbox forgets what ended long ago; nothing that somebody may still ask for."""

from dataclasses import replace
from datetime import datetime, timedelta

from services.notifications.domain.links import VALID
from services.notifications.domain.mailbox import Mailbox
from services.notifications.domain.messages import MessageState
from services.notifications.domain.news import hear_of_need
from services.notifications.domain.queueing import ACCEPTED_USEFUL
from services.notifications.domain.tidying import KEPT_AFTER_END, LONGEST_KEPT, tidied
from tests.unit.notifications.builders import (
    NOON,
    a_consent_asked,
    a_consent_given,
    a_context,
    a_mailbox,
    a_message,
    a_need,
    a_standing_asked,
    an_offer_accepted,
    an_offer_made,
)
from tests.unit.notifications.test_ended_needs import WITHDRAWN
from tests.unit.notifications.test_news import after

JUST_BEFORE = NOON + KEPT_AFTER_END
LATER = JUST_BEFORE + timedelta(minutes=1)
ENDED = (a_need(), a_consent_asked(), an_offer_made(), a_consent_given(), WITHDRAWN)


def sent(mailbox: Mailbox) -> Mailbox:
    """With all that waits taken by a provider."""
    done = [
        each.moved(MessageState.SENDING).moved(MessageState.SENT) if each.is_waiting else each
        for each in mailbox.messages
    ]
    return replace(mailbox, messages=tuple(done))


def test_of_a_need_that_ended_long_ago_nothing_is_kept() -> None:
    box = sent(after(*ENDED).state)

    assert tidied(box, JUST_BEFORE) == box
    left = tidied(box, LATER)
    assert (left.needs, left.consents, left.offers, left.messages) == ((), (), (), ())


def test_the_next_news_is_what_makes_it_forget() -> None:
    box = sent(after(*ENDED).state)

    box = hear_of_need(box, a_need(need_id="n2"), a_context(now=LATER)).state

    assert [each.need_id for each in box.needs] == ["n2"]
    assert {each.need_id for each in box.messages} <= {"n2"}


def test_a_need_that_has_not_ended_stays_however_old_it_is() -> None:
    box = sent(after(*ENDED[:-1]).state)

    assert tidied(box, LATER + timedelta(days=900)) == box


def test_what_is_on_its_way_stays_with_all_that_it_speaks_of() -> None:
    box = after(*ENDED).state

    assert any(each.is_waiting for each in box.messages)
    assert tidied(box, LATER) == box


def test_time_counts_from_the_last_that_was_told_of_it() -> None:
    box = sent(after(*ENDED).state)
    late = replace(box.messages[0], message_id="late", queued_at=NOON + timedelta(days=1))

    assert tidied(box.put_message(late), LATER) == box.put_message(late)


def test_a_standing_permission_outlasts_every_need() -> None:
    standing = (a_standing_asked(), a_consent_given(consent_id="k2", need_id="k2"))
    box = sent(after(*standing, *ENDED).state)

    left = tidied(box, LATER)

    assert [each.consent_id for each in left.consents] == ["k2"]
    assert {each.need_id for each in left.messages} == {"k2"}


def test_a_first_date_that_is_to_come_keeps_what_its_link_speaks_of() -> None:
    far_off = an_offer_accepted(starts_on=(LATER + timedelta(days=30)).date())
    box = sent(after(*ENDED, far_off).state)

    assert tidied(box, LATER) == box
    assert tidied(box, LATER + timedelta(days=33)).needs == ()


def test_no_link_to_it_is_valid_any_more() -> None:
    assert max(*VALID.values(), ACCEPTED_USEFUL) < KEPT_AFTER_END


def test_of_messages_that_are_over_the_newest_hundred_stay() -> None:
    def over(number: int) -> datetime:
        return NOON + timedelta(minutes=number)

    messages = [
        a_message(message_id=f"m{n}", state=MessageState.SENT, queued_at=over(n))
        for n in range(LONGEST_KEPT + 5)
    ]

    left = tidied(a_mailbox(*messages, a_message(message_id="open")), NOON)

    assert [each.message_id for each in left.messages][:1] == ["m5"]
    assert len(left.messages) == LONGEST_KEPT + 1
