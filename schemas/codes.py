"""Every closed code, and the English wording of each; the catalogues hold the other languages.

The English sentence is the key of its translation.
"""

from collections.abc import Mapping
from typing import Final, Literal, get_args

Urgency = Literal["routine", "urgent"]
Seat = Literal["held", "taken", "freed", "none"]
Verdict = Literal["eligible", "possible", "not-eligible"]
Outcome = Literal["pass", "fail", "unknown"]
FamilyContact = Literal["normal", "by-hand", "none"]
Notify = Literal["news", "urgent", "none"]
CostKind = Literal["free", "amount", "any"]
Insurance = Literal["medicaid-chip", "private", "none"]
GradeBand = Literal["PK-2", "3-5", "6-8", "9-12", "PK-5", "6-12"]
AnswerCode = Literal["accept", "decline"]
SignerBasis = Literal[
    "parent", "guardian", "court-named", "acting-parent", "eligible-student", "youth-alone"
]
RecordClass = Literal[
    "identity",
    "contact",
    "schedule",
    "need-summary",
    "goals",
    "interests",
    "academic",
    "attendance",
    "iep-status",
    "health",
    "counselling",
]
LedgerKind = Literal[
    "preview", "packet", "view", "export", "emergency", "agency", "order", "denied", "ended", "hold"
]
WithholdCode = Literal["family-declined", "consent-withdrawn", "consent-missing"]
RecallCode = Literal[
    "need-met-elsewhere",
    "family-declined",
    "consent-withdrawn",
    "consent-missing",
    "consent-expired",
    "agreement-ended",
    "service-closed",
    "moved",
    "staff-decision",
    "sent-in-error",
]
DeclineCode = Literal[
    "no-capacity",
    "not-eligible-age",
    "not-eligible-grade",
    "not-eligible-residency",
    "not-eligible-insurance",
    "not-eligible-other",
    "service-not-offered",
    "outside-area",
    "language-unavailable",
    "already-enrolled",
    "needs-higher-level-of-care",
    "documents-missing",
    "other",
]
Category = Literal[
    "health.primary-care",
    "health.dental",
    "health.vision",
    "health.hearing",
    "health.immunization",
    "health.chronic-condition",
    "health.insurance",
    "enrich.after-school",
    "enrich.tutoring",
    "enrich.summer",
    "enrich.sports",
    "enrich.arts",
    "enrich.stem",
    "enrich.mentoring",
    "enrich.career",
    "counsel.social-skills",
    "counsel.individual",
    "counsel.family",
    "counsel.grief",
    "counsel.evaluation",
    "counsel.substance-use",
    "counsel.violence",
    "family.food",
    "family.housing",
    "family.goods",
    "family.transport",
    "family.language",
    "family.technology",
    "family.childcare",
    "family.parenting",
    "family.utilities",
    "family.legal",
]
CATEGORIES: Final[tuple[Category, ...]] = get_args(Category)
RESTRICTED: Final[frozenset[Category]] = frozenset(
    {
        "counsel.individual",
        "counsel.family",
        "counsel.grief",
        "counsel.evaluation",
        "counsel.substance-use",
        "counsel.violence",
        "family.housing",
        "family.legal",
    }
)
CATEGORY_WORDS: Final[Mapping[Category, str]] = {
    "health.primary-care": "Doctor",
    "health.dental": "Dental care",
    "health.vision": "Eye test and glasses",
    "health.hearing": "Hearing test",
    "health.immunization": "Vaccinations",
    "health.chronic-condition": "Care for a long-term condition",
    "health.insurance": "Help with health insurance",
    "enrich.after-school": "After-school program",
    "enrich.tutoring": "Homework help",
    "enrich.summer": "Summer program",
    "enrich.sports": "Sports",
    "enrich.arts": "Arts",
    "enrich.stem": "Science and technology club",
    "enrich.mentoring": "Mentoring",
    "enrich.career": "Career and college",
    "counsel.social-skills": "Social skills group",
    "counsel.individual": "Counseling",
    "counsel.family": "Family counseling",
    "counsel.grief": "Grief support",
    "counsel.evaluation": "Mental health evaluation",
    "counsel.substance-use": "Help with substance use",
    "counsel.violence": "Help to be safe",
    "family.food": "Food",
    "family.housing": "Housing",
    "family.goods": "Clothes and school things",
    "family.transport": "Transport to school",
    "family.language": "English classes",
    "family.technology": "Computer or internet",
    "family.childcare": "Childcare",
    "family.parenting": "Parenting classes",
    "family.utilities": "Help with bills",
    "family.legal": "Legal help",
}
RESTRICTED_WORD: Final = "A support from school"

