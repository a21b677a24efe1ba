"""Builders of the referral service's words, with plain defaults."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid5

from schemas.codes import Category
from schemas.envelope import seal_of
from schemas.notifications import AnswerFacts, FamilyAnswered
from schemas.plans import (
    ConsentGiven,
    ConsentRefused,
    ConsentRevoked,
    ConsentTerms,
    CostLimit,
    NeedFacts,
    NeedIdentified,
    NeedWithdrawn,
    PacketFacts,
    PacketPending,
    PacketReleased,
    PacketWithheld,
    PartnerActRecorded,
    PartnerChosen,
    Party,
    PartyScope,
    PreviewFacts,
    RecordedFacts,
    SignedFacts,
    StudentErased,
    Window,
)
from services.chassis.kernel import NAMESPACE, Context
from services.chassis.scope import Scope
from services.referrals.domain import needs
from services.referrals.domain.consents import ConsentCopy, Grant, Refusal, blank
from services.referrals.domain.directory import (
    Agreement,
    Offering,
    Organization,
    Service,
    offerings,
)
from services.referrals.domain.districts import District, Districts, School
from services.referrals.domain.doubts import Doubts, Freshness
from services.referrals.domain.index import Directories, Directory
from services.referrals.domain.referral import Referral, referral_id_of
from services.referrals.domain.rules import Asked
from services.referrals.domain.seat_book import SeatBook
from services.referrals.domain.seats import Seats

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)  # a Tuesday, ten in the morning there
TODAY = NOW.date()
DISTRICT = "district"
STUDENT = "student"
NEED = "need"
REFERRAL = referral_id_of(NEED)
TUTORING: Category = "enrich.tutoring"


def an_agreement(**given: Any) -> Agreement:
    return Agreement(**{"begins_on": date(2026, 1, 1), "ends_on": date(2027, 12, 31), **given})


def an_organization(organization_id: str = "o1", **given: Any) -> Organization:
    return Organization(
        **{
            "organization_id": organization_id,
            "district": DISTRICT,
            "name": f"Partner {organization_id}",
            "agreement": an_agreement(),
            **given,
        }
    )


def a_service(service_id: str = "s1", **given: Any) -> Service:
    """A service whose organization has the same number."""
    return Service(
        **{
            "service_id": service_id,
            "district": DISTRICT,
            "organization_id": service_id.replace("s", "o", 1),
            "name": f"Club {service_id}",
            "categories": (TUTORING,),
            "grade_min": 2,
            "grade_max": 5,
            "areas": ("harbor",),
            "languages": ("en", "es"),
            "cost_kind": "free",
            "weekdays": (1, 3),
            "starts": time(15),
            "ends": time(17),
            **given,
        }
    )


def an_offering(service: Service | None = None, **given: Any) -> Offering:
    service = service or a_service()
    return Offering(service, an_organization(service.organization_id, **given))


def a_directory(*services: Service, version: int = 1, **of_organizations: Any) -> Directory:
    """A directory of these services; keywords go to all organizations."""
    services = services or (a_service("s1"), a_service("s2"), a_service("s3"))
    ids = {each.organization_id for each in services}
    known = {each: an_organization(each, **of_organizations) for each in ids}
    return Directory(version, offerings(services, known))


def seats(service_id: str = "s1", **given: Any) -> Seats:
    return Seats(
        **{
            "service_id": service_id,
            "district": DISTRICT,
            "organization_id": service_id.replace("s", "o", 1),
            "categories": (TUTORING,),
            "maximum": 2,
            "updated_on": TODAY,
            **given,
        }
    )


def a_book(*found: Seats) -> SeatBook:
    found = found or (seats("s1"), seats("s2"), seats("s3"))
    return SeatBook(seats={each.service_id: each for each in found})


def an_asked(**given: Any) -> Asked:
    return Asked(
        **{
            "category": TUTORING,
            "today": TODAY,
            "age": 8,
            "grade": 3,
            "area": "harbor",
            "languages": ("es",),
            **given,
        }
    )


WINDOWS = (Window(weekday=1, starts=time(14), ends=time(18)),)


def a_preview(**given: Any) -> PreviewFacts:
    plain = {
        "category": TUTORING,
        "urgency": "routine",
        "grade_band": "3-5",
        "language": "es",
        "zone": "harbor",
        "windows": WINDOWS,
        "cost_limit": CostLimit(kind="free"),
    }
    return PreviewFacts.model_validate({**plain, **given})


def need_facts(**given: Any) -> NeedFacts:
    category = given.get("category", TUTORING)
    plain = {
        "category": category,
        "grade": 3,
        "age_months": 100,
        "age_as_of": TODAY,
        "languages": ("es",),
        "area": "harbor",
        "windows": WINDOWS,
        "cost_limit": CostLimit(kind="free"),
        "preview": a_preview(category=category),
    }
    return NeedFacts.model_validate({**plain, **given})


def a_need(need_id: str = NEED, *, facts: NeedFacts | None = None, **given: Any) -> NeedIdentified:
    return NeedIdentified(
        **{
            "need_id": need_id,
            "student_id": STUDENT,
            "school_id": "school",
            "case_manager_id": "manager",
            "urgency": "routine",
            "restricted": False,
            "identified_at": NOW,
            "sealed": seal_of(given.get("student_id", STUDENT), facts or need_facts()),
            **given,
        }
    )


def a_context(
    *,
    now: datetime = NOW,
    directory: Directory | None = None,
    book: SeatBook | None = None,
    copy: ConsentCopy | None = None,
    message: str = "message",
    doubted: Iterable[str] = (),
    is_behind: bool = False,
    **settings: Any,
) -> Context:
    """What a decision sees; keywords are the district's settings."""
    directory = directory or a_directory()
    return Context(
        message_id=message_id(message),
        subject=REFERRAL,
        now=now,
        district=DISTRICT,
        seen={
            Directories: Directories({DISTRICT: directory}),
            SeatBook: book or a_book(),
            Districts: Districts(
                {DISTRICT: District(district=DISTRICT, **settings)},
                {"school": School(school_id="school", district=DISTRICT, time_zone="US/Eastern")},
            ),
            Doubts: Doubts(frozenset(doubted)),
            Freshness: Freshness(is_behind=is_behind),
            ConsentCopy: copy or blank(STUDENT, DISTRICT),
        },
    )


