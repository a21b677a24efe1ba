"""English sentences of staff pages, by code; the catalogues translate them."""

from collections.abc import Mapping
from typing import Final, Literal

from schemas.codes import Category, ConsentState, NeedState, Rule
from services.plans.domain.attention import Matter

Look = Literal["plain", "good", "wait", "stop"]

ROLES: Final[Mapping[str, str]] = {
    "case_manager": "Case manager",
    "supervisor": "Supervisor",
    "privacy_officer": "Privacy officer",
    "partner_coordinator": "Partner coordinator",
    "teacher": "Teacher",
    "liaison": "Liaison",
    "district_admin": "District administrator",
}
MATTERS: Final[Mapping[Matter, tuple[str, str, Look]]] = {  # state, why, look
    "act-refused": ("Not done", "What you asked could not be done: open it to read why", "stop"),
    "wrong-person": ("Wrong person", "A message reached somebody else", "stop"),
    "link-locked": (
        "Call the family",
        "Five wrong answers closed its link: it waits for your call",
        "stop",
    ),
    "cannot-come": ("Family cannot come", "The family said that it cannot come", "stop"),
    "other-time": ("Other time", "The family asks for another time", "wait"),
    "declined": ("Declined", "{partner} said no", "stop"),
    "expired": ("No answer", "{partner} did not answer in time", "wait"),
    "withheld": ("Nothing shared", "The place was given up: no permission to share", "stop"),
    "consent-refused": ("Family said no", "The family does not want this shared", "stop"),
    "consent-withdrawn": ("Permission ended", "The family took its permission back", "stop"),
    "recalled": ("Taken back", "The offer to {partner} was taken back", "wait"),
    "consent-missing": ("Signature missing", "The family has not signed yet", "wait"),
    "unmet": ("No partner", "No service fits now: see why", "plain"),
    "choose": ("Choose a partner", "Services were found and wait for your choice", "wait"),
}
NEED_STATES: Final[Mapping[NeedState, str]] = {
    "IDENTIFIED": "Looking for partners",
    "IN_REFERRAL": "Looking for partners",
    "BEING_SERVED": "Under way",
    "MET": "Done",
    "NOT_MET": "Ended without help",
    "WITHDRAWN": "Withdrawn",
}
CONSENT_STATES: Final[Mapping[ConsentState, tuple[str, Look]]] = {
    "asked": ("asked", "wait"),
    "given": ("signed", "good"),
    "refused": ("refused", "stop"),
    "revoked": ("taken back", "stop"),
}
ACTS: Final[Mapping[str, str]] = {
    "choice": "Asked: send this to {partner}",
    "accept": "Asked: record the yes of {partner}",
    "decline": "Asked: record the no of {partner}",
}
KEPT: Final = (
    "{partner} is chosen and will be asked once the family has signed. "
    "You may choose another instead."
)
RULE_WORDS: Final[Mapping[Rule, str]] = {
    "partner": "no agreement with this district",
    "category": "another kind of help",
    "age": "other ages",
    "grade": "other grades",
    "area": "another area",
    "languages": "the language is not spoken",
    "schedule": "no session when free",
    "season": "not open when wanted",
    "cost": "costs too much",
    "transport": "no ride",
    "insurance": "insurance not taken",
    "capacity": "no place left",
    "other": "other conditions",
    "family": "the family asked not to",
    "memory": "tried before",
    "consent": "no consent",
}
HAPPENED: Final[Mapping[str, tuple[str, Look]]] = {
    "need-written": ("Need written: {what}", "plain"),
    "need-withdrawn": ("Need withdrawn: {what}", "plain"),
    "partner-chosen": ("{partner} was chosen", "plain"),
    "answer-recorded": ("Answer of {partner} recorded by hand", "plain"),
    "consent-requested": ("Family asked for its permission, until {until}", "plain"),
    "consent-given": ("The family signed, valid until {until}", "good"),
    "consent-refused": ("The family said no", "stop"),
    "consent-revoked": ("The family took its permission back", "stop"),
    "packet-released": ("{partner} may now see whom to call", "good"),
    "packet-pending": (
        "{partner} keeps the place until {until}, for the signature",
        "wait",
    ),
    "packet-withheld": ("Nothing was shared with {partner}: {detail}", "stop"),
    "referral-opened": ("Search for partners began", "plain"),
    "candidates-ranked": ("Partners found and ranked", "plain"),
    "need-unmet": ("No service fits now", "wait"),
    "choice-kept": ("{partner} will be asked once the family has signed", "wait"),
    "offer-made": ("Sent to {partner}, answer by {until}", "plain"),
    "offer-accepted": ("{partner} accepted", "good"),
    "offer-declined": ("{partner} declined: {why}", "wait"),
    "offer-expired": ("{partner} did not answer in time", "wait"),
    "offer-recalled": ("Taken back from {partner}: {detail}", "stop"),
    "preview-viewed": ("{partner} looked at the short description", "plain"),
    "packet-viewed": ("{partner} looked at the record", "plain"),
    "packet-closed": ("{partner} can no longer see the record", "plain"),
    "view-denied": ("{partner} was not shown the record", "stop"),
    "referral-closed": ("Closed: {detail}", "plain"),
    "act-refused": ("Could not be done: {detail}", "stop"),
    "message-sent": ("Message {detail}", "plain"),
    "message-failed": ("Not delivered: message {detail}", "stop"),
    "message-suppressed": ("Message not sent: {detail}", "wait"),
    "message-seen": ("Opened: message {detail}", "good"),
    "family-answered": ("The family answered: {detail}", "good"),
    "link-locked": ("A link was closed after five wrong answers: call the family", "stop"),
}
WHOLE_DAYS: Final = frozenset({"consent-given"})  # a limit that is the end of a day
DETAILS: Final[Mapping[str, str]] = {
    "consent-needed": "to the family: please sign",
    "consent-signed": "to the family: copy of the signature",
    "place-kept": "to the family: a place is kept",
    "accepted": "to the family: there is a place",
    "place-lost": "to the family: the place is gone",
    "offer": "to the partner: a new referral",
    "offer-to-family": "to the family: help is asked for",
    "offer-recalled": "to the partner: referral taken back",
    "offer-recalled-to-family": "to the family: the place is not free any more",
    "packet-ready": "to the partner: you may call",
    "family-answered": "to the partner: the family’s answer",
    "step-up-code": "to the family: a code",
    "opt-out": "stopped by the person",
    "no-consent": "no permission",
    "no-contact": "nobody to reach",
    "by-hand": "please tell the family yourself",
    "duplicate": "told already",
    "cap": "enough messages today",
    "expired": "too late to matter",
    "cancelled": "replaced by newer news",
    "consent": "yes, signed",
    "refusal": "no",
    "revocation": "permission taken back",
    "confirmation": "we will come",
    "cannot-come": "we cannot come",
    "other-time": "another time, please",
    "wrong-person": "this is not for me",
    "stop": "no more messages",
}
DECISIONS: Final[Mapping[str, str]] = {
    "released": "{party} may see the record, as the family allowed",
    "shown": "{actor} of {party} looked at the record",
    "denied": "{actor} of {party} asked and was not shown it",
    "pending": "{party} said yes; nothing is shared until the family signs",
    "withheld": "Nothing was shared with {party}",
    "ended": "{party} can no longer see the record",
}
LOOKED_AT_PREVIEW: Final = "{actor} of {party} looked at the short description, without a name"
CHANNELS: Final[Mapping[str, str]] = {
    "page": "on a page",
    "print": "on paper",
    "oral": "by phone",
    "none": "",
}
FIELDS: Final[Mapping[str, str]] = {
    "preferred_name": "first name",
    "surname": "surname",
    "grade": "grade",
    "age_years": "age",
    "contact_name": "contact’s name",
    "contact_channel": "contact’s phone or mail",
    "contact_language": "contact’s language",
    "windows": "when free",
    "transport_needed": "ride needed",
    "category": "kind of help",
    "urgency": "how soon",
    "summary": "what is needed",
    "grade_band": "grade band",
    "language": "language",
    "zone": "area",
    "cost_limit": "what the family can pay",
    "insurance": "insurance",
    "case_manager_name": "case manager",
    "case_manager_phone": "case manager’s phone",
    "purpose": "purpose",
    "consent_until": "end of the permission",
}
NOT_LISTED: Final = frozenset({"classes", "notice_version"})
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
FAMILIES: Final[Mapping[str, str]] = {
    "enrich": "Learning and free time",
    "health": "Health",
    "counsel": "Counseling",
    "family": "For the family",
}


def family_of(category: Category) -> str:
    """The family of a category, in words."""
    return FAMILIES[category.split(".", 1)[0]]
