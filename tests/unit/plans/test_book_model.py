"""A consent book against a model that knows only who said yes or no to whom, and when."""

from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from schemas.plans import DisclosureRecorded
from schemas.referrals import OfferRecalled
from services.chassis.kernel import Tick
from services.plans.domain.asking import ask_for_choice
from services.plans.domain.consents import Use, covering
from services.plans.domain.gate import forget_place, pass_gate, run_out
from services.plans.domain.ledger import keep, verify
from services.plans.domain.signing import take_answer
from tests.unit.plans.builders import (
    ABOUT,
    KEY,
    NEED,
    NOW,
    STUDENT,
    a_book,
    a_case,
    a_context,
    a_need,
    a_student,
    an_answer,
    chosen,
    offer_accepted,
)

ALL = set(range(5))
PARTIES = st.sets(st.integers(0, 4), max_size=3)
CASE = a_case()  # the partners stand in the ranking: all five are named when the family is asked


class Books(RuleBasedStateMachine):
    """One need, five partners, one mother; `words` is the model."""

    @initialize()
    def start(self) -> None:
        self.book = a_book()
        self.now = NOW
        self.words: dict[int, bool] = {}  # the family's last word about each partner
        self.refused: set[int] | None = None  # of the open request, if there is one
        self.messages = 0
        self.entries: list[Any] = []
        self.told: list[Any] = []

    def _take(self, decide: Any, message: Any) -> None:
        self.messages += 1
        context = a_context(
            a_student(), CASE, a_need(), now=self.now, message=f"message {self.messages}"
        )
        decision = decide(self.book, message, context)
        self.book, self.told = decision.state, list(decision.events)
        self.entries += [
            keep(None, each, context).state
            for each in decision.events
            if isinstance(each, DisclosureRecorded)
        ]

    @rule()
    def choose(self) -> None:
        is_open = any(
            each.state == "asked" and self.now < each.open_until for each in self.book.consents
        )
        self._take(ask_for_choice, chosen())
        if self.told:
            assert not is_open
            assert not self._covers(0)
            self.refused = set()

    @rule(parties=PARTIES)
    def sign(self, parties: set[int]) -> None:
        self._take(take_answer, an_answer("consent", *parties, consent_id=None))
        if self.refused is not None:
            ticked = parties or ALL - self.refused  # a tick outweighs an earlier no to the same ask
            self.words = {each: each in ticked for each in ALL}
            self.refused = None

    @rule(parties=PARTIES)
    def refuse(self, parties: set[int]) -> None:
        self._take(take_answer, an_answer("refusal", *parties, consent_id=None))
        self._no(parties)
        if self.refused is not None:
            self.refused |= parties or ALL
            self.refused = None if self.refused == ALL else self.refused

    @rule(parties=PARTIES)
    def revoke(self, parties: set[int]) -> None:
        self._take(take_answer, an_answer("revocation", *parties, consent_id=None))
        self._no(parties)

    def _no(self, parties: set[int]) -> None:
        self.words |= dict.fromkeys(parties or ALL, False)

    @rule(number=st.integers(0, 4))
    def accept(self, number: int) -> None:
        self._take(pass_gate, offer_accepted(number))
        released = [type(each).__name__ for each in self.told].count("PacketReleased")
        assert released == (1 if self._covers(number) else 0)

    @rule(number=st.integers(0, 4))
    def recall(self, number: int) -> None:
        said = OfferRecalled(
            **ABOUT, offer_id=f"offer-{number}", seat="freed", code="moved", recalled_at=self.now
        )
        self._take(forget_place, said)

    @rule(days=st.integers(1, 4))
    def wait(self, days: int) -> None:
        self.now += timedelta(days=days)
        for name, at in dict(self.book.clocks).items():
            if at <= self.now:
                tick = Tick(kind="consent_books", subject=STUDENT, name=name, at=at)
                self._take(run_out, tick)
                assert name not in self.book.clocks

    def _covers(self, number: int) -> bool:
        return self.words.get(number) is True

    @invariant()
    def only_a_standing_yes_covers(self) -> None:
        if not hasattr(self, "book"):
            return
        for number in range(5):
            use = Use(
                organization_id=f"organization-{number}", need_id=NEED, category="enrich.tutoring"
            )
            assert bool(covering(self.book, use, self.now)) is self._covers(number), number

    @invariant()
    def no_place_waits_for_a_signature_that_has_come_or_cannot(self) -> None:
        if hasattr(self, "book"):
            waiting = {each.organization_id for each in self.book.pending}
            for number in range(5):
                if self._covers(number):
                    assert f"organization-{number}" not in waiting

    @invariant()
    def the_ledger_is_as_written(self) -> None:
        if hasattr(self, "book"):
            assert list(verify(self.entries, self.book.ledger, KEY)) == []


TestBooks = Books.TestCase
TestBooks.settings = settings(stateful_step_count=15)
