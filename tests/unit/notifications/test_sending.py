from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.codes import Template
from schemas.plans import Channel
from services.notifications.domain import sending
from services.notifications.domain.cards import FamilyCard
from services.notifications.domain.messages import REPLIES, Message, MessageState
from services.notifications.domain.messages import Channel as Way
from services.notifications.domain.pins import ContactChoice
from services.notifications.domain.quiet import TEXTS_A_DAY
from services.notifications.domain.sending import (
    TRIES,
    KeepInHand,
    MarkFailed,
    MarkSending,
    MarkSent,
    SweepUp,
)
from services.notifications.domain.stops import Stops, address_at
from services.notifications.scopes import scope_of_sender
from tests.unit.notifications.builders import (
    DISTRICT,
    NEW_YORK,
    NOON,
    TOKENS,
    a_contact_card,
    a_context,
    a_family,
    a_mailbox,
    a_message,
    an_id,
    told,
)

S = MessageState
NIGHT = NOON + timedelta(hours=10)  # 22:00 in New York
PHONE, MAIL = "+15550100142", "nadege@families.example"


def asked(kind: type[Any], **more: Any) -> Any:
    fields: dict[str, Any] = {
        "key": an_id(50),
        "scope": scope_of_sender(DISTRICT),
        "student_id": "s1",
        "message_id": str(an_id(1)),
    }
    return kind(**fields | more)


def a_claim(**more: Any) -> MarkSending:
    given: dict[str, Any] = {
        "claim": "me",
        "claimed_at": NOON,
        "time_zone": NEW_YORK,
        "texts_today": 0,
        "address": None,
    }
    return asked(MarkSending, **given | more)  # type: ignore[no-any-return]


def claimed(message: Message, *seen: Any, now: Any = NOON, **more: Any) -> Any:
    """What comes of a claim by whoever has looked up where the message would go."""
    context = a_context(*seen, now=now)
    family, is_theirs = context.get(FamilyCard), message.recipient == "family"
    to = address_at(family, message.recipient_id, message.channel, TOKENS) if is_theirs else None
    claim = a_claim(**{"address": to} | more)
    return sending.mark_sending(a_mailbox(message), claim, context)


def only(decision: Any) -> Message:
    (message,) = decision.state.messages
    return message  # type: ignore[no-any-return]


def a_sent_one(**more: Any) -> Message:
    return a_message(**{"state": S.SENDING, "claim": "me", "claimed_at": NOON} | more)


def stopped(*addresses: str) -> Stops:
    hashed = frozenset(TOKENS.address(DISTRICT, each) for each in addresses)
    return Stops(stops_id="any", district=DISTRICT, addresses=hashed)


def test_a_due_message_is_taken_in_hand_once() -> None:
    first = claimed(a_message())
    assert (only(first).state, only(first).claim) == (S.SENDING, "me")
    again = sending.mark_sending(first.state, a_claim(claim="another"), a_context())
    assert only(again).claim == "me"


def test_at_night_a_message_waits_for_eight_o_clock_unless_it_is_urgent() -> None:
    held = only(claimed(a_message(), now=NIGHT))
    assert (held.state, held.next_at) == (S.HELD, NOON + timedelta(hours=20))
    assert only(claimed(a_message(is_urgent=True), now=NIGHT)).state is S.SENDING


def test_a_partner_is_written_to_at_any_hour() -> None:
    offer = a_message(recipient="partner", recipient_id="p1", template="offer")
    assert only(claimed(offer, now=NIGHT)).state is S.SENDING


@given(
    texts=st.integers(0, 9),
    urgent=st.booleans(),
    channels=st.sampled_from([("sms", "email"), ("email",)]),
)
def test_a_household_gets_three_texts_a_day_and_urgent_ones_beyond(
    *,
    texts: int,
    urgent: bool,
    channels: tuple[Way, ...],
) -> None:
    decision = claimed(a_message(is_urgent=urgent, channels=channels), texts_today=texts)
    must_wait = texts >= TEXTS_A_DAY and channels[0] == "sms" and not urgent
    assert (only(decision).state is S.HELD) == must_wait


