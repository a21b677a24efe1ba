"""The copy of a student's consents: whom the family allows, whom not.

Fed by plans.consents alone and guarded by its sequence. Offering, accepting and showing rely on it.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from schemas.codes import ConsentClass, falls_under
from schemas.envelope import Erased, Sealed
from schemas.plans import ConsentGiven, ConsentRefused, ConsentRevoked, PartyScope, StudentErased
from services.chassis.kernel import Context, Decision


@dataclass(frozen=True, kw_only=True)
class Grant:
    """A signature: which organizations, for what, until when; of a class all that offer it."""

    consent_id: str
    need_id: str
    organization_ids: tuple[str, ...]
    category: str
    restricted: bool
    expires_at: datetime
    consent_class: ConsentClass | None = None

    def reaches(self, category: str, *, restricted: bool) -> bool:
        """Whether a need falls under its class; a restricted one never does."""
        return falls_under(self.consent_class, category, restricted=restricted)


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """A no for one need: to some organizations, or to all."""

    need_id: str
    of_all: bool
    organization_ids: tuple[str, ...] = ()
    is_revocation: bool = False


@dataclass(frozen=True, kw_only=True)
class ConsentCopy:
    """What is known here of one student's consents."""

    student_id: str
    district: str
    grants: tuple[Grant, ...] = ()
    refusals: tuple[Refusal, ...] = ()

    def standing(self, category: str, *, restricted: bool, now: datetime) -> Grant | None:
        """The live permission for the class of a need: it covers whoever offers that."""
        live = (each for each in reversed(self.grants) if now < each.expires_at)
        return next((each for each in live if each.reaches(category, restricted=restricted)), None)

    def covers(
        self, organization_id: str, *, category: str, restricted: bool, now: datetime
    ) -> bool:
        """Whether a live signature for this category names an organization, or a class covers it.

        A restricted need has its own.
        """
        if self.standing(category, restricted=restricted, now=now):
            return True
        return any(
            organization_id in grant.organization_ids
            and now < grant.expires_at
            and grant.category == category
            and (grant.restricted or not restricted)
            for grant in self.grants
        )

    def covered(self, *, category: str, restricted: bool, now: datetime) -> frozenset[str]:
        """The organizations that are covered for a need by name."""
        return frozenset(
            each
            for grant in self.grants
            for each in grant.organization_ids
            if self.covers(each, category=category, restricted=restricted, now=now)
        )

    def refused(self, need_id: str) -> frozenset[str]:
        """Organizations that the family does not want for a need."""
        return frozenset(
            each
            for refusal in self.refusals
            if refusal.need_id == need_id
            for each in refusal.organization_ids
        )

    def has_ended(self, need_id: str) -> bool:
        """Whether the family said no to everybody, or took everything back, for a need."""
        return any(each.need_id == need_id and each.of_all for each in self.refusals)

    def forbids(self, organization_id: str, need_id: str) -> bool:
        """Whether nothing may go to an organization for a need, signed or not."""
        return self.has_ended(need_id) or organization_id in self.refused(need_id)

    def shows_packet(
        self, organization_id: str, need_id: str, *, category: str, restricted: bool, now: datetime
    ) -> bool:
        """Whether an organization that was released a need's Packet may look at it now."""
        covered = self.covers(organization_id, category=category, restricted=restricted, now=now)
        return covered and not self.forbids(organization_id, need_id)


def blank(student_id: str, district: str) -> ConsentCopy:
    """Nothing was signed or refused."""
    return ConsentCopy(student_id=student_id, district=district)


def _known(copy: ConsentCopy | None, student_id: str, context: Context) -> ConsentCopy:
    return copy or blank(student_id, context.district)


def copy_grant(
    copy: ConsentCopy | None, said: ConsentGiven, context: Context
) -> Decision[ConsentCopy]:
    """A signature; it ends what was refused or taken back for its need and parties.

    Whom it leaves out, though the family was asked, has its no.
    """
    known = _known(copy, said.student_id, context)
    facts = said.sealed.facts
    if isinstance(facts, Erased):
        return Decision(known)
    parties = tuple(each.organization_id for each in facts.terms.parties)
    grant = Grant(
        consent_id=said.consent_id,
        need_id=said.need_id,
        organization_ids=parties,
        category=facts.terms.category,
        restricted=said.restricted,
        expires_at=said.expires_at,
        consent_class=facts.terms.consent_class,
    )
    others = tuple(each for each in known.grants if each.consent_id != said.consent_id)
    refusals = tuple(
        left for each in known.refusals if (left := _after_grant(each, said.need_id, parties))
    )
    if facts.left_out:
        no = Refusal(need_id=said.need_id, of_all=False, organization_ids=facts.left_out)
        refusals = (*refusals, no)
    return Decision(replace(known, grants=(*others, grant), refusals=refusals))


def left_out_of(said: ConsentGiven) -> tuple[str, ...]:
    """Which organizations the family was asked about and did not agree to."""
    facts = said.sealed.facts
    return () if isinstance(facts, Erased) else facts.left_out


def _after_grant(refusal: Refusal, need_id: str, parties: tuple[str, ...]) -> Refusal | None:
    if refusal.need_id != need_id:
        return refusal
    left = tuple(each for each in refusal.organization_ids if each not in parties)
    return replace(refusal, organization_ids=left, of_all=False) if left else None


def copy_refusal(
    copy: ConsentCopy | None, said: ConsentRefused, context: Context
) -> Decision[ConsentCopy]:
    """A no; whoever it is about is not covered any more for this need."""
    known = _known(copy, said.student_id, context)
    named, of_all = scope_of(said.sealed)
    refusal = Refusal(need_id=said.need_id, of_all=of_all, organization_ids=named)
    grants = _without(known.grants, said.consent_id, named, of_all=of_all)
    return Decision(replace(known, grants=grants, refusals=(*known.refusals, refusal)))


def copy_revocation(
    copy: ConsentCopy | None, said: ConsentRevoked, context: Context
) -> Decision[ConsentCopy]:
    """A permission taken back; from now on, not backwards."""
    known = _known(copy, said.student_id, context)
    named, of_all = scope_of(said.sealed)
    refusal = Refusal(
        need_id=said.need_id, of_all=of_all, organization_ids=named, is_revocation=True
    )
    grants = _without(known.grants, said.consent_id, named, of_all=of_all)
    return Decision(replace(known, grants=grants, refusals=(*known.refusals, refusal)))


def scope_of(sealed: Sealed[PartyScope]) -> tuple[tuple[str, ...], bool]:
    """Which organizations a no is about, and whether about all: it names none, or is unreadable.

    A signature may end as a whole while another one of its need stands: then parties are named.
    """
    facts = sealed.facts
    named = () if isinstance(facts, Erased) else facts.organization_ids
    return named, not named


def _without(
    grants: tuple[Grant, ...], consent_id: str, named: tuple[str, ...], *, of_all: bool
) -> tuple[Grant, ...]:
    if of_all:
        return tuple(each for each in grants if each.consent_id != consent_id)
    return tuple(_narrowed(each, named) if each.consent_id == consent_id else each
                 for each in grants)  # fmt: skip


def _narrowed(grant: Grant, named: tuple[str, ...]) -> Grant:
    left = tuple(each for each in grant.organization_ids if each not in named)
    return replace(grant, organization_ids=left)


def forget(
    copy: ConsentCopy | None, said: StudentErased, context: Context
) -> Decision[ConsentCopy]:
    """Nothing is kept of an erased student."""
    del copy
    return Decision(blank(said.student_id, context.district))
