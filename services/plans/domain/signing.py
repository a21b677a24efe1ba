"""What families answer about consent: signing, refusing, taking back; and revoking for them."""

from dataclasses import dataclass, replace

from schemas import codes
from schemas.codes import WithholdCode
from schemas.envelope import Erased, seal_of
from schemas.notifications import AnswerFacts, FamilyAnswered
from schemas.plans import ConsentGiven, ConsentRefused, ConsentRevoked, PartyScope, SignedFacts
from services.chassis.kernel import Command, Context, Decision, Refused
from services.plans.domain import consents
from services.plans.domain.consents import Consent, ConsentBook, ConsentFacts, of_need
from services.plans.domain.covering import allowed
from services.plans.domain.gate import release_kept, withhold_kept
from services.plans.domain.lasting import end_of
from services.plans.domain.needs import Need
from services.plans.domain.school_days import SchoolDays, today
from services.plans.domain.students import Student, may_sign
from services.plans.domain.telling import Telling


def take_answer(
    book: ConsentBook | None, said: FamilyAnswered, context: Context
) -> Decision[ConsentBook]:
    """Take a family's word on its consent; any other answer is not for the book.

    The last word about a party counts, whichever signature of the need stood before.
    """
    answer = said.sealed.facts
    book = book or consents.blank(said.student_id, context.district)
    consent = _meant(book, said)
    if consent is None or isinstance(answer, Erased):
        return Decision(book)
    telling = Telling(book, context)
    parties = frozenset(answer.organization_ids)
    match said.kind:
        case "consent":
            _sign(telling, consent, said, answer)
        case "refusal":
            _refuse(telling, consent, said.contact_id, parties)
            _take_back(telling, consent.need_id, parties)
        case "revocation":
            _take_back(telling, consent.need_id, parties)
        case _:
            pass
    return telling.decision


def _meant(book: ConsentBook, said: FamilyAnswered) -> Consent | None:
    """The consent that an answer is about: named, else the need's open request, else its last."""
    if said.consent_id:
        return book.find(said.consent_id)
    found = list(of_need(book, said.need_id or ""))
    still_open = [each for each in found if each.state == "asked"]
    return next(reversed(still_open or found), None)


def _take_back(telling: Telling, need_id: str, organization_ids: frozenset[str]) -> None:
    """Revoke whatever signatures of a need stand for these parties; none named: for all."""
    for consent in tuple(of_need(telling.book, need_id)):
        if consent.state == "given" and _stands_for(consent, organization_ids):
            _revoke(telling, consent, organization_ids)


def _stands_for(consent: Consent, organization_ids: frozenset[str]) -> bool:
    is_of_all = isinstance(consent.facts, Erased) or not organization_ids
    return is_of_all or bool(_parties(consent) & organization_ids)


def _sign(telling: Telling, consent: Consent, said: FamilyAnswered, answer: AnswerFacts) -> None:
    """Record a signature; one without a name, a signer's rights or an open request is none.

    Nor is one for a need that has ended: it would only cover what the family did not think of.
    """
    context, facts = telling.context, consent.facts
    student = context.get(Student)
    contact = student.contact(said.contact_id)
    day = today(telling.book.student_id, context)
    if contact is None or not may_sign(student, contact, day) or isinstance(facts, Erased):
        return
    if consent.state != "asked" or not (answer.typed_name or "").strip():
        return
    if not (consent.is_standing or context.get(Need).is_open):
        return
    signed = _signed(facts, answer)
    zone = context.get(SchoolDays).zone(telling.book.student_id)
    given = replace(
        consent,
        state="given",
        contact_id=contact.contact_id,
        given_at=context.now,
        expires_at=end_of(facts.terms.until, zone),
        facts=signed,
    )
    telling.book = telling.book.put(given, context.now)
    telling.say(_given(telling.book.student_id, given, signed, contact.basis))
    if left_out := frozenset(facts.named) - frozenset(signed.agreed):
        _take_back(telling, consent.need_id, left_out)
    release_kept(telling, given)


def _signed(facts: ConsentFacts, answer: AnswerFacts) -> ConsentFacts:
    """Those ticked are agreed to; with no tick all that were not refused before."""
    ticked = frozenset(answer.organization_ids) or frozenset(facts.named) - set(facts.refused)
    agreed = tuple(each for each in facts.named if each in ticked)
    return facts.model_copy(
        update={
            "agreed": agreed,
            "refused": tuple(each for each in facts.refused if each not in agreed),
            "typed_name": answer.typed_name,
            "locale": answer.locale,
            "step_up": answer.step_up,
        }
    )


