"""What happens to the needs of one student in the course of a year, decided in memory.

People do what `deploy.simulator.fate` draws, as in a simulation: a case manager sends a need to the
first in rank, the family signs or not, the partner answers or not. A need that is older than
`SETTLED_AFTER` is over: nothing of it waits for anybody.
"""

import heapq
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from typing import Any, Final
from uuid import UUID

from uuid_utils.compat import uuid5

from deploy.simulator.arrivals import Arrival
from deploy.simulator.fate import Fate
from deploy.simulator.state.door import MemoryDoor
from deploy.simulator.state.post import Post, Said, Signed
from schemas.envelope import Event
from schemas.notifications import MessageQueued
from schemas.plans import ConsentRequested, PacketReleased
from schemas.referrals import CandidatesRanked, OfferMade
from services.chassis.kernel import NAMESPACE, Refused, Tick
from services.chassis.scope import Scope
from services.chassis.working import Loaded
from services.plans.domain.acts import ChoosePartner
from services.plans.domain.cases import Case
from services.plans.domain.consents import ConsentBook
from services.plans.domain.needs import WithdrawNeed, WriteNeed
from services.plans.domain.students import Student
from services.plans.usecases import CHOOSE, WITHDRAW, WRITE, need_id_of
from services.referrals.domain.answers import AcceptOffer, DeclineOffer
from services.referrals.domain.offering import UNMET_AGAIN
from services.referrals.domain.referral import REMATCH, Referral
from services.referrals.usecases import ACCEPT, DECLINE

SETTLED_AFTER: Final = timedelta(days=45)
SUMMARY: Final = "Would like some help twice a week"
SIGNED: Final[dict[str, Signed]] = {"agree": "consent", "refuse": "refusal"}
SAID: Final[dict[str, Said]] = {
    "yes": "confirmation",
    "no": "cannot-come",
    "other": "other-time",
}
CLOCKED: Final = (Referral, ConsentBook)
Step = Callable[[], None]


@dataclass(kw_only=True)
class Story:
    """One student's needs, from the first to now."""

    door: MemoryDoor
    fate: Fate
    student: Student
    ends: datetime
    _steps: list[tuple[datetime, int, Step]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)
    _set: set[tuple[str, str, datetime]] = field(default_factory=set)  # clocks

    def play(self, needs: Sequence[Arrival]) -> None:
        """Let all of it happen, in the order of time, until now."""
        for each in needs:
            self._at(each.at, partial(self._write, each))
        while self._steps:
            self.door.now, _, step = heapq.heappop(self._steps)
            with suppress(Refused):  # it moved on meanwhile, as it does for people
                step()
            said, moved = self.door.look()
            for event in said:
                self._react(event)
            for held in moved:
                if held.kind.state in CLOCKED:
                    self._set_clocks(held)

    def _at(self, at: datetime, step: Step) -> None:
        if at < self.ends:
            cut = at.replace(microsecond=at.microsecond // 1_000 * 1_000)  # as clocks tell it
            heapq.heappush(self._steps, (cut, next(self._numbers), step))

    def _later(self, about: str, step: Step) -> None:
        self._at(self.door.now + self.fate.waits(about), step)

    def _react(self, event: Event) -> None:
        match event:
            case CandidatesRanked():
                self._later(f"choose {event.run_id}", partial(self._choose, event))
            case ConsentRequested():
                self._later(f"sign {event.consent_id}", partial(self._sign, event))
            case OfferMade():
                self._await_answer(event)
            case PacketReleased():
                self._later(f"come {event.offer_id}", partial(self._come, event))
            case MessageQueued():
                self._send(event.message_id)
            case _:
                pass

    def _set_clocks(self, on: Loaded) -> None:
        """Let every clock that was set or moved run out at its time."""
        kind: type = on.kind.state
        for name, set_to in on.state.clocks.items():
            at = self._last_look(on, set_to) if name == REMATCH else set_to
            if (on.id, name, at) not in self._set:
                self._set.add((on.id, name, at))
                tick = Tick(kind=kind.__name__, subject=on.id, name=name, at=at)
                self._at(at, partial(self.door.ring, tick, kind))

    def _last_look(self, on: Loaded, at: datetime) -> datetime:
        """Of the daily looks for an unmet need only the last: the directory stays as it is."""
        days = max((self.ends - at) // UNMET_AGAIN, 0)
        at += days * UNMET_AGAIN
        on.state = on.state.with_clock(REMATCH, at)
        return at

    # -- what people do --------------------------------------------------------------------------

    def _write(self, arrival: Arrival) -> None:
        key = self._key("need", arrival.number)
        asked = WriteNeed(
            key=key,
            scope=self._manager,
            need_id=need_id_of(key),
            student_id=self.student.student_id,
            category=arrival.category,
            summary=SUMMARY,
            urgency="routine",
        )
        self.door.ask(asked, WRITE)
        self._at(arrival.at + SETTLED_AFTER, partial(self._settle, asked.need_id))

    def _settle(self, need_id: str) -> None:
        asked = WithdrawNeed(
            key=self._key("settle", need_id),
            scope=self._manager,
            need_id=need_id,
            code="staff-decision",
        )
        self.door.ask(asked, WITHDRAW)

    def _choose(self, said: CandidatesRanked) -> None:
        case = self.door.find(Case, said.referral_id)
        if case is None or case.live or case.kept_offer_id or not case.ranking:
            return
        tried = {each.offer_id for each in case.offers}
        first = next((each for each in case.ranking if each.offer_id not in tried), None)
        if first is not None:
            asked = ChoosePartner(
                key=self._key("choose", first.offer_id),
                scope=self._manager,
                need_id=said.need_id,
                offer_id=first.offer_id,
            )
            self.door.ask(asked, CHOOSE)

    def _await_answer(self, made: OfferMade) -> None:
        word = self.fate.answer(made.offer_id)
        if word != "silence":  # then a clock runs out
            self._later(f"answer {made.offer_id}", partial(self._answer, made, word))

    def _answer(self, made: OfferMade, word: str) -> None:
        referral = self.door.find(Referral, made.referral_id)
        offer = referral.find(made.offer_id) if referral else None
        if offer is None:
            return
        own = {"organization_ids": frozenset({offer.organization_id})}
        given: dict[str, Any] = {
            "key": self._key(word, made.offer_id),
            "scope": Scope(self.student.district, actor=offer.organization_id, within=own),
            "referral_id": made.referral_id,
            "offer_id": made.offer_id,
        }
        if word == "accept":
            self.door.ask(AcceptOffer(**given), ACCEPT)
        else:
            self.door.ask(DeclineOffer(**given, code="no-capacity"), DECLINE)

    def _send(self, message_id: str) -> None:
        again_at = self._post.send(message_id)
        if again_at is not None:
            self._at(max(again_at, self.door.now), partial(self._send, message_id))

    def _sign(self, asked: ConsentRequested) -> None:
        word = SIGNED.get(self.fate.signature(asked.consent_id))
        if word:
            self._post.sign(asked.consent_id, asked.contact_id, word)

    def _come(self, said: PacketReleased) -> None:
        word = SAID.get(self.fate.coming(said.offer_id))
        if word:
            self._post.come(said.offer_id, word)

    @property
    def _post(self) -> Post:
        return Post(
            door=self.door, student_id=self.student.student_id, district=self.student.district
        )

    @property
    def _manager(self) -> Scope:
        return Scope(self.student.district, actor=self.student.case_manager_id)

    def _key(self, *about: object) -> UUID:
        return uuid5(NAMESPACE, f"{self.student.student_id} {about}")
