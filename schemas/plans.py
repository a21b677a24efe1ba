"""What the plan service tells: needs, consents and packets, people."""

from datetime import date, time
from typing import ClassVar, Literal

from pydantic import AwareDatetime, Field

from schemas import topics
from schemas.codes import (
    AnswerCode,
    Category,
    ConsentClass,
    CostKind,
    FamilyContact,
    GradeBand,
    Insurance,
    LedgerKind,
    Notify,
    OfferMode,
    RecordClass,
    SignerBasis,
    Urgency,
    WithholdCode,
)
from schemas.envelope import ActEvent, Event, Id, Sealed, SealedFacts, Strict

# -- needs ---------------------------------------------------------------------------------------


class Window(Strict):
    """When a child is free: ISO weekday (1 Monday), local times."""

    weekday: int = Field(ge=1, le=7)
    starts: time
    ends: time


class CostLimit(Strict):
    """What a family can pay: free, an amount in US cents a week, or any."""

    kind: CostKind
    cents_a_week: int | None = None


class PreviewFacts(Strict):
    """All that a partner may see before accepting; made by plans, which knows the small cells."""

    category: Category
    urgency: Urgency
    grade_band: GradeBand | None = None
    language: str | None = None  # BCP 47
    zone: str | None = None
    windows: tuple[Window, ...] = ()
    transport_needed: bool | None = None
    cost_limit: CostLimit | None = None
    age_years: int | None = None  # health and counsel only
    insurance: Insurance | None = None  # health and counsel only


class NeedFacts(SealedFacts):
    """What a child needs and what matching may know; an absent fact is unknown."""

    KIND: ClassVar[str] = "plans.need"
    category: Category
    summary: str = Field(default="", max_length=500)
    family_contact: FamilyContact = "normal"
    grade: int | None = None  # 0 kindergarten, -1 pre-kindergarten
    age_months: int | None = None
    age_as_of: date | None = None
    languages: tuple[str, ...] = ()  # BCP 47
    language_required: bool = False
    area: str | None = None  # zone id or ZIP, never an address
    windows: tuple[Window, ...] = ()
    cost_limit: CostLimit | None = None
    transport_needed: bool | None = None
    insurance: Insurance | None = None
    interests: tuple[str, ...] = ()
    goal_code: str | None = None
    wanted_from: date | None = None
    wanted_to: date | None = None
    excluded_organizations: tuple[Id, ...] = ()
    waived_rules: tuple[str, ...] = ()
    preview: PreviewFacts


class NeedIdentified(Event):
    """A case manager wrote or confirmed a need that a partner is to meet."""

    TYPE: ClassVar[str] = "plans.need_identified.v1"
    TOPIC: ClassVar[str] = topics.NEEDS
    SUBJECT: ClassVar[str] = "need_id"
    need_id: Id
    student_id: Id
    school_id: Id
    case_manager_id: Id
    urgency: Urgency
    restricted: bool
    identified_at: AwareDatetime
    sealed: Sealed[NeedFacts]


class NeedWithdrawn(Event):
    """A need is no longer to be met."""

    TYPE: ClassVar[str] = "plans.need_withdrawn.v1"
    TOPIC: ClassVar[str] = topics.NEEDS
    SUBJECT: ClassVar[str] = "need_id"
    need_id: Id
    student_id: Id
    code: Literal["staff-decision", "family-declined"]
    withdrawn_at: AwareDatetime


class ReferralAct(ActEvent):
    """What a case manager asks of the referral service about one referral."""

    TOPIC: ClassVar[str] = topics.NEEDS
    SUBJECT: ClassVar[str] = "need_id"
    need_id: Id
    student_id: Id
    referral_id: Id
    offer_id: Id
    asked_by: Id
    asked_at: AwareDatetime


class PartnerChosen(ReferralAct):
    """A case manager chose a candidate; it is to be offered when it may be."""

    TYPE: ClassVar[str] = "plans.partner_chosen.v1"
    led_by: Literal["partner", "family"] = "partner"


class RecordedFacts(SealedFacts):
    """What a partner said on another way than its page."""

    KIND: ClassVar[str] = "plans.recorded"
    answer: AnswerCode
    code: str | None = None  # of a decline
    said_by: str = Field(max_length=120)
    channel: Literal["phone", "mail", "in-person"]
    said_at: AwareDatetime
    starts_on: date | None = None