ConsentClass = Literal["health", "enrichment", "family-support"]
CONSENT_CLASSES: Final[tuple[ConsentClass, ...]] = get_args(ConsentClass)
_FAMILIES: Final[Mapping[str, ConsentClass]] = {
    "health": "health",
    "enrich": "enrichment",
    "family": "family-support",
}
CLASS_OF: Final[Mapping[str, ConsentClass]] = {
    **{
        each: _FAMILIES[family]
        for each in CATEGORIES
        if (family := each.partition(".")[0]) in _FAMILIES and each not in RESTRICTED
    },
    "counsel.social-skills": "enrichment",
}
"""The class whose standing permission a category falls under; a restricted one has none."""


def falls_under(consent_class: ConsentClass | None, category: str, *, restricted: bool) -> bool:
    """Whether a need is under the class of a standing permission; a restricted one never is."""
    return consent_class is not None and consent_class == CLASS_OF.get(category) and not restricted


CLASS_WORDS: Final[Mapping[ConsentClass, str]] = {
    "health": "Health",
    "enrichment": "Learning and free time",
    "family-support": "Help for the family",
}

Rule = Literal[
    "partner",
    "category",
    "age",
    "grade",
    "area",
    "languages",
    "schedule",
    "season",
    "cost",
    "transport",
    "insurance",
    "capacity",
    "other",
    "family",
    "memory",
    "consent",
]
RULES: Final[tuple[Rule, ...]] = get_args(Rule)
RULE_SENTENCES: Final[Mapping[str, str]] = {
    "partner.pass": "Works with this district",
    "partner.no-agreement": "No current agreement",
    "partner.suspended": "Not taking referrals for now",
    "partner.inactive": "No longer offered",
    "category.pass": "{category}",
    "category.fail": "Does not offer: {category}",
    "category.unknown": "Type not mapped",
    "age.pass": "Takes ages {min}–{max}",
    "age.fail": "Takes ages {min}–{max}, student is {age}",
    "age.student-unknown": "Takes ages {min}–{max}, student’s age not known",
    "age.unknown": "Ages not given",
    "age.by-grade": "Goes by grade",
    "grade.pass": "Takes grades {min}–{max}",
    "grade.fail": "Takes grades {min}–{max}, student is in {grade}",
    "grade.student-unknown": "Takes grades {min}–{max}, student’s grade not known",
    "grade.unknown": "Grades not given",
    "grade.by-age": "Goes by age",
    "area.pass": "Serves the student’s area",
    "area.online": "Online",
    "area.fail": "Does not serve the student’s area",
    "area.student-unknown": "Student’s area not known",
    "area.unknown": "Area not given",
    "languages.pass": "Speaks {language}",
    "languages.interpreter": "Has interpreters",
    "languages.fail": "{language} not offered",
    "languages.unknown": "Languages not given",
    "languages.student-unknown": "Family’s language not known",
    "schedule.pass": "Fits {times}",
    "schedule.fail": "No session when free",
    "schedule.unknown": "Hours not given",
    "season.pass": "Open until {date}",
    "season.open": "Open all year",
    "season.fail": "Not open when wanted",
    "season.unknown": "Dates not given",
    "cost.free": "Free",
    "cost.pass": "{cost} a week, within the limit",
    "cost.any": "{cost} a week",
    "cost.fail": "Costs {cost} a week, limit {limit}",
    "cost.unknown": "Cost not given",
    "transport.pass": "Brings the student",
    "transport.not-needed": "No ride needed",
    "transport.fail": "Offers no ride",
    "transport.unknown": "Transport not given",
    "insurance.pass": "Takes the insurance",
    "insurance.fail": "Does not take the insurance",
    "insurance.unknown": "Insurance not given",
    "insurance.not-asked": "No insurance needed",
    "capacity.pass": "{count} places",
    "capacity.waitlist": "Full, list open",
    "capacity.full": "Full",
    "capacity.closed": "Not taking referrals for now",
    "capacity.unknown": "Places not known",
    "capacity.stale": "Places last updated {days} days ago",
    "other.pass": "No other conditions",
    "other.unknown": "Ask: {text}",
    "family.pass": "No objection from the family",
    "family.fail": "The family asked not to",
    "memory.pass": "Not tried before",
    "memory.declined": "Said no on {date}",
    "memory.no-response": "Did not answer by {date}",
    "consent.pass": "Family’s consent covers it",
    "consent.needed": "The family is asked when you send",
}
DECLINE_WORDS: Final[Mapping[DeclineCode, str]] = {
    "no-capacity": "No place left",
    "not-eligible-age": "Not the right age",
    "not-eligible-grade": "Not the right grade",
    "not-eligible-residency": "Lives outside our rules",
    "not-eligible-insurance": "Insurance not taken",
    "not-eligible-other": "Does not meet our rules",
    "service-not-offered": "We do not offer this",
    "outside-area": "Outside our area",
    "language-unavailable": "Language not available",
    "already-enrolled": "Is with us already",
    "needs-higher-level-of-care": "Needs more care than we can give",
    "documents-missing": "Papers are missing",
    "other": "Another reason",
}
RECALL_WORDS: Final[Mapping[RecallCode, str]] = {
    "need-met-elsewhere": "Met elsewhere",
    "family-declined": "The family decided against it",
    "consent-withdrawn": "The family took its permission back",
    "consent-missing": "The family did not sign in time",
    "consent-expired": "The permission ended",
    "agreement-ended": "The agreement ended",
    "service-closed": "The service is closed",
    "moved": "The student moved",
    "staff-decision": "The school decided otherwise",
    "sent-in-error": "Sent in error",
}
ConsentState = Literal["asked", "given", "refused", "revoked"]
OfferMode = Literal["assisted", "manual", "automatic"]  # who sends the next offer
NeedState = Literal["IDENTIFIED", "IN_REFERRAL", "BEING_SERVED", "MET", "NOT_MET", "WITHDRAWN"]
ReferralState = Literal[
    "AWAITING_CONSENT",
    "MATCHING",
    "OFFERED",
    "WAITLISTED",
    "ACCEPTED",
    "IN_SERVICE",
    "UNMET",
    "ON_HOLD",
    "CLOSED_RESOLVED",
    "CLOSED_UNRESOLVED",
    "CLOSED_DECLINED",
]
REFERRAL_STATE_WORDS: Final[Mapping[ReferralState, str]] = {
    "AWAITING_CONSENT": "Waiting for the family’s signature",
    "MATCHING": "Choose a partner",
    "OFFERED": "Waiting for the partner",
    "WAITLISTED": "On a waiting list",
    "ACCEPTED": "Accepted",
    "IN_SERVICE": "Under way",
    "UNMET": "No partner yet",
    "ON_HOLD": "On hold",
    "CLOSED_RESOLVED": "Done",
    "CLOSED_UNRESOLVED": "Ended without help",
    "CLOSED_DECLINED": "The family decided against it",
}
OfferState = Literal[
    "PROPOSED", "OFFERED", "ACCEPTED", "DECLINED", "EXPIRED", "RECALLED", "DROPPED"
]
OFFER_STATE_WORDS: Final[Mapping[OfferState, str]] = {
    "PROPOSED": "Found",
    "OFFERED": "Asked",
    "ACCEPTED": "Accepted",
    "DECLINED": "Declined",
    "EXPIRED": "No answer",
    "RECALLED": "Taken back",
    "DROPPED": "Not chosen",
}
Recipient = Literal["family", "partner", "staff"]
Template = Literal[
    "consent-needed",
    "consent-signed",
    "place-kept",
    "accepted",
    "place-lost",
    "offer",
    "offer-recalled",
    "packet-ready",
    "family-answered",
    "step-up-code",
]
SuppressionCode = Literal[
    "opt-out", "no-consent", "no-contact", "by-hand", "duplicate", "cap", "expired", "cancelled"
]
FailureCode = Literal["permanent-failure", "technical-failure"]
FamilyAnswer = Literal[
    "consent", "refusal", "revocation", "confirmation", "cannot-come", "other-time", "wrong-person",
    "stop",
]  # fmt: skip
Locale = Literal["en", "es", "pt", "ht", "kea", "ar"]
LOCALES: Final[tuple[Locale, ...]] = get_args(Locale)
LANGUAGE_WORDS: Final[Mapping[str, str]] = {  # as staff and partners know them
    "en": "English",
    "es": "Spanish",
    "pt": "Portuguese",
    "ht": "Haitian Creole",
    "kea": "Cape Verdean Creole",
    "ar": "Arabic",
}
OWN_NAMES: Final[Mapping[str, str]] = {  # as each calls itself
    "en": "English",
    "es": "Español",
    "pt": "Português",
    "ht": "Kreyòl ayisyen",
    "kea": "Kabuverdianu",
    "ar": "العربية",
}
RECORD_WORDS: Final[Mapping[RecordClass, str]] = {
    "identity": "Name, grade and age",
    "contact": "How to reach you",
    "schedule": "When your child is free",
    "need-summary": "What help is needed",
    "goals": "Goals",
    "interests": "Interests",
    "academic": "School results",
    "attendance": "Attendance",
    "iep-status": "Whether there is an IEP",
    "health": "Health information",
    "counselling": "Counseling information",
}

