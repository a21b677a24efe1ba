"""What people do here: each method hands a command with its route to the door."""

from typing import Any, Final

from schemas import codes
from services.chassis.commit import Committer
from services.chassis.kernel import Command, Refused, Reliance, Route
from services.referrals.domain import answers, directory, seats, sharing
from services.referrals.domain.answers import AcceptOffer, DeclineOffer
from services.referrals.domain.consents import ConsentCopy
from services.referrals.domain.directory import (
    Coordinator,
    Organization,
    PutCoordinator,
    PutOrganization,
    PutService,
    Service,
)
from services.referrals.domain.districts import Districts
from services.referrals.domain.doubts import Doubts, Freshness
from services.referrals.domain.index import Directories
from services.referrals.domain.referral import Offer, Referral
from services.referrals.domain.seat_book import SeatBook
from services.referrals.domain.seats import EditSeats, PutSeats, Seats
from services.referrals.domain.sharing import ViewPacket, ViewPreview
from services.referrals.providers import Edition


def student_of(state: Any, message: Any) -> str | None:
    """Whose consents a decision relies on: said by the message, else by the referral."""
    said = getattr(message, "student_id", None)
    return str(said) if said else getattr(state, "student_id", None)


CONSENTS: Final = Reliance(ConsentCopy, student_of)
MATCHING: Final = (Directories, SeatBook, Districts, Doubts)


def _referral_id(asked: Any) -> list[str]:
    return [asked.referral_id]


ACCEPT: Final[Route[Referral, AcceptOffer]] = Route(
    kind=Referral,
    by=_referral_id,
    decide=answers.accept,
    needs=(SeatBook, Doubts),
    relies_on=(CONSENTS,),
)
DECLINE: Final[Route[Referral, DeclineOffer]] = Route(
    kind=Referral,
    by=_referral_id,
    decide=answers.decline,
    needs=MATCHING,
    relies_on=(CONSENTS,),
)
VIEW_PREVIEW: Final[Route[Referral, ViewPreview]] = Route(
    kind=Referral,
    by=_referral_id,
    decide=sharing.view_preview,
    needs=(Doubts,),
    relies_on=(CONSENTS,),
)
VIEW_PACKET: Final[Route[Referral, ViewPacket]] = Route(
    kind=Referral,
    by=_referral_id,
    decide=sharing.view_packet,
    needs=(Doubts, Freshness),
    relies_on=(CONSENTS,),
)
EDIT_SEATS: Final[Route[Seats, EditSeats]] = Route(
    kind=Seats, by=lambda asked: [asked.service_id], decide=seats.edit_seats
)
PUT_SEATS: Final[Route[Seats, PutSeats]] = Route(
    kind=Seats, by=lambda asked: [asked.service_id], decide=seats.put_seats
)
PUT_ORGANIZATION: Final[Route[Organization, PutOrganization]] = Route(
    kind=Organization,
    by=lambda asked: [asked.organization_id],
    decide=directory.put_organization,
    needs=(Edition,),
)
PUT_SERVICE: Final[Route[Service, PutService]] = Route(
    kind=Service,
    by=lambda asked: [asked.service_id],
    decide=directory.put_service,
    needs=(Edition,),
)
PUT_COORDINATOR: Final[Route[Coordinator, PutCoordinator]] = Route(
    kind=Coordinator, by=lambda asked: [asked.coordinator_id], decide=directory.put_coordinator
)


class Referrals:
    """What a partner's coordinator does with offers and places."""

    def __init__(self, committer: Committer) -> None:
        self._committer = committer

    async def accept(self, asked: AcceptOffer) -> Referral:
        """Take an offer; one key, one answer. Refuses as `domain.answers.accept`."""
        return await self._committer.submit(asked, ACCEPT)

    async def decline(self, asked: DeclineOffer) -> Referral:
        """Turn an offer down. Refuses as `domain.answers.decline`."""
        return await self._committer.submit(asked, DECLINE)

    async def view_preview(self, asked: ViewPreview) -> Referral:
        """Ask to see a Preview, before it is shown. Refuses as `domain.sharing.view_preview`."""
        return await self._committer.submit(asked, VIEW_PREVIEW)

    async def view_packet(self, asked: ViewPacket) -> tuple[Referral, Offer]:
        """The Packet, once the look at it is recorded.

        Raises:
            Refused: `view_behind`, `consent_ended` (both recorded), and as the decision.
        """
        referral = await self._committer.submit(asked, VIEW_PACKET)
        offer = referral.find(asked.offer_id)
        assert offer is not None  # noqa: S101 - the decision refuses otherwise
        if offer.viewed and offer.viewed.code:
            raise Refused(offer.viewed.code, codes.REFUSALS[offer.viewed.code])
        return referral, offer

    async def edit_seats(self, asked: EditSeats) -> Seats:
        """Say how many places there are. Refuses as `domain.seats.edit_seats`."""
        return await self._committer.submit(asked, EDIT_SEATS)


class DirectoryDesk:
    """What an import or an editor does with the directory; the same again changes nothing."""

    ROUTES: Final[dict[type[Command], Route[Any, Any]]] = {
        PutOrganization: PUT_ORGANIZATION,
        PutService: PUT_SERVICE,
        PutCoordinator: PUT_COORDINATOR,
        PutSeats: PUT_SEATS,
    }

    def __init__(self, committer: Committer) -> None:
        self._committer = committer

    async def put(self, asked: Command) -> Any:
        """One statement about the directory; gives what is known now."""
        return await self._committer.submit(asked, self.ROUTES[type(asked)])