STANDING = {"consent_id": "standing", "need_id": "standing"}


def message_id(name: str) -> UUID:
    return uuid5(NAMESPACE, name)


def a_grant(*organization_ids: str, **given: Any) -> Grant:
    return Grant(
        **{
            "consent_id": "consent",
            "need_id": NEED,
            "organization_ids": organization_ids or ("o1", "o2", "o3"),
            "category": TUTORING,
            "restricted": False,
            "expires_at": NOW + timedelta(days=200),
            **given,
        }
    )


def signed(*organization_ids: str, **given: Any) -> ConsentCopy:
    """The copy of a family that signed for some organizations, or for all three."""
    return replace(blank(STUDENT, DISTRICT), grants=(a_grant(*organization_ids, **given),))


def refused(*organization_ids: str, of_all: bool = False) -> ConsentCopy:
    no = Refusal(need_id=NEED, of_all=of_all, organization_ids=organization_ids)
    return replace(blank(STUDENT, DISTRICT), refusals=(no,))


def an_opened(context: Context | None = None, **given: Any) -> Referral:
    """A referral as it is after its need was told."""
    decision = needs.open_referral(None, a_need(**given), context or a_context())
    assert decision.state is not None
    return decision.state


def a_choice(referral: Referral, *, rank: int = 0, **given: Any) -> PartnerChosen:
    proposed = [each for each in referral.offers if each.state == "PROPOSED"]
    return PartnerChosen(
        **{
            "act_id": "act",
            "need_id": referral.need_id,
            "student_id": referral.student_id,
            "referral_id": referral.referral_id,
            "offer_id": proposed[rank].offer_id if proposed else "offer",
            "asked_by": "manager",
            "asked_at": NOW,
            **given,
        }
    )


def a_recorded(referral: Referral, offer_id: str, **given: Any) -> PartnerActRecorded:
    facts = {"answer": "accept", "said_by": "Ruth Oarlock", "channel": "phone", "said_at": NOW}
    return PartnerActRecorded(
        act_id="act",
        need_id=referral.need_id,
        student_id=referral.student_id,
        referral_id=referral.referral_id,
        offer_id=offer_id,
        asked_by="manager",
        asked_at=NOW,
        sealed=seal_of(referral.student_id, RecordedFacts.model_validate({**facts, **given})),
    )


def the_partner(organization_id: str = "o1", *, actor: str = "coordinator") -> Scope:
    own = {"organization_ids": frozenset({organization_id})}
    return Scope(district=DISTRICT, actor=actor, within=own)


def a_standing(**given: Any) -> ConsentGiven:
    """A signature for the class that homework help falls under; tied to no need."""
    said = a_consent(**{"consent_class": "enrichment", **STANDING, **given})
    terms = said.sealed.facts.terms.model_copy(update={"parties": ()})  # type: ignore[union-attr]
    facts = said.sealed.facts.model_copy(update={"terms": terms})  # type: ignore[union-attr]
    return said.model_copy(update={"sealed": seal_of(STUDENT, facts)})


