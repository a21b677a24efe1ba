"""Who may see what here: a family its own link, the sender every mailbox of a district."""

from services.chassis.scope import Scope
from services.notifications.domain.links import Link


def scope_of_link(link: Link) -> Scope:
    """Somebody who holds a link: this contact, about this student, and nobody else."""
    within = {
        "contact_id": frozenset({link.contact_id}),
        "student_id": frozenset({link.student_id}),
    }
    return Scope(district=link.district, actor=link.contact_id, within=within)


def scope_of_sender(district: str) -> Scope:
    """The system, for one district."""
    return Scope(district=district)
