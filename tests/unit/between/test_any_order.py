"""The plan and the referral service, hearing of each other in any order, about one need.

People do at any moment what their pages let them do. Once everything was heard, both services must
mean the same, nothing may be in limbo, and whoever has to act must be told.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from deploy.checker.holds import unsigned_after_hold
from schemas import topics
from schemas.codes import FamilyAnswer
from schemas.envelope import seal_of
from schemas.notifications import AnswerFacts, FamilyAnswered
from services.chassis.kernel import Refused, Tick, derived
from services.chassis.scope import Scope
from services.plans.domain.acts import ChoosePartner, RecordAnswer
from services.plans.domain.cases import Case
from services.plans.domain.consents import Consent, ConsentBook
from services.plans.domain.covering import Use, covering
from services.plans.domain.ledger import Entry, LedgerKey, verify
from services.plans.domain.needs import Need, WithdrawNeed, WriteNeed
from services.plans.domain.rights import in_force
from services.plans.domain.signing import RevokeConsent
from services.plans.domain.standing import AskStanding
from services.plans.domain.students import RegisterStudent, Student
from services.plans.importing import STUDENT as REGISTER
from services.plans.usecases import (
    ASK_STANDING,
    CHOOSE,
    RECORD,
    REVOKE,
    WITHDRAW,
    WRITE,
    need_id_of,
)
from services.referrals.domain.answers import AcceptOffer, DeclineOffer
from services.referrals.domain.districts import District
from services.referrals.domain.referral import Offer, Referral, referral_id_of
from services.referrals.usecases import ACCEPT, DECLINE
from tests.unit.between.builders import (
    DISTRICT,
    FATHER,
    MOTHER,
    STUDENT_ID,
    a_family,
    a_slow_door,
    as_seen,
)
from tests.unit.referrals.builders import message_id

NUMBER: Final = st.integers(0, 7)
MANY: Final = 100_000
TOPICS_HEARD: Final = (
    topics.PEOPLE,
    topics.NEEDS,
    topics.CONSENTS,
    topics.REFERRALS,
    topics.ANSWERS,
)
LINES: Final = [(n, topic) for topic in TOPICS_HEARD for n in (0, 1)]


class AnyOrder(RuleBasedStateMachine):
    """One need of one student, three partners, two guardians."""

    @initialize(
        services=st.integers(1, 3),
        restricted=st.booleans(),
        offer_first=st.booleans(),
        mode=st.sampled_from(("assisted", "manual", "automatic")),
        steps=st.integers(0, 5),
    )
    def begin(
        self, *, services: int, restricted: bool, offer_first: bool, mode: Any, steps: int
    ) -> None:
        self.messages = 0
        self.was_limited = False  # a Packet that is out outlasts the rights of its signer
        self.restricted = restricted
        of_district = District(district=DISTRICT, offer_first=offer_first, offer_mode=mode)
        door = self.door = a_slow_door(of_district, services)
        self.scope = Scope(DISTRICT, actor="manager")
        self._ask(RegisterStudent, REGISTER, student=a_family(barred=False))
        key = self._key()
        self.need_id = need_id_of(key)
        door.ask(
            WriteNeed(
                key=key,
                scope=self.scope,
                need_id=self.need_id,
                student_id=STUDENT_ID,
                category="enrich.tutoring",
                summary="Help",
                urgency="routine",
                is_restricted=restricted,
            ),
            WRITE,
        )
        for _ in range(steps):
            self.go_on()

    # -- what is there -----------------------------------------------------------------------------

    def _key(self) -> UUID:
        self.messages += 1
        return message_id(f"message {self.messages}")

    def _ask(self, kind: Any, route: Any, **given: Any) -> None:
        given = {"key": self._key(), "scope": self.scope, **given}
        with suppress(Refused):  # it moved on meanwhile, as it does for people
            self.door.ask(kind(**given), route)

    @property
    def need(self) -> Need:
        found = self.door.find(Need, self.need_id)
        assert found is not None
        return found

    @property
    def book(self) -> ConsentBook:
        found = self.door.find(ConsentBook, STUDENT_ID)
        return found or ConsentBook(student_id=STUDENT_ID, district=DISTRICT)

    @property
    def referral(self) -> Referral | None:
        return self.door.find(Referral, referral_id_of(self.need_id))

    @property
    def case(self) -> Case | None:
        return self.door.find(Case, referral_id_of(self.need_id))

    @property
    def live(self) -> Offer | None:
        return self.referral.live if self.referral else None

    # -- what happens ------------------------------------------------------------------------------

    @precondition(lambda self: self.door.waiting)
    @rule(number=NUMBER)
    def hear(self, number: int) -> None:
        if waiting := self.door.waiting:
            self.door.let_hear(waiting[number % len(waiting)])

    @precondition(lambda self: self.door.waiting)
    @rule(behind=st.sets(NUMBER))
    def catch_up(self, behind: set[int]) -> None:
        """All is heard, but of some lines."""
        for _ in range(100):
            lines = [each for n, each in enumerate(LINES) if n not in behind]
            if not (heard := [each for each in lines if each in self.door.waiting]):
                return
            self.door.let_hear(heard[0])

    @rule()
    def go_on(self) -> None:
        """What happens if nothing comes between: chosen, accepted, signed."""
        self.catch_up(set())
        if self._consents("asked") and self.live is None:
            self.sign(0, {0, 1, 2}, who=True)
        elif self.live is None:
            self.choose(0)
        elif self.live.state == "OFFERED":
            self.partner_answers(says_yes=True)
        elif not self.live.packet:
            self.sign(0, {0, 1, 2}, who=True)

    @property
    def may_choose(self) -> bool:
        case = self.case
        return bool(case and not case.live and not self.need.is_asking and case.untried)

    @precondition(lambda self: self.may_choose)
    @rule(number=NUMBER)
    def choose(self, number: int) -> None:
        case = self.case
        if case is None or not self.may_choose:
            return
        chosen = case.untried[number % len(case.untried)]
        self._ask(ChoosePartner, CHOOSE, need_id=self.need_id, offer_id=chosen.offer_id)

    @precondition(lambda self: self.live and self.live.state == "OFFERED")
    @rule(says_yes=st.booleans())
    def partner_answers(self, *, says_yes: bool) -> None:
        if self.live and self.referral:
            given: dict[str, Any] = {
                "scope": Scope(
                    DISTRICT,
                    actor="coordinator",
                    within={"organization_ids": frozenset({self.live.organization_id})},
                ),
                "referral_id": self.referral.referral_id,
                "offer_id": self.live.offer_id,
            }
            if says_yes:
                self._ask(AcceptOffer, ACCEPT, **given)
            else:
                self._ask(DeclineOffer, DECLINE, code="no-capacity", **given)

    @precondition(lambda self: self.case and self.case.live and self.case.live.state == "OFFERED")
    @rule(answer=st.sampled_from(("accept", "decline")))
    def partner_calls(self, answer: Any) -> None:
        live = self.case.live if self.case else None
        if live:
            self._ask(
                RecordAnswer,
                RECORD,
                need_id=self.need_id,
                offer_id=live.offer_id,
                answer=answer,
                code="no-capacity",
                said_by="Ruth",
                channel="phone",
            )

    def _consents(self, *states: str) -> list[Consent]:
        return [each for each in self.book.consents if each.state in states]

    def _family(self, kind: FamilyAnswer, consent: Consent, who: str, *named: str) -> None:
        facts = AnswerFacts(
            typed_name="Somebody", organization_ids=named, locale="es", step_up="pin"
        )
        self.messages += 1
        self.door.hear(
            FamilyAnswered(
                link_id=f"link {self.messages}",
                student_id=STUDENT_ID,
                contact_id=who,
                need_id=consent.need_id,
                answer_id=derived(self._key(), "answer", 0),
                kind=kind,
                at=self.door.now,
                consent_id=consent.consent_id,
                sealed=seal_of(STUDENT_ID, facts),
            )
        )

    @precondition(lambda self: self._consents("asked"))
    @rule(number=NUMBER, ticked=st.sets(st.integers(0, 2), min_size=1), who=st.booleans())
    def sign(self, number: int, ticked: set[int], *, who: bool) -> None:
        if asked := self._consents("asked"):
            consent = asked[number % len(asked)]
            named = consent.facts.named  # type: ignore[union-attr]
            chosen = [each for n, each in enumerate(named) if n in ticked] or named[:1]
            self._family("consent", consent, MOTHER if who else FATHER, *chosen)

    @precondition(lambda self: self._consents("asked"))
    @rule(number=NUMBER)
    def refuse(self, number: int) -> None:
        asked = self._consents("asked")
        if asked and number < 3:
            self._family("refusal", asked[number % len(asked)], MOTHER)

    @precondition(lambda self: self._consents("given"))
    @rule(number=NUMBER, by_phone=st.booleans())
    def take_back(self, number: int, *, by_phone: bool) -> None:
        if given := self._consents("given"):
            consent = given[number % len(given)]
            if by_phone:
                self._ask(
                    RevokeConsent, REVOKE, student_id=STUDENT_ID, consent_id=consent.consent_id
                )
            else:
                self._family("revocation", consent, FATHER)

    @rule()
    def ask_for_all(self) -> None:
        self._ask(AskStanding, ASK_STANDING, student_id=STUDENT_ID, consent_class="enrichment")

    @rule(barred=st.booleans())
    def bar(self, *, barred: bool) -> None:
        self.was_limited |= barred
        self._ask(RegisterStudent, REGISTER, student=a_family(barred=barred))

    @rule(hours=st.sampled_from((1, 30, 200, 400)))
    def wait(self, hours: int) -> None:
        self.door.now += timedelta(hours=hours)
        self._ring()

    def _ring(self) -> None:
        clocks: list[tuple[type, str, Mapping[str, datetime]]] = [
            (ConsentBook, STUDENT_ID, self.book.clocks)
        ]
        if self.referral:
            clocks.append((Referral, self.referral.referral_id, self.referral.clocks))
        for kind, subject, running in clocks:
            for name, at in running.items():
                if at <= self.door.now:
                    tick = Tick(kind=kind.__name__, subject=subject, name=name, at=at)
                    self.door.ring(tick, kind)

    @rule(code=st.sampled_from(("staff-decision", "family-declined")), number=NUMBER)
    def withdraw(self, code: Any, number: int) -> None:
        if number:
            return  # most needs go on
        self._ask(WithdrawNeed, WITHDRAW, need_id=self.need_id, code=code)

    # -- what must hold ----------------------------------------------------------------------------

    @rule()
    def settle(self) -> None:
        for _ in range(500):
            for line in self.door.waiting:
                self.door.let_hear(line)
            self._ring()
            if not self.door.waiting:
                break
        assert not self.door.waiting
        self._both_mean_the_same()
        self._nothing_is_in_limbo()
        self._nothing_goes_further_than_allowed()
        self._nothing_went_out_on_hold()
        self._whoever_acts_is_told()

    def _both_mean_the_same(self) -> None:
        referral, case = self.referral, self.case
        assert referral is not None
        assert case is not None
        assert self.need.is_open == referral.is_open
        assert {each.offer_id: each.state for each in case.offers} == {
            each.offer_id: each.state for each in referral.offers if each.was_asked
        }
        assert case.kept_offer_id == referral.kept_offer_id

    def _nothing_is_in_limbo(self) -> None:
        assert not self.need.is_asking
        kept = {each.offer_id for each in self.book.pending}
        live = self.live
        waits = {live.offer_id} if live and live.state == "ACCEPTED" and not live.packet else set()
        assert kept == waits
        assert not (waits and self.is_signed)

    @property
    def is_signed(self) -> bool:
        """Whether somebody with the rights allowed the partner of the live offer to see it."""
        family = self.door.find(Student, STUDENT_ID)
        if self.live is None or family is None:
            return False
        use = Use(
            organization_id=self.live.organization_id,
            need_id=self.need_id,
            category="enrich.tutoring",
            restricted=self.restricted,
        )
        book = in_force(self.book, family, self.door.now, self.door.now.date())
        return covering(book, use, self.door.now) is not None

    def _nothing_goes_further_than_allowed(self) -> None:
        live = self.live
        use_is_limited = live and (live.shows_packet or self.restricted)
        if use_is_limited and not self.was_limited:
            assert self.is_signed

    def _nothing_went_out_on_hold(self) -> None:
        assert [*unsigned_after_hold(map(as_seen, range(MANY), self.door.told))] == []

    def _whoever_acts_is_told(self) -> None:
        need, live = self.need, self.live
        if need.is_open and live is None:
            assert need.attention is not None
        if need.is_open and live and live.state == "ACCEPTED" and not live.packet:
            assert need.attention is not None

    def teardown(self) -> None:
        if hasattr(self, "door"):
            self.settle()
            entries = sorted(self.door.all(Entry), key=lambda each: each.number)
            assert not [*verify(entries, self.book.ledger, LedgerKey(b"key"))]


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(
    stateful_step_count=25,
    max_examples=max(150, settings().max_examples),  # most of few are short
)