def a_standing_revocation(**given: Any) -> ConsentRevoked:
    scope = PartyScope(consent_class=given.pop("consent_class", "enrichment"))
    said = a_revocation(**{**STANDING, **given})
    return said.model_copy(update={"sealed": seal_of(STUDENT, scope)})


def a_consent(*organization_ids: str, **given: Any) -> ConsentGiven:
    parties = tuple(
        Party(organization_id=each, name=f"Partner {each}")
        for each in organization_ids or ("o1", "o2", "o3")
    )
    terms = ConsentTerms(
        parties=parties,
        records=("identity", "contact"),
        purpose="arrange-service",
        category=given.pop("category", TUTORING),
        until=date(2027, 9, 30),
        text_version="1",
        consent_class=given.pop("consent_class", None),
    )
    facts = SignedFacts(
        terms=terms,
        typed_name="Ana Moor",
        locale="es",
        step_up="pin",
        left_out=given.pop("left_out", ()),
    )
    plain = {
        "student_id": STUDENT,
        "consent_id": "consent",
        "need_id": NEED,
        "contact_id": "contact",
        "basis": "parent",
        "restricted": False,
        "given_at": NOW,
        "expires_at": NOW + timedelta(days=200),
        **given,
    }
    return ConsentGiven(**plain, sealed=seal_of(plain["student_id"], facts))


def a_refusal(*organization_ids: str, **given: Any) -> ConsentRefused:
    plain = {
        "student_id": STUDENT,
        "consent_id": "consent",
        "need_id": NEED,
        "contact_id": "contact",
        "of_all": not organization_ids,
        "refused_at": NOW,
        **given,
    }
    scope = PartyScope(organization_ids=organization_ids)
    return ConsentRefused(**plain, sealed=seal_of(plain["student_id"], scope))


def a_revocation(*organization_ids: str, **given: Any) -> ConsentRevoked:
    plain = {
        "student_id": STUDENT,
        "consent_id": "consent",
        "need_id": NEED,
        "of_all": not organization_ids,
        "revoked_at": NOW,
        **given,
    }
    scope = PartyScope(organization_ids=organization_ids)
    return ConsentRevoked(**plain, sealed=seal_of(plain["student_id"], scope))


def packet_facts(**given: Any) -> PacketFacts:
    plain = {
        "preferred_name": "Mari",
        "surname": "Moor",
        "contact_name": "Ana Moor",
        "contact_channel": "+15550100142",
        "category": TUTORING,
        "urgency": "routine",
        "case_manager_name": "Cy Quay",
        "purpose": "arrange-service",
        "consent_until": date(2027, 9, 30),
        "classes": ("identity", "contact"),
        "notice_version": "1",
    }
    return PacketFacts.model_validate({**plain, **given})


def a_release(referral: Referral, offer_id: str, **given: Any) -> PacketReleased:
    plain = {**_of(referral, offer_id), "consent_id": "consent", "released_at": NOW, **given}
    return PacketReleased(**plain, sealed=seal_of(referral.student_id, packet_facts()))


def a_pending(referral: Referral, offer_id: str) -> PacketPending:
    return PacketPending(**_of(referral, offer_id), kept_until=NOW + timedelta(days=7))


def a_withholding(referral: Referral, offer_id: str, code: str) -> PacketWithheld:
    return PacketWithheld.model_validate({**_of(referral, offer_id), "code": code})


def _of(referral: Referral, offer_id: str) -> dict[str, Any]:
    return {
        "student_id": referral.student_id,
        "need_id": referral.need_id,
        "referral_id": referral.referral_id,
        "offer_id": offer_id,
    }


def a_family_answer(referral: Referral, offer_id: str, **given: Any) -> FamilyAnswered:
    plain = {
        "link_id": "link",
        "student_id": referral.student_id,
        "contact_id": "contact",
        "need_id": referral.need_id,
        "at": NOW,
        "answer_id": "answer",
        "kind": "confirmation",
        "referral_id": referral.referral_id,
        "offer_id": offer_id,
        "sealed": seal_of(referral.student_id, AnswerFacts(locale="es", step_up="pin")),
    }
    return FamilyAnswered(**{**plain, **given})


def a_withdrawal(**given: Any) -> NeedWithdrawn:
    plain = {"need_id": NEED, "student_id": STUDENT, "code": "staff-decision"}
    return NeedWithdrawn(**{**plain, "withdrawn_at": NOW, **given})


def an_erasure() -> StudentErased:
    return StudentErased(student_id=STUDENT, erased_at=NOW)
