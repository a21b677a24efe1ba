"""A consent book against a model that knows only who said yes or no to whom, and when.

Three sorts of words count: the family's answer about a partner for this need, whether a standing
permission is live, and that its own no for the need outweighs that permission.
"""

from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from schemas.plans import ConsentRequested, DisclosureRecorded
from schemas.referrals import OfferRecalled
from services.chassis.kernel import Refused, Tick
from services.plans.domain.asking import ask_for_choice
from services.plans.domain.consents import Use, covering
from services.plans.domain.gate import forget_place, pass_gate, run_out
from services.plans.domain.ledger import keep, verify
from services.plans.domain.signing import take_answer
from services.plans.domain.standing import AskStanding, ask_standing
from tests.unit.plans.builders import (
    ABOUT,
    KEY,
    NEED,
    NOW,
    SCOPE,
    STUDENT,
    a_book,
    a_case,
    a_context,
    a_need,
    a_student,
    an_answer,
    chosen,
    key_of,
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
        self.open: list[set[int]] = []  # of each request that nobody signed: who was refused
        self.asked: str | None = None  # the standing permission that lies before the family
        self.standing: str | None = None  # the one that was given
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

    def _was_asked(self) -> bool:
        """Whether the message made a request about the need."""
        asked = [each for each in self.told if isinstance(each, ConsentRequested)]
        self.open += [set() for _ in asked]
        return bool(asked)

    @rule()
    def choose(self) -> None:
        is_open = any(
            each.need_id == NEED and each.state == "asked" and self.now < each.open_until
            for each in self.book.consents
        )
        self._take(ask_for_choice, chosen())
        if self._was_asked():
            assert not is_open
            assert not self._covers(0)

    @rule(parties=PARTIES)
    def sign(self, parties: set[int]) -> None:
        self._take(take_answer, an_answer("consent", *parties, consent_id=None))
        if self.open:
            refused = self.open.pop()
            ticked = parties or ALL - refused  # a tick outweighs an earlier no to the same ask
            self.words = {each: each in ticked for each in ALL}

    @rule(parties=PARTIES)
    def refuse(self, parties: set[int]) -> None:
        self._take(take_answer, an_answer("refusal", *parties, consent_id=None))
        if self.open:
            self.open[-1] |= parties or ALL
            self.words |= dict.fromkeys(parties or ALL, False)
            self.open = self.open[:-1] if self.open[-1] == ALL else self.open
        self._take_back(parties)

    @rule(parties=PARTIES)
    def revoke(self, parties: set[int]) -> None:
        self._take(take_answer, an_answer("revocation", *parties, consent_id=None))
        self._take_back(parties)

    def _take_back(self, parties: set[int]) -> None:
        """Only what was signed can be taken back."""
        signed = {each for each in parties or ALL if self.words.get(each)}
        self.words |= dict.fromkeys(signed, False)

    @rule()
    def ask_for_standing(self) -> None:
        asked = AskStanding(
            key=key_of("s"), scope=SCOPE, student_id=STUDENT, consent_class="enrichment"
        )
        lies = self.book.find(self.asked)
        is_open = lies is not None and lies.state == "asked" and self.now < lies.open_until
        try:
            self._take(ask_standing, asked)
        except Refused:
            assert is_open or self.standing
        else:
            assert not is_open
            assert not self.standing
            self.asked = self.told[0].consent_id

    @rule(kind=st.sampled_from(("consent", "refusal", "revocation")))
    def answer_standing(self, kind: str) -> None:
        which = self.standing or self.asked
        if which is None:
            return
        self._take(take_answer, an_answer(kind, consent_id=which, need_id=which))
        if kind == "consent" and not self.standing:
            self.standing, self.asked = which, None
        elif kind == "refusal":
            self.standing = self.asked = None
        elif kind == "revocation":
            self.standing = None
        self._ring()

    @rule(number=st.integers(0, 4))
    def accept(self, number: int) -> None:
        self._take(pass_gate, offer_accepted(number))
        released = [type(each).__name__ for each in self.told].count("PacketReleased")
        assert released == (1 if self._covers(number) else 0)
        if self._was_asked():
            assert not self._covers(number)

    @rule(number=st.integers(0, 4))
    def recall(self, number: int) -> None:
        said = OfferRecalled(
            **ABOUT, offer_id=f"offer-{number}", seat="freed", code="moved", recalled_at=self.now
        )
        self._take(forget_place, said)

    @rule(days=st.integers(1, 4))
    def wait(self, days: int) -> None:
        self.now += timedelta(days=days)
        self._ring()

    def _ring(self) -> None:
        """Every clock that has run out; one that was only to be looked at may run on."""
        for name, at in dict(self.book.clocks).items():
            if at <= self.now:
                tick = Tick(kind="consent_books", subject=STUDENT, name=name, at=at)
                self._take(run_out, tick)
                assert self.book.clocks.get(name, self.now + timedelta(1)) > self.now

    def _covers(self, number: int) -> bool:
        return self.words.get(number, self.standing is not None)

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
