"""What stands on topics, as whoever looks on reads it, with defaults that fit together."""

from datetime import datetime
from typing import Any

from deploy.checker.told import Told


def told(fact: str, number: int = 1, **value: Any) -> Told:
    """An event, the so-manieth of its subject; times as JSON has them."""
    said = {
        name: each.isoformat() if isinstance(each, datetime) else each
        for name, each in value.items()
    }
    return Told(
        topic="any",
        id=f"{fact} {number} {sorted(said.items(), key=str)}",
        type=f"any.{fact}.v1",
        source="any",
        subject="s-1",
        sequence=number,
        value=said,
    )


def of_message(fact: str, message: str, channel: str = "email") -> Told:
    """What notifications tell of a message."""
    return told(fact, message_id=message, channel=channel)


QUEUED = [of_message("message_queued", each) for each in ("m-1", "m-2", "m-3")]
