"""What the mail server kept, against what notifications say they have sent."""

from collections.abc import Iterable, Iterator
from email import message_from_binary_file, policy
from pathlib import Path

from deploy.checker.told import Told
from services.notifications.domain.messages import Channel


def kept_mails(folder: Path) -> Iterator[str]:
    """The id of the message of every mail that arrived."""
    for path in sorted(folder.glob("new/*")):
        with path.open("rb") as file:
            mail = message_from_binary_file(file, policy=policy.default)
        yield str(mail["Message-ID"]).strip("<>").split("@")[0]


def mails_agree(told: Iterable[Told], kept: Iterable[str]) -> Iterator[str]:
    """Each mail that is said to be sent has arrived; each that arrived was meant to be sent."""
    events, arrived = list(told), set(kept)
    for missing in sorted(sent(events, "email") - arrived):
        yield f"mail {missing} is said to be sent and did not arrive"
    for foreign in sorted(arrived - queued(events)):
        yield f"mail {foreign} arrived, and nobody meant to send it"


def queued(told: Iterable[Told]) -> set[str]:
    """The messages that somebody is to be sent, whichever way."""
    return {each.value["message_id"] for each in told if each.fact == "message_queued"}


def sent(told: Iterable[Told], channel: Channel) -> set[str]:
    """The messages that are said to have gone that way."""
    return {
        each.value["message_id"]
        for each in told
        if each.fact == "message_sent" and each.value["channel"] == channel
    }
