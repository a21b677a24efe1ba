"""A consent book against a model that knows only who said yes or no to whom, and when.

Three sorts of words count: the family's answer about a partner for this need, whether a standing
permission is live, and that its own no for the need outweighs that permission. A yes counts as long
as one who said it is not barred; a no counts whoever said it.
"""

from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from schemas.plans import ConsentRequested, DisclosureRecorded, PacketReleased
from schemas.referrals import OfferRecalled
from services.chassis.kernel import Context, Refused, Tick
from services.plans.domain.asking import ask_for_choice, follow_student
from services.plans.domain.consents import Consent
from services.plans.domain.gate import forget_place, pass_gate, run_out
from services.plans.domain.ledger import keep, verify
from services.plans.domain.signing import take_answer
from services.plans.domain.standing import AskStanding, ask_standing
from services.plans.domain.students import card_of
from tests.unit.plans.builders import (
    ABOUT,
    KEY,
    MOTHER,
    NEED,
    NOW,
    SCOPE,
    STUDENT,
    a_book,
    a_case,
    a_contact,
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
WHO = st.sampled_from((MOTHER, "father"))
CASE = a_case()  # the partners stand in the ranking: all five are named when the family is asked


class Books(RuleBasedStateMachine):
    """One need, five partners, a mother who may be barred, a father; `words` is the model."""

    @initialize()
    def start(self) -> None:
        self.book = a_book()
        self.now = NOW
        self.family = a_student(a_contact(), a_contact("father"))
        self.barred: set[str] = set()
        self.words: dict[int, set[str]] = {}  # who said yes to each partner; nobody: it was a no
        self.open: list[set[int]] = []  # of each request that nobody signed: who was refused
        self.asked: str | None = None  # the standing permission that lies before the family
        self.standing: dict[str, str] = {}  # those that were given, by whom
        self.messages = 0
        self.entries: list[Any] = []
        self.told: list[Any] = []

    def _take(self, decide: Any, message: Any) -> None:
        self.messages += 1
        context = self._context(f"message {self.messages}")
        decision = decide(self.book, message, context)
        self.book, self.told = decision.state, list(decision.events)
        self.entries += [
            keep(None, each, context).state
            for each in decision.events
            if isinstance(each, DisclosureRecorded)
        ]

    def _context(self, message: str) -> Context:
        return a_context(self.family, CASE, a_need(), now=self.now, message=message)

    def _was_asked(self) -> bool:
        """Whether the message made a request about the need."""
        asked = [each for each in self.told if isinstance(each, ConsentRequested)]
        self.open += [set() for _ in asked]
        return bool(asked)

    def _lies(self, consent: Consent) -> bool:
        """Whether a request lies before somebody who may sign it."""
        is_open = consent.state == "asked" and self.now < consent.open_until
        return is_open and consent.contact_id not in self.barred

    @rule()
    def bar(self) -> None:
        self.barred = {MOTHER}
        gone = a_contact(restrictions=frozenset({"no-contact"}))
        self.family = a_student(gone, a_contact("father"))
        self._take(follow_student, card_of(self.family))
        self._ring()

    @rule()
    def choose(self) -> None:
        is_open = any(each.need_id == NEED and self._lies(each) for each in self.book.consents)
        self._take(ask_for_choice, chosen())
        if self._was_asked():
            assert not is_open
            assert not self._covers(0)

    @rule(parties=PARTIES, who=WHO)
    def sign(self, parties: set[int], who: str) -> None:
        self._take(take_answer, an_answer("consent", *parties, consent_id=None, contact_id=who))
        if self.open and who not in self.barred:
            refused = self.open.pop()
            ticked = parties or ALL - refused  # a tick outweighs an earlier no to the same ask
            said = {each: self.words.get(each, set()) | {who} for each in ticked}
            self.words = {each: said.get(each, set()) for each in ALL}

    @rule(parties=PARTIES)
    def refuse(self, parties: set[int]) -> None:
        self._take(take_answer, an_answer("refusal", *parties, consent_id=None))
        if self.open:
            self.open[-1] |= parties or ALL
            self.words |= {each: set() for each in parties or ALL}
            self.open = self.open[:-1] if self.open[-1] == ALL else self.open
        self._take_back(parties)

    @rule(parties=PARTIES)
    def revoke(self, parties: set[int]) -> None:
        self._take(take_answer, an_answer("revocation", *parties, consent_id=None))
        self._take_back(parties)

    def _take_back(self, parties: set[int]) -> None:
        """Only what was signed can be taken back."""
        signed = {each for each in parties or ALL if self.words.get(each)}
        self.words |= {each: set() for each in signed}

    @rule()
    def ask_for_standing(self) -> None:
        asked = AskStanding(
            key=key_of("s"), scope=SCOPE, student_id=STUDENT, consent_class="enrichment"
        )
        lies = self.book.find(self.asked)
        is_open = lies is not None and self._lies(lies)
        try:
            self._take(ask_standing, asked)
        except Refused:
            assert is_open or self._has_standing()
        else:
            assert not is_open
            assert not self._has_standing()
            self.asked = self.told[0].consent_id

    @rule(kind=st.sampled_from(("consent", "refusal", "revocation")), who=WHO)
    def answer_standing(self, kind: str, who: str) -> None:
        signs = kind == "consent" and self.asked is not None
        which = self.asked if signs else next(iter(self.standing), self.asked)
        if which is None:
            return
        self._take(take_answer, an_answer(kind, consent_id=which, need_id=which, contact_id=who))
        if signs and who not in self.barred:
            self.standing[which], self.asked = who, None
        elif kind != "consent":
            self.standing.pop(which, None)
            self.asked = None if kind == "refusal" and which == self.asked else self.asked
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
                self._was_asked()
                assert self.book.clocks.get(name, self.now + timedelta(1)) > self.now

    def _covers(self, number: int) -> bool:
        said = self.words.get(number)
        if said is not None and (not said or said - self.barred):
            return bool(said)
        return self._has_standing()

    def _has_standing(self) -> bool:
        return bool(set(self.standing.values()) - self.barred)

    @invariant()
    def only_a_yes_that_counts_would_be_released(self) -> None:
        if not hasattr(self, "book"):
            return
        for number in range(5):
            decision = pass_gate(self.book, offer_accepted(number), self._context("tried"))
            would = any(isinstance(each, PacketReleased) for each in decision.events)
            assert would is self._covers(number), number

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
TestBooks.settings = settings(stateful_step_count=20)  # fewer find no bar that matters
