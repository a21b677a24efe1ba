"""Each look at a Packet: under a permission that held, or had ended so lately that nobody knew.

Between a family's word in plans and its arrival in referrals lies a topic. A look in between is no
violation but is counted, with how long after the word it was. What ends one partner of several is
sealed and cannot be seen from outside.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from deploy.checker.told import Told

FACTS: Final = frozenset({"packet_viewed", "packet_closed", "consent_given", "consent_revoked"})


def looks(told: Iterable[Told]) -> Iterator[str]:
    """Looks that nobody may have had: of no signature, after its last day, after it was closed."""
    found = [each for each in told if each.fact in FACTS]
    given = {each.value["consent_id"]: each for each in found if each.fact == "consent_given"}
    closed = {  # when, in the order in which its subject was told of
        each.value["offer_id"]: each.sequence for each in found if each.fact == "packet_closed"
    }
    for look in found:
        if look.fact == "packet_viewed":
            offer = look.value["offer_id"]
            wrong = _why_not(look, given.get(look.value["consent_id"]), closed.get(offer))
            if wrong:
                yield f"the packet of {offer} was shown {wrong}"


def _why_not(look: Told, signed: Told | None, closed: int | None) -> str | None:
    if signed is None:
        return "without a signature"
    if _at(look, "viewed_at") >= _at(signed, "expires_at"):
        return "after the last day of its signature"
    if closed is not None and look.sequence > closed:
        return "after it was closed"
    return None


def late_looks(told: Iterable[Told]) -> list[timedelta]:
    """How long after the word that ended its permission each look was that came before the word."""
    found = [each for each in told if each.fact in FACTS]
    ended = {
        each.value["consent_id"]: _at(each, "revoked_at")
        for each in found
        if each.fact == "consent_revoked" and each.value["of_all"]
    }
    ages = (
        _at(each, "viewed_at") - ended[each.value["consent_id"]]
        for each in found
        if each.fact == "packet_viewed" and each.value["consent_id"] in ended
    )
    return sorted(age for age in ages if age >= timedelta())


def _at(told: Told, name: str) -> datetime:
    value: Any = told.value[name]
    return datetime.fromisoformat(value)
