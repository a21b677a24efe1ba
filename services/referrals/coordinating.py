"""Partners, and the people who answer for them, as an operator names them one by one."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from schemas.envelope import Erased
from schemas.referrals import CoordinatorCard
from services.chassis.kernel import Refused
from services.chassis.process import Process
from services.chassis.scope import Principal, Scope
from services.referrals import repository
from services.referrals.domain.directory import Coordinator, Organization, PutCoordinator
from services.referrals.usecases import DirectoryDesk

ACTOR: Final = "operator"
UNKNOWN: Final = (
    "There is no organization {id} in district {district}: "
    "`wraparound directory organizations` lists them."
)


async def organizations(process: Process, district: str) -> list[Organization]:
    """The partners of a district, by name."""
    rows = process.database.collection(repository.ORGANIZATIONS.collection)
    found = await rows.find(Scope(district=district).filter())
    partners = map(repository.organization_of, found)
    return sorted(partners, key=lambda each: (each.name.casefold(), each.organization_id))


async def is_district(process: Process, district: str) -> bool:
    """Whether the card of a district has come; it does once its roster was brought in."""
    rows = process.database.collection(repository.DISTRICTS.collection)
    return await rows.find_one({**Scope(district=district).filter(), "_id": district}) is not None


@dataclass(frozen=True)
class Coordinating:
    """At the door of a process; what is said twice is said once."""

    process: Process

    async def enter(
        self, person: Principal, *, email: str | None = None, phone: str | None = None
    ) -> None:
        """Say who somebody is, who is told of the partner's offers from now on.

        Channels that are not given stay as they are.

        Raises:
            Refused: `organization_unknown`.
        """
        await self._require(person)
        card = await self._card(person)
        said = CoordinatorCard(
            name=person.name,
            email=email or card.email,
            phone=phone or card.phone,
            locale=person.locale,
        )
        await self._put(person, said, is_active=True)

    async def leave(self, person: Principal) -> None:
        """Somebody answers for the partner no more, and is told of nothing."""
        await self._put(person, await self._card(person), is_active=False)

    async def _put(self, person: Principal, card: CoordinatorCard, *, is_active: bool) -> None:
        coordinator = Coordinator(
            coordinator_id=person.user_id,
            district=person.district,
            organization_id=person.organization_id or "",
            card=card,
            is_active=is_active,
        )
        asked = PutCoordinator(key=self._key(), scope=_scope(person), coordinator=coordinator)
        await DirectoryDesk(self.process.engine.committer).put(asked)

    async def _card(self, person: Principal) -> CoordinatorCard:
        kind = repository.COORDINATORS
        row = await self.process.database.collection(kind.collection).find_one(
            {**_scope(person).filter(), "_id": person.user_id}
        )
        keys = await self.process.engine.vault.keyring([person.user_id])
        known = kind.read(row, keys).card if row else Erased()
        nothing = CoordinatorCard(name=person.name, locale=person.locale)
        return nothing if isinstance(known, Erased) else known

    async def _require(self, person: Principal) -> None:
        rows = self.process.database.collection(repository.ORGANIZATIONS.collection)
        wanted = {**_scope(person).filter(), "_id": person.organization_id}
        if await rows.find_one(wanted) is None:
            sentence = UNKNOWN.format(id=person.organization_id, district=person.district)
            raise Refused("organization_unknown", sentence)

    def _key(self) -> UUID:
        return self.process.clocks.new_id()


def _scope(person: Principal) -> Scope:
    return Scope(district=person.district, actor=ACTOR)
