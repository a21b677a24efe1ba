"""What consents cover and for how long; asking, signing, refusing, taking back."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.envelope import Erased, Sealed
from schemas.notifications import AnswerFacts
from schemas.plans import ContactCardChanged
from services.chassis.kernel import Refused
from services.plans.domain import asking
from services.plans.domain.asking import ask_for_choice, ask_for_offer
from services.plans.domain.consents import ConsentFacts
from services.plans.domain.covering import Use, allowed, covering, covers
from services.plans.domain.lasting import end_of
from services.plans.domain.signing import RevokeConsent, revoke_for_family, take_answer
from services.plans.domain.students import card_of
from tests.unit.plans.builders import (
    NEED,
    NOW,
    SCOPE,
    STUDENT,
    a_book,
    a_case,
    a_consent,
    a_contact,
    a_context,
    a_need,
    a_student,
    an_answer,
    an_offer,
    chosen,
    key_of,
    offer_made,
    types_of,
    with_terms,
)

USE = Use(organization_id="organization-0", need_id=NEED, category="enrich.tutoring")


@pytest.mark.parametrize(
    ("consent", "use", "is_covered"),
    [
        (a_consent(0), USE, True),
        (a_consent(1), USE, False),
        (a_consent(0, state="asked"), USE, False),
        (a_consent(0, state="revoked"), USE, False),
        (a_consent(0, expires_at=NOW), USE, False),
        (a_consent(0, given_at=NOW + timedelta(seconds=1)), USE, False),
        (a_consent(0), replace(USE, category="health.dental"), False),
        (a_consent(0), replace(USE, purpose="report-outcome"), False),
        (a_consent(0), replace(USE, records=("identity", "health")), False),
        (a_consent(0), replace(USE, restricted=True), False),
        (a_consent(0, restricted=True), replace(USE, restricted=True), True),
        (a_consent(0, facts=Erased()), USE, False),
    ],
)
def test_a_consent_covers_its_party_purpose_records_and_time_alone(
    consent: Any,
    use: Use,
    is_covered: bool,  # noqa: FBT001
) -> None:
    assert covers(consent, use, NOW) is is_covered


@given(
    begins=st.integers(-400, 400),
    lasts=st.integers(0, 400),
    agreed=st.sets(st.integers(0, 4)),
    revoked=st.sets(st.integers(0, 4)),
    party=st.integers(0, 4),
)
def test_no_moment_outside_the_signed_time_and_no_party_unsigned_is_covered(
    begins: int, lasts: int, agreed: set[int], revoked: set[int], party: int
) -> None:
    start = NOW + timedelta(days=begins)
    end = start + timedelta(days=lasts)
    consent = a_consent(*agreed, given_at=start, expires_at=end)
    assert isinstance(consent.facts, ConsentFacts)
    taken = tuple(f"organization-{each}" for each in revoked)
    consent = replace(consent, facts=consent.facts.model_copy(update={"revoked": taken}))
    use = replace(USE, organization_id=f"organization-{party}")

    expected = start <= NOW < end and party in agreed and party not in revoked
    assert covers(consent, use, NOW) is expected


# -- asking ----------------------------------------------------------------------------------


def a_scene(**given: Any) -> Any:
    return a_context(a_student(), given.get("case", a_case()), given.get("need", a_need()))


def test_the_family_is_asked_about_the_chosen_first_and_five_at_most() -> None:
    decision = ask_for_choice(None, chosen(2), a_scene())

    (said,) = decision.events
    terms = said.sealed.facts  # type: ignore[attr-defined]
    assert [each.name for each in terms.parties] == [
        "Anchor",
        "Tide Pool",
        "Harbor Branch",
        "Kelp House",
        "Reef",
    ]
    assert said.contact_id == "mother"  # type: ignore[attr-defined]
    assert decision.state.case_manager_id == "manager"


@pytest.mark.parametrize(
    ("book", "is_asked"),
    [
        (a_book(a_consent(0)), False),
        (a_book(a_consent(state="asked")), False),
        (a_book(a_consent(state="refused")), False),
        (a_book(a_consent(0, state="revoked")), True),
        (a_book(a_consent(state="asked", open_until=NOW)), True),
        (a_book(a_consent(0, expires_at=NOW)), True),
        (a_book(a_consent(0, need_id="another")), False),
        (a_book(with_terms(a_consent(0, need_id="another"), category="enrich.arts")), True),
    ],
)
def test_a_family_is_asked_once_about_a_party(book: Any, is_asked: bool) -> None:  # noqa: FBT001
    assert bool(ask_for_choice(book, chosen(), a_scene()).events) is is_asked


def test_an_offer_to_a_party_not_asked_about_is_asked_then() -> None:
    book = a_book(a_consent(state="asked"))
    offered = an_offer(5, facts=offer_made(5).sealed)

    known = ask_for_offer(book, offer_made(0), a_scene())
    new = ask_for_offer(book, offer_made(5), a_scene(case=a_case(offered)))

    assert known.events == ()
    assert types_of(new.events) == ["ConsentRequested"]


@pytest.mark.parametrize(
    "seen",
    [
        (a_student(a_contact(is_guardian="no")), a_case(), a_need()),
        (a_student(), a_case(run=None), a_need()),
        (a_student(), a_case(), a_need(facts=Erased())),
        (a_student(), a_case(), a_need(state="WITHDRAWN")),
        (a_student(facts=Erased()), a_case(), a_need()),
    ],
)
def test_nobody_is_asked_where_nothing_can_be_asked(seen: Any) -> None:
    decision = ask_for_choice(None, chosen(), a_context(*seen))

    assert decision.events == ()
    assert decision.state.consents == ()


def test_a_family_led_choice_needs_no_consent() -> None:
    assert ask_for_choice(None, chosen(led_by="family"), a_scene()).events == ()


def test_the_book_goes_along_to_another_school() -> None:
    said: ContactCardChanged = card_of(a_student(school_id="other", case_manager_id="next"))

    moved = asking.follow_student(a_book(), said, a_context()).state

    assert (moved.school_id, moved.case_manager_id) == ("other", "next")


# -- signing ---------------------------------------------------------------------------------

ASKED = a_book(a_consent(state="asked"))


def test_a_signature_gives_consent_for_the_parties_ticked() -> None:
    decision = take_answer(ASKED, an_answer("consent", 0, 2, 5), a_context(a_student(), a_need()))

    (said,) = decision.events
    (consent,) = decision.state.consents
    assert isinstance(consent.facts, ConsentFacts)
    assert allowed(consent.facts) == {"organization-0", "organization-2"}
    named = said.sealed.facts.terms.parties  # type: ignore[attr-defined]
    assert [each.name for each in named] == ["Tide Pool", "Anchor"]
    assert consent.expires_at == end_of(date(2027, 9, 30), "America/New_York")


def test_a_signature_says_which_of_the_parties_named_it_leaves_out() -> None:
    refused = take_answer(ASKED, an_answer("refusal", 4), a_context(a_student())).state

    ticked = take_answer(ASKED, an_answer("consent", 0, 2), a_context(a_student(), a_need()))
    rest = take_answer(refused, an_answer("consent"), a_context(a_student(), a_need()))

    assert [each.events[0].sealed.facts.left_out for each in (ticked, rest)] == [  # type: ignore[attr-defined]
        ("organization-1", "organization-3", "organization-4"),
        ("organization-4",),
    ]


@pytest.mark.parametrize(
    ("book", "answer", "student"),
    [
        (ASKED, an_answer(contact_id="stranger"), a_student()),
        (ASKED, an_answer(), a_student(a_contact(restrictions=frozenset({"no-contact"})))),
        (ASKED, an_answer(typed_name="  "), a_student()),
        (ASKED, an_answer(typed_name=None), a_student()),
        (ASKED, an_answer(), a_student(facts=Erased())),
        (a_book(a_consent(state="refused")), an_answer(), a_student()),
        (a_book(a_consent(0, state="revoked")), an_answer(), a_student()),
        (a_book(a_consent(0)), an_answer(), a_student()),
        (a_book(a_consent(state="asked", facts=Erased())), an_answer(), a_student()),
        (ASKED, an_answer(consent_id="unknown"), a_student()),
        (ASKED, an_answer("confirmation"), a_student()),
    ],
)
def test_what_is_no_signature_changes_nothing(book: Any, answer: Any, student: Any) -> None:
    decision = take_answer(book, answer, a_context(student))

    assert decision.state == book
    assert decision.events == ()


def test_an_answer_whose_facts_are_erased_changes_nothing() -> None:
    erased = Sealed[AnswerFacts](person=STUDENT).model_copy(update={"plain": Erased()})

    assert take_answer(ASKED, an_answer(sealed=erased), a_context(a_student())).events == ()


def test_an_answer_that_names_no_consent_means_the_last_one_of_its_need() -> None:
    decision = take_answer(ASKED, an_answer(consent_id=None), a_context(a_student(), a_need()))

    assert decision.state.consents[0].state == "given"


def test_refusing_all_ends_the_asking_and_refusing_some_does_not() -> None:
    some = take_answer(ASKED, an_answer("refusal", 0), a_context(a_student()))
    rest = take_answer(some.state, an_answer("refusal", 1, 2, 3, 4), a_context(a_student()))
    every = take_answer(ASKED, an_answer("refusal"), a_context(a_student()))

    assert [each.of_all for each in (*some.events, *rest.events, *every.events)] == [  # type: ignore[attr-defined]
        False,
        True,
        True,
    ]
    assert some.state.consents[0].state == "asked"
    assert every.state.consents[0].state == rest.state.consents[0].state == "refused"


def test_a_refused_party_is_not_signed_for_by_signing_all_later() -> None:
    refused = take_answer(ASKED, an_answer("refusal", 0), a_context(a_student())).state

    signed = take_answer(refused, an_answer(), a_context(a_student(), a_need()))

    assert covering(signed.state, USE, NOW) is None
    assert covering(signed.state, replace(USE, organization_id="organization-1"), NOW)
    named = signed.events[0].sealed.facts.terms.parties  # type: ignore[attr-defined]
    assert "Tide Pool" not in [each.name for each in named]


def test_a_party_left_out_of_a_later_form_loses_its_earlier_yes() -> None:
    book = a_book(a_consent(0, 1, consent_id="old"), a_consent(state="asked"))

    decision = take_answer(book, an_answer("consent", 1), a_context(a_student(), a_need()))

    assert types_of(decision.events) == ["ConsentGiven", "ConsentRevoked"]
    assert "organization-1" not in named_by(decision.events[1])
    assert covering(decision.state, USE, NOW) is None
    assert covering(decision.state, replace(USE, organization_id="organization-1"), NOW)


def test_a_refused_party_that_is_ticked_after_all_is_signed_for() -> None:
    refused = take_answer(ASKED, an_answer("refusal", 0), a_context(a_student())).state

    signed = take_answer(refused, an_answer("consent", 0), a_context(a_student(), a_need()))

    assert covering(signed.state, USE, NOW)


def named_by(said: Any) -> tuple[str, ...]:
    """Whom a no is about; nobody named: the whole need."""
    named: tuple[str, ...] = said.sealed.facts.organization_ids
    return named


@pytest.mark.parametrize(
    ("newer", "named"),
    [
        (a_consent(1, consent_id="newer"), ("organization-0",)),
        (a_consent(0, 1, consent_id="newer"), ("organization-0",)),
        (a_consent(1, consent_id="newer", expires_at=NOW), ()),
        (a_consent(1, consent_id="newer", state="revoked"), ()),
        (a_consent(1, consent_id="newer", need_id="another"), ()),
    ],
)
def test_the_end_of_one_signature_is_a_no_to_the_need_only_where_none_stands(
    newer: Any, named: tuple[str, ...]
) -> None:
    asked = RevokeConsent(key=key_of("r"), scope=SCOPE, student_id=STUDENT, consent_id="consent")

    decision = revoke_for_family(a_book(a_consent(0), newer), asked, a_context())

    assert {named_by(each) for each in decision.events} == {named}
    assert decision.events[0].of_all  # type: ignore[attr-defined]
    assert decision.state.find("consent").state == "revoked"  # type: ignore[union-attr]
    assert covering(decision.state, USE, NOW) is None


@pytest.mark.parametrize("kind", ["revocation", "refusal"])
def test_a_signature_is_taken_back_at_once(kind: str) -> None:
    decision = take_answer(a_book(a_consent(0, 1)), an_answer(kind), a_context(a_student()))

    assert types_of(decision.events) == ["ConsentRevoked"]
    assert decision.state.consents[0].state == "revoked"
    assert covering(decision.state, USE, NOW) is None


def test_taking_back_for_one_party_leaves_the_others() -> None:
    decision = take_answer(
        a_book(a_consent(0, 1)), an_answer("revocation", 0), a_context(a_student())
    )

    assert covering(decision.state, USE, NOW) is None
    assert covering(decision.state, replace(USE, organization_id="organization-1"), NOW)
    assert decision.events[0].of_all is False  # type: ignore[attr-defined]


def test_taking_back_all_that_several_signatures_allow_is_a_no_to_the_need_with_each_word() -> None:
    book = a_book(a_consent(0, consent_id="old"), a_consent(1))

    for parties in ((), (0, 1)):
        decision = take_answer(book, an_answer("revocation", *parties), a_context(a_student()))
        assert [named_by(each) for each in decision.events] == [(), ()]


def test_any_guardian_may_take_a_signature_back() -> None:
    father = an_answer("revocation", contact_id="father")

    assert take_answer(a_book(a_consent(0)), father, a_context(a_student())).events


@pytest.mark.parametrize("state", ["asked", "refused", "revoked"])
def test_only_what_was_signed_can_be_taken_back(state: str) -> None:
    book = a_book(a_consent(0, state=state))

    assert take_answer(book, an_answer("revocation"), a_context(a_student())).state == book


def test_an_erased_consent_is_still_taken_back() -> None:
    book = a_book(a_consent(0, facts=Erased()))

    decision = take_answer(book, an_answer("revocation"), a_context(a_student()))

    assert decision.state.consents[0].state == "revoked"


def test_revoking_on_behalf_of_a_family_works_once_and_for_what_is_signed_alone() -> None:
    asked = RevokeConsent(key=key_of("r"), scope=SCOPE, student_id=STUDENT, consent_id="consent")

    first = revoke_for_family(a_book(a_consent(0)), asked, a_context())
    again = revoke_for_family(first.state, asked, a_context())

    assert types_of(first.events) == ["ConsentRevoked"]
    assert again.events == ()
    for book, code in (
        (None, "student_unknown"),
        (a_book(), "student_unknown"),
        (a_book(a_consent(state="asked")), "consent_ended"),
    ):
        with pytest.raises(Refused, match=code):
            revoke_for_family(book, asked, a_context())