class PartnerActRecorded(ReferralAct):
    """A case manager recorded a partner's answer."""

    TYPE: ClassVar[str] = "plans.partner_act_recorded.v1"
    sealed: Sealed[RecordedFacts]


# -- consents, packets, ledger -------------------------------------------------------------------


class Party(Strict):
    """An organization that a consent names."""

    organization_id: Id
    name: str


class ConsentTerms(SealedFacts):
    """What a guardian is asked to allow [34 CFR 99.30(b)].

    A standing permission names a class and no party, so that who knows no classes finds nobody in
    it; its category is one of the class.
    """

    KIND: ClassVar[str] = "plans.consent_terms"
    parties: tuple[Party, ...]  # in rank order
    records: tuple[RecordClass, ...]
    purpose: Literal["arrange-service", "provide-service", "report-outcome"]
    category: Category
    service_name: str = ""
    until: date
    text_version: str
    consent_class: ConsentClass | None = None  # all who offer what falls under it


class SignedFacts(SealedFacts):
    """How and by whom a consent was signed [34 CFR 99.30(d)]."""

    KIND: ClassVar[str] = "plans.consent_signed"
    terms: ConsentTerms
    typed_name: str = Field(max_length=120)
    locale: str
    step_up: str
    left_out: tuple[Id, ...] = ()  # organizations that were asked about and not agreed to


class PartyScope(SealedFacts):
    """Which parties a refusal or revocation is about; none: all."""

    KIND: ClassVar[str] = "plans.consent_scope"
    organization_ids: tuple[Id, ...] = ()
    consent_class: ConsentClass | None = None  # of a standing permission


class ConsentEvent(Event):
    """A fact of a student's consent book.

    A standing permission is tied to no need: its own id stands wherever one is asked for.
    """

    TOPIC: ClassVar[str] = topics.CONSENTS
    SUBJECT: ClassVar[str] = "student_id"
    student_id: Id


class ConsentRequested(ConsentEvent):
    """A guardian is to be asked."""

    TYPE: ClassVar[str] = "plans.consent_requested.v1"
    consent_id: Id
    need_id: Id
    referral_id: Id
    contact_id: Id
    restricted: bool
    requested_at: AwareDatetime
    open_until: AwareDatetime
    sealed: Sealed[ConsentTerms]


class ConsentGiven(ConsentEvent):
    """A guardian signed."""

    TYPE: ClassVar[str] = "plans.consent_given.v1"
    consent_id: Id
    need_id: Id
    contact_id: Id
    basis: SignerBasis
    restricted: bool
    given_at: AwareDatetime
    expires_at: AwareDatetime
    sealed: Sealed[SignedFacts]


class ConsentRefused(ConsentEvent):
    """A guardian said no, to some or all parties."""

    TYPE: ClassVar[str] = "plans.consent_refused.v1"
    consent_id: Id
    need_id: Id
    contact_id: Id
    of_all: bool
    refused_at: AwareDatetime
    sealed: Sealed[PartyScope]


class ConsentRevoked(ConsentEvent):
    """A guardian took a permission back; not backwards."""

    TYPE: ClassVar[str] = "plans.consent_revoked.v1"
    consent_id: Id
    need_id: Id
    of_all: bool  # that this consent allows; of its need, whom the scope names
    revoked_at: AwareDatetime
    sealed: Sealed[PartyScope]


class PacketFacts(SealedFacts):
    """What an accepted partner is told, and no more; classes as consented."""

    KIND: ClassVar[str] = "plans.packet"
    preferred_name: str | None = None
    surname: str | None = None
    grade: int | None = None
    age_years: int | None = None
    contact_name: str | None = None
    contact_channel: str | None = None
    contact_language: str | None = None
    windows: tuple[Window, ...] = ()
    transport_needed: bool | None = None
    category: Category
    urgency: Urgency
    summary: str = ""
    case_manager_name: str
    case_manager_phone: str | None = None
    purpose: str
    consent_until: date
    classes: tuple[RecordClass, ...]
    notice_version: str


class PacketEvent(ConsentEvent):
    """What the Gate decided about one accepted offer."""

    need_id: Id
    referral_id: Id
    offer_id: Id


class PacketReleased(PacketEvent):
    """A live consent covers it: the partner may see whom to call."""

    TYPE: ClassVar[str] = "plans.packet_released.v1"
    consent_id: Id
    released_at: AwareDatetime
    sealed: Sealed[PacketFacts]