def test_that_a_place_is_gone_waits_for_the_morning_and_for_no_number_of_texts() -> None:
    gone = a_message(template="offer-recalled")

    assert only(claimed(gone, texts_today=TEXTS_A_DAY)).state is S.SENDING
    assert only(claimed(gone, now=NIGHT)).state is S.HELD


@pytest.mark.parametrize("template", sorted(REPLIES))
def test_a_reply_to_what_the_family_did_just_now_waits_for_no_morning(template: Template) -> None:
    reply = a_message(template=template)
    full = claimed(reply, texts_today=TEXTS_A_DAY, now=NIGHT)
    assert only(full).state is S.SENDING


def test_a_stopped_address_gives_way_to_the_next_and_without_one_nothing_is_sent() -> None:
    next_way = only(claimed(a_message(attempts=3), stopped(PHONE)))
    assert (next_way.state, next_way.channels, next_way.attempts) == (S.QUEUED, ("email",), 0)
    assert only(claimed(next_way, stopped(PHONE))).state is S.SENDING
    none = claimed(next_way, stopped(PHONE, MAIL.upper()))
    assert only(none).state is S.SUPPRESSED
    assert told(none.events) == [("consent-needed", "c1", "opt-out")]


def test_a_stop_is_about_an_address_whoever_has_it_and_not_about_a_person() -> None:
    other_number = Channel(kind="phone", value="+15550100199", may_text=True)
    corrected = a_family(("c1", a_contact_card(channels=(other_number,))))
    assert only(claimed(a_message(), corrected, stopped(PHONE))).state is S.SENDING
    shared = a_family(("c2", a_contact_card(name="Wilner Sampleau")))
    theirs = a_message(recipient_id="c2", channels=("sms",))
    assert told(claimed(theirs, shared, stopped(PHONE)).events) == [
        ("consent-needed", "c2", "opt-out")
    ]


def test_what_was_stopped_before_stops_were_kept_by_address_stays_stopped() -> None:
    before = ContactChoice(contact_id="c1", district=DISTRICT, stopped=frozenset({"sms"}))
    assert only(claimed(a_message(), before)).channels == ("email",)


def test_a_claim_that_saw_an_older_card_takes_nothing() -> None:
    other = TOKENS.address(DISTRICT, "+15550100199")
    message = a_message()
    assert only(claimed(message, address=other)) == message
    assert only(claimed(message, address=None)) == message


def test_a_message_keeps_where_it_went_and_not_in_so_many_words() -> None:
    taken = only(claimed(a_message()))
    assert taken.address == TOKENS.address(DISTRICT, PHONE)
    assert PHONE not in repr(taken)
    assert taken.address != TOKENS.address("d-other", PHONE)


def test_a_code_that_somebody_asked_for_just_now_comes_after_a_stop_too() -> None:
    code = a_message(template="step-up-code", channels=("sms",), is_urgent=True)
    assert only(claimed(code, stopped(PHONE))).state is S.SENDING
    copy = a_message(template="consent-signed", channels=("sms",))
    assert told(claimed(copy, stopped(PHONE)).events) == [("consent-signed", "c1", "opt-out")]


def test_a_contact_barred_since_then_gets_nothing() -> None:
    barred = a_family(("c1", a_contact_card(barred=True)))
    assert told(claimed(a_message(), barred).events) == [("consent-needed", "c1", "no-contact")]


def test_what_is_no_longer_of_use_expires() -> None:
    late = claimed(a_message(), now=NOON + timedelta(days=14))
    assert only(late).state is S.EXPIRED
    assert told(late.events) == [("consent-needed", "c1", "expired")]


def test_a_message_is_marked_as_sent_once() -> None:
    box = a_mailbox(a_sent_one())
    first = sending.mark_sent(box, asked(MarkSent, claim="me"), a_context())
    assert told(first.events) == [("consent-needed", "c1", "MessageSent")]
    again = sending.mark_sent(first.state, asked(MarkSent, claim="me"), a_context())
    assert (again.state, again.events) == (first.state, ())


def test_whoever_lost_the_claim_marks_nothing() -> None:
    box = a_mailbox(a_sent_one())
    assert sending.mark_sent(box, asked(MarkSent, claim="late"), a_context()).state == box


