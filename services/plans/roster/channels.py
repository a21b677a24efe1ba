"""Phone numbers and e-mail addresses of a roster as channels."""

from services.chassis.contact_points import is_email, phone_number
from services.chassis.findings import Row
from services.plans.roster import descriptors
from services.plans.roster.interchange import Node
from services.plans.roster.records import Channel, Line, Medium

LAST = 1_000_000


def channels(contact: Node, row: Row, *, region: str) -> tuple[Channel, ...]:
    """Every usable channel of a contact, by the file's order of priority; each value once.

    Codes: `phone_unreadable`, `email_unreadable`.
    """
    phones = [_phone(each, row, region) for each in contact.all("Telephone")]
    emails = [_email(each, row) for each in contact.all("ElectronicMail")]
    found = [each for each in (*phones, *emails) if each is not None]
    found.sort(key=lambda each: LAST if each.rank is None else each.rank)
    once: dict[tuple[Medium, str], Channel] = {}
    for each in found:
        once.setdefault((each.medium, each.value), each)
    return tuple(once.values())


def _phone(node: Node, row: Row, region: str) -> Channel | None:
    value = phone_number(node.get("TelephoneNumber"), region)
    if value is None:
        row.warn(
            "TelephoneNumber", "phone_unreadable", "A phone number cannot be dialled; left out."
        )
        return None
    line = descriptors.LINES.get(descriptors.word(node.get("TelephoneNumberType")), Line.OTHER)
    if line is Line.OTHER and descriptors.yes_no(node.get("TextMessageCapabilityIndicator")):
        line = Line.MOBILE
    rank = descriptors.number(node.get("OrderOfPriority"))
    return Channel(medium=Medium.PHONE, value=value, line=line, rank=rank)


def _email(node: Node, row: Row) -> Channel | None:
    value = node.get("ElectronicMailAddress")
    if not is_email(value):
        row.warn(
            "ElectronicMailAddress",
            "email_unreadable",
            "An e-mail address is no address; left out.",
        )
        return None
    line = descriptors.LINES.get(descriptors.word(node.get("ElectronicMailType")), Line.OTHER)
    return Channel(medium=Medium.EMAIL, value=value, line=line)