class PacketPending(PacketEvent):
    """Only the signature is missing: the place is kept until then."""

    TYPE: ClassVar[str] = "plans.packet_pending.v1"
    kept_until: AwareDatetime


class PacketWithheld(PacketEvent):
    """Nothing is released, and the offer is to be recalled with this code."""

    TYPE: ClassVar[str] = "plans.packet_withheld.v1"
    code: WithholdCode


class LedgerFacts(SealedFacts):
    """One entry of the record of disclosures [34 CFR 99.32]."""

    KIND: ClassVar[str] = "plans.ledger"
    kind: LedgerKind
    channel: Literal["page", "oral", "print", "none"]
    actor: str
    party: str | None = None  # the organization's name at that time
    organization_id: Id | None = None
    interest: str
    classes: tuple[RecordClass, ...] = ()
    fields: tuple[str, ...] = ()
    consent_id: Id | None = None
    decision: Literal["released", "shown", "denied", "pending", "withheld", "ended"]
    reason: str
    notice_version: str | None = None


class DisclosureRecorded(ConsentEvent):
    """An entry was added to a student's ledger; `mac` chains it to the one before."""

    TYPE: ClassVar[str] = "plans.disclosure_recorded.v1"
    entry_id: Id
    need_id: Id | None = None
    number: int  # 1 is the student's first
    previous_mac: str
    mac: str
    recorded_at: AwareDatetime
    sealed: Sealed[LedgerFacts]


class StudentErased(ConsentEvent):
    """A student's key was destroyed; what is left of the student is to be forgotten."""

    TYPE: ClassVar[str] = "plans.student_erased.v1"
    erased_at: AwareDatetime


# -- people --------------------------------------------------------------------------------------


class StudentCard(SealedFacts):
    """Of a student what messages and step-up need."""

    KIND: ClassVar[str] = "plans.student_card"
    first_name: str
    birth_month: int | None = None
    birth_day: int | None = None


class Channel(Strict):
    """One way to reach a person; `may_text` only for mobile numbers."""

    kind: Literal["phone", "email"]
    value: str  # E.164 or a mail address
    may_text: bool = False


class ContactCard(SealedFacts):
    """Of a contact what messages need; a contact with `barred` gets nothing at all."""

    KIND: ClassVar[str] = "plans.contact_card"
    name: str
    languages: tuple[str, ...] = ()
    channels: tuple[Channel, ...] = ()
    notify: Notify
    is_guardian: bool
    household: Id | None = None
    barred: bool = False  # no-contact or no-information
    is_chosen: bool = False  # whom the partner may call, and who is asked to sign


class PeopleEvent(Event):
    """A card of somebody or something that the others keep a copy of."""

    TOPIC: ClassVar[str] = topics.PEOPLE


class ContactCardChanged(PeopleEvent):
    """All contacts of one student, anew; each sealed under its contact's own key."""

    TYPE: ClassVar[str] = "plans.contact_card_changed.v1"
    SUBJECT: ClassVar[str] = "student_id"
    student_id: Id
    school_id: Id | None = None
    case_manager_id: Id | None = None
    student: Sealed[StudentCard]
    contacts: tuple[Sealed[ContactCard], ...] = ()


class StaffCard(SealedFacts):
    """Of a member of staff what pages and messages show."""

    KIND: ClassVar[str] = "plans.staff_card"
    name: str
    email: str | None = None
    work_phone: str | None = None


class StaffCardChanged(PeopleEvent):
    """A member of staff came or changed."""

    TYPE: ClassVar[str] = "plans.staff_card_changed.v1"
    SUBJECT: ClassVar[str] = "staff_id"
    KEY: ClassVar[str] = "staff_id"
    staff_id: Id
    role: str
    school_ids: tuple[Id, ...] = ()
    sealed: Sealed[StaffCard]


class SchoolCardChanged(PeopleEvent):
    """A school as families and messages know it."""

    TYPE: ClassVar[str] = "plans.school_card_changed.v1"
    SUBJECT: ClassVar[str] = "school_id"
    KEY: ClassVar[str] = "school_id"
    school_id: Id
    name: str
    phone: str | None = None
    time_zone: str


class DistrictCardChanged(PeopleEvent):
    """A district's settings that the other services follow."""

    TYPE: ClassVar[str] = "plans.district_card_changed.v1"
    SUBJECT: ClassVar[str] = "district_id"
    KEY: ClassVar[str] = "district_id"
    district_id: Id
    name: str
    offer_first: bool = True
    offer_mode: OfferMode = "assisted"
