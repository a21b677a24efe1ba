"""A student's record as its page shows it: needs, candidates with reasons, offers, the past."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from schemas.codes import (
    CLASS_WORDS,
    CONSENT_CLASSES,
    DECLINE_WORDS,
    OFFER_STATE_WORDS,
    REFERRAL_STATE_WORDS,
    RESTRICTED_WORD,
)
from schemas.envelope import Erased
from schemas.referrals import Candidate
from services.plans.domain.cases import Case, Offer
from services.plans.domain.consents import Consent, ConsentBook
from services.plans.domain.covering import Use, covering
from services.plans.domain.needs import AskedAct, Need
from services.plans.domain.rights import in_force
from services.plans.domain.standing import standing
from services.plans.pages.speech import Speech
from services.plans.pages.wording import (
    ACTS,
    CONSENT_STATES,
    KEPT,
    NEED_STATES,
    RULE_WORDS,
    Look,
)
from services.plans.queries.records import NeedRecord, StudentRecord

CANDIDATES_SHOWN: Final = 10
MASKED: Final = "a partner"
ASK: Final = "Send, and ask the family"
LOOKS: Final[dict[str, Look]] = {
    "ACCEPTED": "good",
    "IN_SERVICE": "good",
    "OFFERED": "wait",
    "MATCHING": "wait",
    "AWAITING_CONSENT": "wait",
    "UNMET": "stop",
    "DECLINED": "stop",
    "EXPIRED": "wait",
    "RECALLED": "stop",
}


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A need in the words of one reader."""

    need: Need
    what: str
    summary: str
    state: str
    look: Look
    reference: str
    asked: Sequence[dict[str, str]]
    candidates: Sequence[dict[str, Any]]
    impossible: Sequence[dict[str, str]]
    out: str
    offers: Sequence[dict[str, Any]]
    may_choose: bool
    kept: str


def shown(record: NeedRecord, book: ConsentBook, speech: Speech) -> Shown:
    """A need with what became of it."""
    need, case, facts = record.need, record.case, record.need.facts
    is_hidden = need.restricted and speech.masks
    state = case.state if case and need.state == "IN_REFERRAL" else ""
    words = REFERRAL_STATE_WORDS.get(state, "") if state else NEED_STATES[need.state]
    is_waiting = case is not None and case.run is None
    return Shown(
        need=need,
        what=speech.category(facts, restricted=need.restricted),
        summary="" if isinstance(facts, Erased) or is_hidden else facts.summary,
        state=speech.say(NEED_STATES["IDENTIFIED"] if is_waiting else words),
        look=LOOKS.get(state, "plain"),
        reference=case.reference if case else "",
        asked=[_asked(each, case, speech, hides=is_hidden) for each in need.acts_in_view],
        candidates=[] if is_hidden else _candidates(need, case, book, speech),
        impossible=[] if is_hidden else _impossible(case, speech),
        out="" if is_hidden else _out(case, speech),
        offers=[] if case is None else [_offer(each, case, need, speech) for each in case.offers],
        may_choose=_may_choose(need, case),
        kept=_kept(case, speech, hides=is_hidden),
    )


def _send(need: Need, organization_id: str, book: ConsentBook, now: datetime) -> str:
    """What the button promises of the family: whether it is asked, told, or has signed for them."""
    if isinstance(need.facts, Erased):
        return ASK
    use = Use(
        organization_id=organization_id,
        need_id=need.need_id,
        category=need.facts.category,
        restricted=need.restricted,
    )
    rests_on = covering(book, use, now)
    if rests_on is None:
        return ASK
    return "Send, and tell the family" if rests_on.is_standing else "Send: the family has signed"


def _may_choose(need: Need, case: Case | None) -> bool:
    return bool(need.is_open and case and not need.is_asking and not case.live)


def _kept(case: Case | None, speech: Speech, *, hides: bool) -> str:
    """What stands above the partners to choose from while a choice waits for the signature."""
    if case is None or case.live or not case.kept_offer_id:
        return ""
    return speech.tell(KEPT, partner=partner(case, case.kept_offer_id, speech, hides=hides))


def _asked(act: AskedAct, case: Case | None, speech: Speech, *, hides: bool) -> dict[str, str]:
    whom = partner(case, act.offer_id, speech, hides=hides)
    sentence = speech.tell(ACTS[act.kind], partner=whom)
    answer = speech.detail(act.code) if act.state == "refused" else speech.say("waiting")
    return {"text": f"{sentence} · {answer}", "kind": "stop" if act.code else "wait"}


def partner(case: Case | None, offer_id: str | None, speech: Speech, *, hides: bool) -> str:
    """The organization behind an offer, as far as this reader may know."""
    party = case.party(offer_id) if case and offer_id and not hides else None
    return party.name if party else speech.say(MASKED)


def _candidates(
    need: Need, case: Case | None, book: ConsentBook, speech: Speech
) -> list[dict[str, Any]]:
    found = case.untried[:CANDIDATES_SHOWN] if case else ()
    return [
        {
            "offer_id": each.offer_id,
            "title": f"{each.service_name} · {each.organization_name}",
            "places": _places(each, speech),
            "look": "good" if (each.free_seats or 0) > 0 else "plain",
            "reasons": [speech.reason(result) for result in each.results],
            "send": speech.say(_send(need, each.organization_id, book, speech.now)),
        }
        for each in found
    ]