Refusal = tuple[str, str]
OFFER_UNKNOWN: Final[Refusal] = ("offer_unknown", "There is no such offer.")
OFFER_CLOSED: Final[Refusal] = (
    "offer_closed",
    "This offer is no longer open. Nothing was changed.",
)
REFERRAL_UNKNOWN: Final[Refusal] = ("referral_unknown", "There is no such referral.")
NEED_UNKNOWN: Final[Refusal] = ("need_unknown", "There is no such need.")
STUDENT_UNKNOWN: Final[Refusal] = ("student_unknown", "There is no such student.")
SUBJECT_UNKNOWN: Final[Refusal] = (
    "subject_unknown",
    "There is nothing here by that name.",
)
KEY_REUSED: Final[Refusal] = ("key_reused", "This form was sent before with other answers.")
TOO_MANY_TRIES: Final[Refusal] = (
    "too_many_tries",
    "Too many tries for this name. Wait some minutes, then try again.",
)
NAME_TAKEN: Final[Refusal] = ("sign_in_name_taken", "Somebody has this sign-in name already.")
PERSONA_UNKNOWN: Final[Refusal] = (
    "persona_unknown",
    "There is nobody of this name in the demo.",
)
LINK_UNKNOWN: Final[Refusal] = ("link_unknown", "This link is not known.")
LINK_ENDED: Final[Refusal] = ("link_ended", "This link has ended. Ask for a new one.")
LINK_LOCKED: Final[Refusal] = (
    "link_locked",
    "This link was closed after five wrong answers. Please call the school.",
)
STEP_UP_WRONG: Final[Refusal] = ("step_up_wrong", "That does not match. Please try again.")
STEP_UP_NEEDED: Final[Refusal] = ("step_up_needed", "Please show first that it is you.")
CONSENT_MISSING: Final[Refusal] = (
    "consent_missing",
    "The family has not signed. The place is kept.",
)
CONSENT_ENDED: Final[Refusal] = ("consent_ended", "The family’s permission has ended.")
RULE_FAILS: Final[Refusal] = ("rule_fails", "This service’s rules do not fit this need.")
NO_SEAT: Final[Refusal] = ("no_seat", "There is no place left there.")
OFFERS_FULL: Final[Refusal] = ("offers_full", "Another partner is being asked already.")
CONSENT_ASKED: Final[Refusal] = (
    "consent_asked",
    "The family was asked for this permission already, and may still answer.",
)
CONSENT_STANDS: Final[Refusal] = (
    "consent_stands",
    "The family has given this permission already.",
)
ALREADY_CHOSEN: Final[Refusal] = ("already_chosen", "A partner was chosen already.")
NO_SIGNER: Final[Refusal] = ("no_signer", "Nobody on record may sign for this student.")
VIEW_BEHIND: Final[Refusal] = (
    "view_behind",
    "Permissions cannot be checked right now. Please try again in a minute.",
)
SERVICE_UNKNOWN: Final[Refusal] = ("service_unknown", "There is no such service.")
FIGURES_WRONG: Final[Refusal] = (
    "figures_wrong",
    "More places are occupied than there are.",
)
DECLINE_CODE_MISSING: Final[Refusal] = (
    "decline_code_missing",
    "Say why you cannot take this referral.",
)
NO_PARTY: Final[Refusal] = ("no_party", "Choose at least one partner, or say no.")
ROSTER_SHRANK: Final[Refusal] = (
    "roster_shrank",
    "More than 10 % of the students at school here are missing in this roster. "
    "Nothing was changed. If they did leave, say --confirm-drop.",
)
REFUSALS: Final[Mapping[str, str]] = dict(
    [
        OFFER_UNKNOWN,
        OFFER_CLOSED,
        REFERRAL_UNKNOWN,
        NEED_UNKNOWN,
        STUDENT_UNKNOWN,
        LINK_UNKNOWN,
        LINK_ENDED,
        LINK_LOCKED,
        STEP_UP_WRONG,
        STEP_UP_NEEDED,
        CONSENT_MISSING,
        CONSENT_ENDED,
        CONSENT_ASKED,
        CONSENT_STANDS,
        RULE_FAILS,
        NO_SEAT,
        OFFERS_FULL,
        ALREADY_CHOSEN,
        NO_SIGNER,
        VIEW_BEHIND,
        SERVICE_UNKNOWN,
        FIGURES_WRONG,
        DECLINE_CODE_MISSING,
        NO_PARTY,
        ROSTER_SHRANK,
        KEY_REUSED,
        SUBJECT_UNKNOWN,
        TOO_MANY_TRIES,
        NAME_TAKEN,
        PERSONA_UNKNOWN,
    ]
)
"""Sentence of every refusal by its code."""
