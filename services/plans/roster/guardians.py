"""Who is a guardian, and who is told what: rules over all contacts of one student."""

from collections.abc import Sequence
from dataclasses import replace

from services.plans.roster.records import (
    Guardianship,
    Notify,
    Restriction,
    StudentContactRecord,
)

PARENTS = frozenset(
    {
        "adoptive father",
        "adoptive mother",
        "adoptive parent",
        "court appointed guardian",
        "father",
        "guardian",
        "legal guardian",
        "mother",
        "parent",
    }
)
"""Relations with parental rights by themselves; step and foster parents are asked about."""

SILENCING = frozenset({Restriction.NO_CONTACT, Restriction.NO_INFORMATION})


def guardianship(relation: str, legal_guardian: bool | None) -> Guardianship:  # noqa: FBT001
    """Whether one link makes a guardian, before the student's other contacts are known."""
    if legal_guardian is None:
        return Guardianship.YES if relation in PARENTS else Guardianship.NO
    return Guardianship.YES if legal_guardian else Guardianship.NO


def limited(link: StudentContactRecord, again: StudentContactRecord) -> StudentContactRecord:
    """A link with what a later row of the same two limits beside."""
    return replace(
        link,
        restrictions=link.restrictions | again.restrictions,
        restriction_text=link.restriction_text or again.restriction_text,
        restriction_unread=link.restriction_unread or again.restriction_unread,
    )


def settle(links: Sequence[StudentContactRecord]) -> list[StudentContactRecord]:
    """Ask about acting parents, and give everybody their notify, for one student's links."""
    has_guardian = any(each.is_guardian is Guardianship.YES for each in links)
    asked = links if has_guardian else [_ask_if_lives_with(each) for each in links]
    guardians = [each for each in asked if each.is_guardian is Guardianship.YES]
    told = any(each.is_primary is not None or each.lives_with is not None for each in guardians)
    return [replace(each, notify=_notify(each, statuses_known=told)) for each in asked]


def _ask_if_lives_with(link: StudentContactRecord) -> StudentContactRecord:
    # A stated "not the legal guardian" of a parent is an answer, not a question.
    if not link.lives_with or link.relation in PARENTS:
        return link
    return replace(link, is_guardian=Guardianship.ASK)


def _notify(link: StudentContactRecord, *, statuses_known: bool) -> Notify:
    if link.restrictions & SILENCING:
        return Notify.NONE
    if link.is_guardian is Guardianship.YES and (
        link.is_primary or link.lives_with or not statuses_known
    ):
        return Notify.NEWS
    return Notify.URGENT if link.is_emergency else Notify.NONE