def test_a_temporary_failure_is_tried_again_later_and_later_then_by_the_next_channel() -> None:
    message, pauses = a_sent_one(), []
    for _ in range(TRIES - 1):
        failed = asked(MarkFailed, claim="me", failure="temporary-failure")
        after = only(sending.mark_failed(a_mailbox(message), failed, a_context()))
        assert after.state is S.TEMPORARY_FAILURE
        assert after.next_at is not None
        pauses.append(after.next_at - NOON)
        message = a_sent_one(attempts=after.attempts)
    assert pauses == sorted(pauses)
    last = sending.mark_failed(
        a_mailbox(message), asked(MarkFailed, claim="me", failure="temporary-failure"), a_context()
    )
    assert (only(last).state, only(last).channels) == (S.QUEUED, ("email",))
    assert told(last.events) == [("consent-needed", "c1", "technical-failure")]


def test_what_was_not_answered_is_tried_once_more_and_then_goes_another_way() -> None:
    unanswered = asked(MarkFailed, claim="me", failure="unanswered")
    first = only(sending.mark_failed(a_mailbox(a_sent_one()), unanswered, a_context()))
    assert (first.state, first.channel) == (S.TEMPORARY_FAILURE, "sms")
    again = a_mailbox(a_sent_one(attempts=first.attempts))
    for failure in ("unanswered", "temporary-failure"):
        failed = asked(MarkFailed, claim="me", failure=failure)
        after = only(sending.mark_failed(again, failed, a_context()))
        assert (after.state, after.channel) == (S.QUEUED, "email")


def test_when_no_channel_is_left_it_is_told_that_nobody_was_reached() -> None:
    box = a_mailbox(a_sent_one(channels=("email",)))
    failed = asked(MarkFailed, claim="me", failure="permanent-failure")
    decision = sending.mark_failed(box, failed, a_context())
    assert only(decision).state is S.PERMANENT_FAILURE
    assert told(decision.events) == [
        ("consent-needed", "c1", "permanent-failure"),
        ("consent-needed", "c1", "no-contact"),
    ]


@pytest.mark.parametrize(("age", "state"), [(3, S.QUEUED), (1, S.SENDING)])
def test_only_what_was_claimed_long_ago_is_swept_up(age: int, state: MessageState) -> None:
    box = a_mailbox(a_sent_one(claimed_at=NOON - timedelta(minutes=age)))
    sweep = asked(SweepUp, claimed_before=NOON - timedelta(minutes=2))
    assert only(sending.sweep_up(box, sweep, a_context())).state is state


def test_a_claim_is_renewed_by_whoever_has_it_alone() -> None:
    box, later = a_mailbox(a_sent_one()), NOON + timedelta(seconds=30)
    kept = sending.keep_in_hand(box, asked(KeepInHand, claim="me", claimed_at=later), a_context())
    assert (only(kept).state, only(kept).claimed_at) == (S.SENDING, later)
    lost = asked(KeepInHand, claim="late", claimed_at=later)
    assert sending.keep_in_hand(box, lost, a_context()).state == box


def test_a_page_that_was_read_is_told_once() -> None:
    box = a_mailbox(a_message(state=S.SENT, sent_at=NOON))
    seen = asked(sending.MarkSeen)
    first = sending.mark_seen(box, seen, a_context())
    assert told(first.events) == [("consent-needed", "c1", "MessageSeen")]
    assert sending.mark_seen(first.state, seen, a_context()).events == ()


def test_nothing_happens_to_a_message_that_is_not_there() -> None:
    commands: tuple[tuple[Any, Any], ...] = (
        (sending.mark_sending, a_claim()),
        (sending.mark_sent, asked(MarkSent, claim="me")),
        (sending.mark_failed, asked(MarkFailed, claim="me", failure="permanent-failure")),
        (sending.keep_in_hand, asked(KeepInHand, claim="me", claimed_at=NOON)),
        (sending.sweep_up, asked(SweepUp, claimed_before=NOON)),
        (sending.mark_seen, asked(sending.MarkSeen)),
    )
    for decide, command in commands:
        assert decide(None, command, a_context()).state is None
        box = a_mailbox()
        assert decide(box, command, a_context()).state == box
