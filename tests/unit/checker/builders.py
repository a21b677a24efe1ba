"""What notifications tell of messages, with defaults that fit together."""

from deploy.checker.told import Told


def told(fact: str, message: str, channel: str = "email") -> Told:
    return Told(
        topic="notifications.messages",
        id=f"{fact} {message}",
        type=f"notifications.{fact}.v1",
        source="notifications",
        subject="s-1",
        sequence=1,
        value={"message_id": message, "channel": channel},
    )


QUEUED = [told("message_queued", each) for each in ("m-1", "m-2", "m-3")]
