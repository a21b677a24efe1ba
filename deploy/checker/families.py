"""What families must have heard, from what the services told: nobody is left without a word.

A plain model of its own: it counts events and messages, and knows nothing of how messages are made.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from deploy.checker.told import Told

Due = Counter[tuple[str, str]]  # how often, by template and need


def families_told(told: Iterable[Told]) -> Iterator[str]:
    """For each fact that a family is to hear there is a message, or a word on why there is none."""
    events = list(told)
    heard = Counter(_messages(events).values())
    for (template, need), times in due(events).items():
        of_them = heard[template, need]
        if of_them < times:
            yield f"need {need}: {times} {template} due, and its family heard {of_them}"


def due(told: Iterable[Told]) -> Due:
    """What families must hear; an erased student's family hears nothing any more."""
    events = list(told)
    erased = {each.value["student_id"] for each in events if each.fact == "student_erased"}
    living = [each for each in events if each.value.get("student_id") not in erased]
    asked = _by(living, "consent_requested", "consent_id")
    signed = _by(living, "consent_given", "consent_id")
    kept = _by(living, "packet_pending", "offer_id")
    lost = _by(living, "packet_withheld", "offer_id", code="consent-missing")
    accepted, released = (
        _by(living, fact, "offer_id") for fact in ("offer_accepted", "packet_released")
    )
    wanted = {
        "consent-needed": asked.values(),
        "consent-signed": [asked[each] for each in signed if each in asked],
        "place-kept": kept.values(),
        "place-lost": lost.values(),
        "accepted": [accepted[each] for each in released if each in accepted],
        "offer": _under_standing_permissions(living, asked),
        "offer-recalled": _without_a_place(living),
    }
    return Counter((template, need) for template, needs in wanted.items() for need in needs)


def _under_standing_permissions(told: Iterable[Told], asked: Mapping[str, str]) -> list[str]:
    """The needs for which partners were asked without a signature of their own, once each."""
    events = list(told)
    ended = {
        each.value["consent_id"]
        for each in events
        if each.fact == "consent_revoked" and each.value["of_all"]
    }
    asked_under = {
        (each.value["need_id"], each.value["consent_id"])
        for each in events
        if each.fact == "offer_made" and "consent_id" in each.value
    }
    return [
        need
        for need, consent in asked_under
        if consent not in ended and asked.get(consent) == consent  # tied to no need
    ]


def _without_a_place(told: Iterable[Told]) -> list[str]:
    """The needs that lost every place of which a family was written to, once each.

    Nothing says of which of a need's places a message is, so only needs without one are held to
    it. What went for want of a signature is told as a lost place.
    """
    events = list(told)
    written_to = {
        each.value["need_id"]
        for each in events
        if each.fact == "message_sent"
        and each.value["recipient"] == "family"
        and each.value["template"] in {"accepted", "place-kept"}
    }
    places = _by(events, "packet_released", "offer_id") | _by(events, "packet_pending", "offer_id")
    ends = ("offer_recalled", "packet_withheld")
    unsigned = {o for fact in ends for o in _by(events, fact, "offer_id", code="consent-missing")}
    gone = {o for fact in ends for o in _by(events, fact, "offer_id")} - unsigned
    still = {need for offer, need in places.items() if offer not in gone}
    return sorted(written_to - still)


def _by(told: Iterable[Told], fact: str, name: str, **only: str) -> dict[str, str]:
    """The need of each consent or offer of which a fact was told."""
    return {
        each.value[name]: each.value["need_id"]
        for each in told
        if each.fact == fact and only.items() <= each.value.items()
    }


def _messages(told: Iterable[Told]) -> dict[str, tuple[str, str]]:
    """Template and need of each message to a family, whether it goes out or not."""
    return {
        each.value["message_id"]: (each.value["template"], str(each.value.get("need_id")))
        for each in told
        if each.fact in {"message_queued", "message_suppressed"}
        and each.value["recipient"] == "family"
    }
