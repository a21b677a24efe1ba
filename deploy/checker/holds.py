"""Once a permission was missed or taken back, nobody is asked before somebody has signed. Pure.

Which partners a signature names is sealed, so any that lived counts; one that had ended before the
offer was taken back does not.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from deploy.checker.told import Told

ENDS: Final = "consent-"  # how the codes begin of what a permission took back


def unsigned_after_hold(told: Iterable[Told]) -> Iterator[str]:
    """Offers that went out after a hold under no signature at all."""
    events = list(told)
    signed = [each for each in events if each.fact == "consent_given"]
    ended = {
        each.value["consent_id"]: _at(each, "revoked_at")
        for each in events
        if each.fact == "consent_revoked" and each.value["of_all"]
    }
    held: dict[str, datetime] = {}  # referrals, since when
    for each in sorted(events, key=lambda one: one.sequence):
        if each.fact == "offer_recalled" and each.value["code"].startswith(ENDS):
            held[each.value["referral_id"]] = _at(each, "recalled_at")
        since = held.get(each.value["referral_id"]) if each.fact == "offer_made" else None
        if since and not any(_lives(one, each, ended, since) for one in signed):
            yield f"offer {each.value['offer_id']} went out on hold, and nobody had signed"


def _lives(signed: Told, made: Told, ended: dict[str, datetime], since: datetime) -> bool:
    """Whether a signature of the same student may be what ended the hold, or goes on beside it."""
    if signed.value["student_id"] != made.value["student_id"]:
        return False
    over = ended.get(signed.value["consent_id"])
    was_over = over is not None and over < since  # of one moment neither is known to be first
    has_run_out = _at(signed, "expires_at") <= since
    return _at(signed, "given_at") <= _at(made, "made_at") and not (was_over or has_run_out)


def _at(told: Told, name: str) -> datetime:
    value: Any = told.value[name]
    return datetime.fromisoformat(value)
