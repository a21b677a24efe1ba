from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from schemas.codes import Seat
from services.chassis.kernel import Context, Decision, Refused
from services.referrals.domain import needs, offering
from services.referrals.domain.answers import AcceptOffer, DeclineOffer, accept, decline
from services.referrals.domain.directory import Service
from services.referrals.domain.referral import ANSWER, Referral, referral_id_of
from services.referrals.domain.seats import (
    Change,
    EditSeats,
    PutSeats,
    Seats,
    edit_seats,
    put_seats,
    seat_change,
)
from tests.unit.referrals.acting import KEY, run_out
from tests.unit.referrals.builders import (
    DISTRICT,
    TODAY,
    a_book,
    a_choice,
    a_context,
    a_directory,
    a_need,
    a_service,
    a_withdrawal,
    seats,
    the_partner,
)

SCOPE = the_partner()


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ("none", "held", Change(held=1)),
        ("held", "taken", Change(held=-1, taken=1)),
        ("none", "taken", Change(taken=1)),
        ("held", "freed", Change(held=-1)),
        ("taken", "freed", Change(taken=-1)),
        ("none", "none", Change()),
        ("freed", "freed", Change()),
    ],
)
def test_a_seat_moves_as_its_offer_does(before: Seat, after: Seat, change: Change) -> None:
    assert seat_change(before, after) == change


def put(before: Seats | None = None, **given: Any) -> Seats:
    asked = {
        "service_id": "s1",
        "organization_id": "o1",
        "categories": ("enrich.tutoring",),
        "accepts_waitlist": False,
        "maximum": 5,
        "occupied_outside": 1,
        "updated_on": TODAY,
    }
    command = PutSeats(key=KEY, scope=SCOPE, **{**asked, **given})
    return put_seats(before, command, a_context()).state


def test_newer_figures_of_a_directory_count_and_older_ones_do_not() -> None:
    known = put()
    assert (known.maximum, known.free) == (5, 4)
    older = TODAY.replace(day=1)
    assert put(known, maximum=9, updated_on=older) == known
    newer = TODAY.replace(day=28)
    assert put(known, maximum=9, updated_on=newer).maximum == 9


def test_a_directory_without_figures_leaves_places_unknown() -> None:
    assert put(maximum=None, updated_on=None, occupied_outside=0).free is None


def test_imported_figures_leave_holds_as_they_are() -> None:
    held = seats(held=2, taken=1, updated_on=None)
    assert (put(held).held, put(held).taken) == (2, 1)


def edit(before: Seats | None, **given: Any) -> Decision[Seats]:
    asked = {"service_id": "s1", "maximum": 3, "occupied_outside": 0, "is_taking": True, **given}
    return edit_seats(before, EditSeats(key=KEY, scope=SCOPE, **asked), a_context())


def test_a_coordinators_lower_number_cancels_nothing() -> None:
    lowered = edit(seats(held=2, taken=2, maximum=9), maximum=3).state
    assert (lowered.held, lowered.taken, lowered.free) == (2, 2, -1)
    assert lowered.updated_on == TODAY


@pytest.mark.parametrize(
    "given", [{"occupied_outside": 4}, {"occupied_outside": -1}, {"maximum": 10_001}]
)
def test_figures_that_cannot_be_are_refused(given: dict[str, int]) -> None:
    with pytest.raises(Refused) as refusal:
        edit(seats(), **given)
    assert refusal.value.code == "figures_wrong"


def test_a_service_that_is_not_there_has_no_places_to_edit() -> None:
    with pytest.raises(Refused) as refusal:
        edit(None)
    assert refusal.value.code == "service_unknown"


def a_club(number: int) -> Service:
    return a_service(f"s{number}", organization_id=f"o{number}")


class OffersAndSeats(RuleBasedStateMachine):
    """Many needs, few places: whatever happens in whatever order, no place is held twice."""

    @initialize(places=st.lists(st.integers(0, 2), min_size=2, max_size=3))
    def begin(self, places: list[int]) -> None:
        clubs = [a_club(n) for n in range(len(places))]
        self.directory = a_directory(*clubs)
        self.book = a_book(*(seats(f"s{n}", maximum=most) for n, most in enumerate(places)))
        self.referrals: dict[str, Referral] = {}
        self.yes = 0

    @property
    def context(self) -> Context:
        return a_context(directory=self.directory, book=self.book)

    def take(self, decision: Decision[Any]) -> None:
        for event in decision.events:
            self.book.see(event)
        if decision.state is not None:
            self.referrals[decision.state.referral_id] = decision.state

    def open_or(self, number: int) -> Referral:
        need = f"need{number}"
        if referral_id_of(need) not in self.referrals:
            self.take(needs.open_referral(None, a_need(need), self.context))
        return self.referrals[referral_id_of(need)]

    @rule(number=st.integers(0, 5), rank=st.integers(0, 2))
    def choose(self, number: int, rank: int) -> None:
        referral = self.open_or(number)
        proposed = [each for each in referral.offers if each.state == "PROPOSED"]
        if rank < len(proposed):
            act = a_choice(referral, rank=rank)
            self.attempt(lambda: offering.choose(referral, act, self.context))

    @rule(number=st.integers(0, 5))
    def say_yes(self, number: int) -> None:
        self.answer(number, AcceptOffer, accept)

    @rule(number=st.integers(0, 5))
    def say_no(self, number: int) -> None:
        self.answer(number, DeclineOffer, decline, code="no-capacity")

    @rule(number=st.integers(0, 5))
    def keep_silent(self, number: int) -> None:
        referral = self.open_or(number)
        if ANSWER in referral.clocks:
            self.take(run_out(referral, self.context))

    @rule(number=st.integers(0, 5))
    def withdraw(self, number: int) -> None:
        referral = self.open_or(number)
        said = a_withdrawal(need_id=referral.need_id)
        self.take(needs.withdraw(referral, said, self.context))

    def answer(self, number: int, kind: Any, decide: Any, **given: Any) -> None:
        referral = self.open_or(number)
        if referral.live:
            offer = referral.live
            asked = kind(
                key=KEY,
                scope=the_partner(offer.organization_id),
                referral_id=referral.referral_id,
                offer_id=offer.offer_id,
                **given,
            )
            self.attempt(lambda: decide(referral, asked, self.context))

    def attempt(self, act: Any) -> None:
        try:
            self.take(act())
        except Refused:
            return

    @invariant()
    def figures_are_those_of_the_offers(self) -> None:
        for service_id, known in getattr(self, "book", a_book()).seats.items():
            offers = [
                each
                for referral in getattr(self, "referrals", {}).values()
                for each in referral.offers
                if each.service_id == service_id
            ]
            assert known.held == sum(each.seat == "held" for each in offers)
            assert known.taken == sum(each.seat == "taken" for each in offers)

    @invariant()
    def no_place_is_given_twice(self) -> None:
        for known in getattr(self, "book", a_book()).seats.values():
            assert known.free is None or known.free >= 0

    @invariant()
    def one_partner_is_asked_at_a_time(self) -> None:
        for referral in getattr(self, "referrals", {}).values():
            live = [each for each in referral.offers if each.is_live]
            assert len(live) <= 1
            assert referral.district == DISTRICT
            assert bool(live) == (referral.state in {"OFFERED", "ACCEPTED"})


TestOffersAndSeats = OffersAndSeats.TestCase
TestOffersAndSeats.settings = settings(stateful_step_count=20)