def _given(
    student_id: str, consent: Consent, facts: ConsentFacts, basis: codes.SignerBasis
) -> ConsentGiven:
    """The signature: its terms name the parties agreed to alone; the others are left out."""
    assert consent.given_at is not None  # noqa: S101 - set above
    assert consent.expires_at is not None  # noqa: S101 - set above
    agreed = tuple(each for each in facts.terms.parties if each.organization_id in facts.agreed)
    signed = SignedFacts(
        terms=facts.terms.model_copy(update={"parties": agreed}),
        typed_name=facts.typed_name or "",
        locale=facts.locale or "en",
        step_up=facts.step_up or "",
        left_out=tuple(each for each in facts.named if each not in facts.agreed),
    )
    return ConsentGiven(
        student_id=student_id,
        consent_id=consent.consent_id,
        need_id=consent.need_id,
        contact_id=consent.contact_id,
        basis=basis,
        restricted=consent.restricted,
        given_at=consent.given_at,
        expires_at=consent.expires_at,
        sealed=seal_of(student_id, signed),
    )


def _refuse(
    telling: Telling, consent: Consent, contact_id: str, organization_ids: frozenset[str]
) -> None:
    facts, context = consent.facts, telling.context
    if consent.state != "asked" or isinstance(facts, Erased):
        return
    refused = frozenset(facts.refused) | (organization_ids or frozenset(facts.named))
    of_all = refused >= frozenset(facts.named)
    changed = replace(
        consent,
        state="refused" if of_all else "asked",
        ended_at=context.now if of_all else None,
        facts=facts.model_copy(update={"refused": tuple(sorted(refused))}),
    )
    student_id, meant = telling.book.student_id, frozenset() if of_all else organization_ids
    telling.book = telling.book.put(changed, context.now)
    telling.say(
        ConsentRefused(
            student_id=student_id,
            consent_id=consent.consent_id,
            need_id=consent.need_id,
            contact_id=contact_id,
            of_all=of_all,
            refused_at=context.now,
            sealed=seal_of(student_id, _scope(consent, meant)),
        )
    )
    withhold_kept(telling, consent.need_id, meant, "family-declined")


def _scope(consent: Consent, organization_ids: frozenset[str]) -> PartyScope:
    return PartyScope(
        organization_ids=tuple(sorted(organization_ids)), consent_class=consent.consent_class
    )


def _revoke(telling: Telling, consent: Consent, organization_ids: frozenset[str]) -> None:
    """Take a signature back, at once and not backwards.

    It is a no to the whole need only where nothing else is signed for that.
    """
    facts, context = consent.facts, telling.context
    named = frozenset() if isinstance(facts, Erased) else frozenset(facts.agreed)
    before = frozenset() if isinstance(facts, Erased) else frozenset(facts.revoked)
    revoked = before | (organization_ids or named)
    of_all = not organization_ids or revoked >= named
    if not isinstance(facts, Erased):
        facts = facts.model_copy(update={"revoked": tuple(sorted(revoked))})
    changed = replace(
        consent,
        state="revoked" if of_all else "given",
        ended_at=context.now if of_all else None,
        facts=facts,
    )
    student_id = telling.book.student_id
    telling.book = telling.book.put(changed, context.now)
    is_need_over = of_all and not _leaves_anybody(telling, consent.need_id, organization_ids)
    meant = frozenset() if is_need_over else organization_ids
    code: WithholdCode = "consent-withdrawn"
    telling.say(
        ConsentRevoked(
            student_id=student_id,
            consent_id=consent.consent_id,
            need_id=consent.need_id,
            of_all=of_all,
            revoked_at=context.now,
            sealed=seal_of(student_id, _scope(consent, meant)),
        )
    )
    withhold_kept(telling, consent.need_id, meant, code)


def _leaves_anybody(telling: Telling, need_id: str, organization_ids: frozenset[str]) -> bool:
    """Whether others than these parties are signed for; none named: all are meant."""
    live = (each for each in of_need(telling.book, need_id) if each.is_live(telling.context.now))
    return bool(organization_ids) and any(_parties(each) - organization_ids for each in live)


def _parties(consent: Consent) -> frozenset[str]:
    facts = consent.facts
    return frozenset() if isinstance(facts, Erased) else allowed(facts)


@dataclass(frozen=True, kw_only=True)
class RevokeConsent(Command):
    """A guardian said, on whatever way, that a permission is over."""

    student_id: str
    consent_id: str


def revoke_for_family(
    book: ConsentBook | None, asked: RevokeConsent, context: Context
) -> Decision[ConsentBook]:
    """Revoke on a guardian's behalf: at once, by word of mouth too.

    No other signature of its need outlasts it for the parties that it allowed.

    Raises:
        Refused: `student_unknown`, `consent_ended`.
    """
    consent = book.find(asked.consent_id) if book else None
    if book is None or consent is None:
        raise Refused(*codes.STUDENT_UNKNOWN)
    telling = Telling(book, context)
    match consent.state:
        case "given":
            _take_back(telling, consent.need_id, _parties(consent))
        case "revoked":
            return Decision(book)
        case _:
            raise Refused(*codes.CONSENT_ENDED)
    return telling.decision
