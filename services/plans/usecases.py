"""What people of the school do here: one method each, handed to the commit door."""

from typing import Final, Protocol, TypeVar
from uuid import UUID

from services.chassis.kernel import Command, Reliance, Route, derived
from services.plans.domain import acts, districts, needs, signing, standing
from services.plans.domain.acts import ChoosePartner, RecordAnswer
from services.plans.domain.cases import Case
from services.plans.domain.consents import ConsentBook
from services.plans.domain.districts import District, SetOffering
from services.plans.domain.ledger import LedgerKey
from services.plans.domain.needs import Need, WithdrawNeed, WriteNeed
from services.plans.domain.previews import Cells
from services.plans.domain.school_days import SchoolDays
from services.plans.domain.signing import RevokeConsent
from services.plans.domain.standing import AskStanding
from services.plans.domain.students import Student

S = TypeVar("S")
C = TypeVar("C", bound=Command)


def _referral(need: Need | None, asked: Command) -> str | None:
    del asked
    return need.referral_id if need else None


def _student(need: Need | None, asked: Command) -> str | None:
    del asked
    return need.student_id if need else None


CASE: Final = Reliance(Case, _referral)
WRITE: Final[Route[Need, WriteNeed]] = Route(
    kind=Need,
    by=lambda asked: [asked.need_id],
    decide=needs.write,
    needs=(Cells, SchoolDays),
    relies_on=(Reliance(Student, lambda _, asked: asked.student_id),),
)
WITHDRAW: Final[Route[Need, WithdrawNeed]] = Route(
    kind=Need, by=lambda asked: [asked.need_id], decide=needs.withdraw
)
CHOOSE: Final[Route[Need, ChoosePartner]] = Route(
    kind=Need,
    by=lambda asked: [asked.need_id],
    decide=acts.choose,
    needs=(SchoolDays,),
    relies_on=(CASE, Reliance(Student, _student)),
)
RECORD: Final[Route[Need, RecordAnswer]] = Route(
    kind=Need, by=lambda asked: [asked.need_id], decide=acts.record_answer, relies_on=(CASE,)
)
ASK_STANDING: Final[Route[ConsentBook, AskStanding]] = Route(
    kind=ConsentBook,
    by=lambda asked: [asked.student_id],
    decide=standing.ask_standing,
    needs=(SchoolDays,),
    relies_on=(Reliance(Student, lambda _, asked: asked.student_id),),
)
REVOKE: Final[Route[ConsentBook, RevokeConsent]] = Route(
    kind=ConsentBook,
    by=lambda asked: [asked.student_id],
    decide=signing.revoke_for_family,
    needs=(LedgerKey,),
)
OFFERING: Final[Route[District | None, SetOffering]] = Route(
    kind=District, by=lambda asked: [asked.district_id], decide=districts.set_offering
)


def need_id_of(key: UUID) -> str:
    """The id of the need that a form writes: the same form, the same need."""
    return derived(key, "need", "written")


class Door(Protocol):
    """The commit door, as use cases see it."""

    async def submit(self, command: C, route: Route[S, C]) -> S:
        """The state after a command."""


class Plans:
    """The commands of case managers."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def write_need(self, asked: WriteNeed) -> Need:
        """Write a need. Refuses as `needs.write`."""
        return await self._door.submit(asked, WRITE)

    async def withdraw_need(self, asked: WithdrawNeed) -> Need:
        """Withdraw a need. Refuses as `needs.withdraw`."""
        return await self._door.submit(asked, WITHDRAW)

    async def choose_partner(self, asked: ChoosePartner) -> Need:
        """Send a need to a candidate, and ask the family. Refuses as `acts.choose`."""
        return await self._door.submit(asked, CHOOSE)

    async def record_answer(self, asked: RecordAnswer) -> Need:
        """Record what a partner said elsewhere. Refuses as `acts.record_answer`."""
        return await self._door.submit(asked, RECORD)

    async def ask_standing(self, asked: AskStanding) -> ConsentBook:
        """Ask for a standing permission. Refuses as `standing.ask_standing`."""
        return await self._door.submit(asked, ASK_STANDING)

    async def revoke_consent(self, asked: RevokeConsent) -> ConsentBook:
        """Revoke for a family that said so. Refuses as `signing.revoke_for_family`."""
        return await self._door.submit(asked, REVOKE)

    async def set_offering(self, asked: SetOffering) -> District | None:
        """Change how offers go out. Refuses as `districts.set_offering`."""
        return await self._door.submit(asked, OFFERING)
