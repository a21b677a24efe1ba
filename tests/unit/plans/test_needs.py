"""Writing and withdrawing needs, and how facts move them along."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from schemas.envelope import Erased, seal_of
from schemas.notifications import LinkLocked
from schemas.plans import (
    ConsentRevoked,
    ContactCardChanged,
    PacketPending,
    PartyScope,
    StudentCard,
)
from schemas.referrals import (
    NeedUnmet,
    OfferExpired,
    ReferralClosed,
    ReferralOpened,
)
from services.chassis.kernel import Refused
from services.chassis.scope import Scope
from services.plans.domain.attention import MATTERS, NOTHING, Raised, rank
from services.plans.domain.following import follow, follow_student
from services.plans.domain.needs import WithdrawNeed, WriteNeed, withdraw, write
from services.plans.domain.signing import take_answer
from services.plans.domain.students import StudentFacts, nobody
from tests.unit.plans.builders import (
    ABOUT,
    DISTRICT,
    MANAGER,
    NEED,
    NOW,
    SCOPE,
    STUDENT,
    a_book,
    a_consent,
    a_context,
    a_need,
    a_run,
    a_student,
    an_answer,
    key_of,
    offer_accepted,
    offer_made,
    ranked,
    types_of,
)


def a_writing(**given: Any) -> WriteNeed:
    fields: dict[str, Any] = {
        "key": key_of("write"),
        "scope": SCOPE,
        "need_id": NEED,
        "student_id": STUDENT,
        "category": "enrich.tutoring",
        "summary": "Help with homework",
        "urgency": "routine",
    }
    return WriteNeed(**(fields | given))


def test_a_written_need_tells_what_the_record_knows() -> None:
    decision = write(None, a_writing(), a_context(a_student()))

    (said,) = decision.events
    facts = said.sealed.facts  # type: ignore[attr-defined]
    assert (facts.grade, facts.languages, facts.area) == (3, ("ht",), "harbor")
    assert (facts.age_months, facts.preview.zone) == (104, "harbor")
    assert decision.state.case_manager_id == MANAGER
    assert said.subject == NEED


def test_a_need_written_again_stays_as_it_is() -> None:
    written = write(None, a_writing(), a_context(a_student())).state

    again = write(written, a_writing(), a_context(a_student()))

    assert again.state == written
    assert again.events == ()


@pytest.mark.parametrize(
    ("category", "by_hand", "restricted"),
    [
        ("enrich.tutoring", False, False),
        ("enrich.tutoring", True, True),
        ("counsel.grief", False, True),
    ],
)
def test_a_need_is_restricted_by_category_or_by_hand(
    category: Any,
    by_hand: bool,  # noqa: FBT001
    restricted: bool,  # noqa: FBT001
) -> None:
    asked = a_writing(category=category, is_restricted=by_hand)

    assert write(None, asked, a_context(a_student())).state.restricted is restricted


@pytest.mark.parametrize(
    "student",
    [
        nobody(STUDENT, DISTRICT),
        a_student(facts=Erased()),
        a_student(district="another"),
        a_student(school_id="another"),
    ],
)
def test_a_need_is_written_only_for_a_student_one_may_see(student: Any) -> None:
    scope = Scope(district=DISTRICT, actor="m", within={"school_id": frozenset({"school"})})

    with pytest.raises(Refused, match="student_unknown"):
        write(None, a_writing(scope=scope), a_context(student))


def test_a_need_tells_the_age_that_the_student_has_at_the_school() -> None:
    named = StudentFacts(first_name="Ada", surname="Pebblebrook", birth_date=date(2016, 11, 25))
    at = datetime(2026, 11, 25, 4, tzinfo=UTC)  # 23:00 on the 24th there

    facts = write(None, a_writing(), a_context(a_student(facts=named), now=at)).state.facts

    assert not isinstance(facts, Erased)
    assert (facts.age_as_of, facts.age_months) == (date(2026, 11, 24), 119)


def test_withdrawing_twice_is_once() -> None:
    asked = WithdrawNeed(key=key_of("w"), scope=SCOPE, need_id=NEED, code="staff-decision")

    first = withdraw(a_need(), asked, a_context())
    second = withdraw(first.state, asked, a_context())

    assert types_of(first.events) == ["NeedWithdrawn"]
    assert second.state == first.state
    assert second.events == ()
    with pytest.raises(Refused, match="need_unknown"):
        withdraw(None, asked, a_context())


FACTS: list[tuple[Any, str | None]] = [
    (OfferExpired(**ABOUT, offer_id="o", seat="freed", expired_at=NOW), "expired"),
    (offer_made(), None),
    (offer_accepted(), None),
    (PacketPending(**ABOUT, offer_id="o", kept_until=NOW), "consent-missing"),
    (
        ConsentRevoked(
            student_id=STUDENT,
            consent_id="c",
            need_id=NEED,
            of_all=True,
            revoked_at=NOW,
            sealed=seal_of(STUDENT, PartyScope()),
        ),
        "consent-withdrawn",
    ),
    (
        LinkLocked(link_id="link", student_id=STUDENT, contact_id="c", need_id=NEED, at=NOW),
        "link-locked",
    ),
    (an_answer("cannot-come"), "cannot-come"),
    (an_answer("confirmation"), None),
]


@pytest.mark.parametrize(("said", "matter"), FACTS)
def test_each_fact_raises_what_the_case_manager_must_do(said: Any, matter: str | None) -> None:
    moved = follow(a_need(), said, a_context()).state

    assert moved is not None
    found = moved.attention
    assert (found.matter if found else None) == matter


def after(*said: Any) -> str | None:
    """What waits for the case manager after these facts."""
    need: Any = a_need()
    for each in said:
        need = follow(need, each, a_context()).state
    return need.attention.matter if need.attention else None


def test_why_a_partner_is_to_be_chosen_anew_stays_until_one_is() -> None:
    expired = OfferExpired(**ABOUT, offer_id="o", seat="freed", expired_at=NOW)
    unmet = NeedUnmet(**ABOUT, run_id="run", unmet_at=NOW, sealed=a_run())

    assert after(ranked()) == "choose"
    assert after(expired, ranked()) == "expired"
    assert after(expired, ranked(), offer_made(), ranked()) == "choose"
    assert after(expired, unmet) == "unmet"


def test_a_family_that_was_called_waits_for_no_call_any_more() -> None:
    locked = LinkLocked(link_id="link", student_id=STUDENT, contact_id="c", need_id=NEED, at=NOW)

    assert after(locked) == "link-locked"
    assert after(locked, an_answer("confirmation")) is None


def test_what_one_source_settles_leaves_what_another_raised() -> None:
    need = a_need().with_raised("family", Raised(matter="cannot-come", at=NOW))

    moved = follow(need, offer_made(), a_context()).state

    assert moved is not None
    assert moved.attention == Raised(matter="cannot-come", at=NOW)


def test_a_need_follows_its_referral_to_the_end_and_no_further() -> None:
    opened = ReferralOpened(**ABOUT, public_reference="R", opened_at=NOW)
    closed = ReferralClosed(**ABOUT, state="CLOSED_RESOLVED", closed_at=NOW)

    moving = follow(a_need(state="IDENTIFIED", referral_id=None), opened, a_context()).state
    met = follow(moving, closed, a_context()).state
    again = follow(met, opened, a_context()).state

    assert moving is not None
    assert (moving.state, moving.referral_id) == ("IN_REFERRAL", "referral")
    assert met is not None
    assert again is not None
    assert met.state == again.state == "MET"


def test_a_signature_settles_what_it_was_missing_for() -> None:
    need = a_need().with_raised("family", Raised(matter="consent-missing", at=NOW))
    signed = take_answer(
        a_book(a_consent(state="asked")), an_answer(), a_context(a_student(), a_need())
    )

    moved = follow(need, signed.events[0], a_context()).state

    assert moved is not None
    assert moved.attention is None


def test_a_fact_about_an_unknown_need_changes_nothing() -> None:
    assert follow(None, offer_made(), a_context()).state is None


def test_a_need_goes_along_to_another_school_and_case_manager() -> None:
    said = ContactCardChanged(
        student_id=STUDENT,
        school_id="other",
        case_manager_id="next",
        student=seal_of(STUDENT, StudentCard(first_name="Ada")),
    )

    moved = follow_student(a_need(), said, a_context()).state

    assert (moved.school_id, moved.case_manager_id) == ("other", "next")


def test_urgent_needs_come_before_all_others_and_the_worst_matter_first() -> None:
    ranks = [
        rank(Raised(matter=matter, at=NOW), is_urgent=urgent)
        for urgent in (True, False)
        for matter in MATTERS
    ]

    assert ranks == sorted(set(ranks))
    assert rank(None, is_urgent=True) == NOTHING > max(ranks)
