"""How links, the choices of contacts and stopped addresses are stored."""

from typing import Any, ClassVar, Final

from schemas.envelope import Erased, SealedFacts
from services.chassis.kinds import Document, Index, Kind
from services.chassis.vault import Keyring
from services.notifications.domain.links import Link
from services.notifications.domain.pins import ContactChoice
from services.notifications.domain.stops import Stops

LINK_FIELDS: Final = (
    *("student_id", "contact_id", "message_id", "need_id", "purpose", "token_hash"),
    *("valid_until", "wrong", "knocked_until", "locked_at", "revoked_at"),
    *("answer", "answered_at"),
)


class PinFacts(SealedFacts):
    """A contact's PIN, hashed by argon2."""

    KIND: ClassVar[str] = "notifications.pin"
    pin_hash: str


def _choice(choice: ContactChoice, keys: Keyring) -> Document:
    pin = choice.pin_hash
    return {
        "shape": 1,
        "stopped": sorted(choice.stopped),
        "pin": keys.seal_facts(choice.contact_id, PinFacts(pin_hash=pin)) if pin else None,
    }


def _choice_of(row: Document, keys: Keyring) -> ContactChoice:
    pin = keys.open_facts(row["_id"], PinFacts, row["pin"])
    return ContactChoice(
        contact_id=row["_id"],
        district=row["district"],
        pin_hash=None if isinstance(pin, Erased) else pin.pin_hash,
        stopped=frozenset(row["stopped"]),
    )


LINKS: Final[Kind[Any]] = Kind(
    state=Link,
    collection="links",
    to_document=lambda link, _: {"shape": 1, **{n: getattr(link, n) for n in LINK_FIELDS}},
    from_document=lambda row, _: Link(
        link_id=row["_id"], district=row["district"], **{name: row[name] for name in LINK_FIELDS}
    ),
    indexes=(
        Index((("token_hash", 1),), unique=True),
        Index((("student_id", 1), ("open", 1))),
    ),
)
CHOICES: Final[Kind[Any]] = Kind(
    state=ContactChoice,
    collection="choices",
    to_document=_choice,
    from_document=_choice_of,
    persons=lambda choice: [choice.contact_id],
    blank=lambda contact_id, district: ContactChoice(contact_id=contact_id, district=district),
)
STOPS: Final[Kind[Any]] = Kind(
    state=Stops,
    collection="stops",
    to_document=lambda stops, _: {"shape": 1, "addresses": sorted(stops.addresses)},
    from_document=lambda row, _: Stops(
        stops_id=row["_id"], district=row["district"], addresses=frozenset(row["addresses"])
    ),
    blank=lambda stops_id, district: Stops(stops_id=stops_id, district=district),
)
