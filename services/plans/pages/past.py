"""What has happened to a student's needs and permissions, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from services.plans.domain.cases import Case
from services.plans.domain.timeline import Happening, Timeline
from services.plans.pages.showing import declined, parties, partner
from services.plans.pages.speech import Speech
from services.plans.pages.wording import HAPPENED, WHOLE_DAYS
from services.plans.queries.records import StudentRecord

HAPPENINGS_SHOWN: Final = 50


@dataclass(frozen=True, kw_only=True)
class Past:
    """What happened to a need, or to a permission that is tied to none."""

    timeline: Timeline
    what: str
    case: Case | None = None
    is_hidden: bool = False
    suffix: str = ""


def _pasts(record: StudentRecord, speech: Speech) -> Iterable[Past]:
    for each in record.needs:
        if each.timeline:
            yield Past(
                timeline=each.timeline,
                what=speech.category(each.need.facts, restricted=each.need.restricted),
                case=each.case,
                is_hidden=each.need.restricted and speech.masks,
            )
    for consent, timeline in record.standing:
        what = parties(consent, speech)
        yield Past(timeline=timeline, what=what, suffix=f" · {what}")


def happened(record: StudentRecord, speech: Speech) -> list[dict[str, str]]:
    """What has happened to a student's needs and standing permissions, newest first."""
    found = [
        (happening, past)
        for past in _pasts(record, speech)
        for happening in past.timeline.happenings
    ]
    found.reverse()  # of two at the same moment the later told stands first
    found.sort(key=lambda pair: pair[0].at, reverse=True)
    told = [_happened(what, of, speech) for what, of in found[:HAPPENINGS_SHOWN]]
    # Two people of one partner get the same mail: it is told once.
    return [one for one, later in zip(told, [None, *told], strict=False) if not _again(one, later)]


def _again(one: dict[str, str], later: dict[str, str] | None) -> bool:
    return later is not None and (one["text"], one["when"]) == (later["text"], later["when"])


def _until(what: Happening, speech: Speech) -> str:
    if what.until is None:
        return ""
    return speech.last_day(what.until) if what.code in WHOLE_DAYS else speech.until(what.until)


def _happened(what: Happening, of: Past, speech: Speech) -> dict[str, str]:
    sentence, look = HAPPENED[what.code]
    offer = of.case.offer(what.offer_id) if of.case and what.offer_id else None
    text = speech.tell(
        sentence,
        what=of.what,
        partner=partner(of.case, what.offer_id, speech, hides=of.is_hidden),
        until=_until(what, speech),
        detail=speech.detail(what.detail),
        why=declined(offer, speech, hides=of.is_hidden),
    )
    return {**speech.moment(what.at), "text": text.rstrip(": ") + of.suffix, "kind": look}