def _places(candidate: Candidate, speech: Speech) -> str:
    if candidate.waitlist_only:
        return speech.say("Full, list open")
    if candidate.free_seats is None:
        return speech.say("places unknown")
    return speech.tell("{count} places", count=str(candidate.free_seats))


def _impossible(case: Case | None, speech: Speech) -> list[dict[str, str]]:
    """Near misses: each service with the one rule that fails."""
    matched = case.matched if case else None
    return [
        {"verdict": "fail", "text": f"{each.service_name}: {speech.reason(result)['text']}"}
        for each in (matched.near_misses if matched else ())
        for result in each.results
        if result.outcome == "fail" and result.hard
    ]


def _out(case: Case | None, speech: Speech) -> str:
    """How many services each rule removed, most first."""
    matched = case.matched if case else None
    if matched is None or not matched.failed_by_rule:
        return ""
    counts = sorted(matched.failed_by_rule.items(), key=lambda each: -each[1])
    said = ", ".join(
        f"{speech.say(RULE_WORDS[rule])} ({n})"  # type: ignore[index]
        for rule, n in counts
        if rule in RULE_WORDS
    )
    return speech.tell(
        "{count} services of this kind were looked at. Why some are out: {reasons}.",
        count=str(matched.considered),
        reasons=said,
    )


def _offer(offer: Offer, case: Case, need: Need, speech: Speech) -> dict[str, Any]:
    hides = need.restricted and speech.masks
    service = "" if hides else case.service_name(offer.offer_id)
    return {
        "offer_id": offer.offer_id,
        "service": service or speech.say(RESTRICTED_WORD),
        "partner": partner(case, offer.offer_id, speech, hides=hides),
        "why": _why(offer, speech, hides=hides),
        "moment": speech.moment(offer.at),
        "state": speech.say(OFFER_STATE_WORDS[offer.state]),
        "look": LOOKS.get(offer.state, "plain"),
        "is_asked": offer.state == "OFFERED" and need.is_open and not need.is_asking,
    }


def _why(offer: Offer, speech: Speech, *, hides: bool) -> str:
    match offer.state:
        case "OFFERED" if offer.answer_by:
            return speech.tell("answer by {until}", until=speech.until(offer.answer_by))
        case "ACCEPTED" if offer.starts_on:
            return speech.tell("first day: {day}", day=speech.day(offer.starts_on))
        case "DECLINED":
            return declined(offer, speech, hides=hides)
        case _:
            return speech.detail(offer.code)


def declined(offer: Offer | None, speech: Speech, *, hides: bool) -> str:
    """Why a partner said no, as far as this reader may know: the words may name anything."""
    facts = offer.decline.facts if offer and offer.decline and not hides else None
    if facts is None or isinstance(facts, Erased):
        return ""
    said = speech.say(DECLINE_WORDS[facts.code])
    return f"{said} · “{facts.text}”" if facts.text else said


def permissions(record: StudentRecord, speech: Speech) -> Iterator[dict[str, Any]]:
    """The family's permissions, newest first.

    One whose signer lost the rights has ended, and can be revoked: the rights may come back.
    """
    counted = in_force(record.book, record.student, speech.now, speech.today)
    for consent in reversed(record.book.consents):
        state, look = CONSENT_STATES[consent.state]
        counts = counted.find(consent.consent_id) or consent
        is_over = _is_over(counts, speech)
        yield {
            "consent_id": consent.consent_id,
            "parties": parties(consent, speech),
            "state": speech.say("ended" if is_over else state),
            "look": "plain" if is_over else look,
            "until": "" if is_over and not consent.given_at else _until(consent, speech),
            "may_revoke": consent.is_live(speech.now),
        }


def _is_over(consent: Consent, speech: Speech) -> bool:
    """Whether a signature stands for nothing more, or a question can be answered no more."""
    match consent.state:
        case "given":
            return not consent.is_live(speech.now)
        case "asked":
            return speech.now >= consent.open_until
        case _:
            return False


def classes_to_ask(book: ConsentBook, speech: Speech) -> list[tuple[str, str]]:
    """The classes that the family may be asked for now, with their words."""
    return [
        (each, speech.say(CLASS_WORDS[each]))
        for each in CONSENT_CLASSES
        if standing(book, each, speech.now) is None
    ]


def _until(consent: Consent, speech: Speech) -> str:
    if consent.state not in {"asked", "given"}:
        return ""
    if consent.expires_at is None:
        return speech.tell("may answer until {until}", until=speech.until(consent.open_until))
    return speech.tell("until {until}", until=speech.last_day(consent.expires_at))


def parties(consent: Consent, speech: Speech) -> str:
    """Whom a consent is for, as far as this reader may know."""
    facts = consent.facts
    if isinstance(facts, Erased) or (consent.restricted and speech.masks):
        return speech.say(MASKED)
    if consent.consent_class:
        what = speech.say(CLASS_WORDS[consent.consent_class])
        return speech.tell("All partners: {what}", what=what)
    meant = facts.agreed if consent.given_at else facts.named
    return ", ".join(each.name for each in facts.terms.parties if each.organization_id in meant)
