"""What the mail server kept, against what notifications say they have sent."""

from collections import Counter
from collections.abc import Iterable, Iterator
from email import message_from_binary_file, policy
from pathlib import Path

from deploy.checker.told import Told


def kept_mails(folder: Path) -> Iterator[str]:
    """The id of the message of every mail that arrived."""
    for path in sorted(folder.glob("new/*")):
        with path.open("rb") as file:
            mail = message_from_binary_file(file, policy=policy.default)
        yield str(mail["Message-ID"]).strip("<>").split("@")[0]


def mails_agree(told: Iterable[Told], kept: Iterable[str]) -> Iterator[str]:
    """Each mail that is said to be sent has arrived; each that arrived was meant to be sent."""
    events = list(told)
    queued = {each.value["message_id"] for each in events if each.fact == "message_queued"}
    sent = {
        each.value["message_id"]
        for each in events
        if each.fact == "message_sent" and each.value["channel"] == "email"
    }
    arrived = Counter(kept)
    for missing in sorted(sent - arrived.keys()):
        yield f"mail {missing} is said to be sent and did not arrive"
    for foreign in sorted(arrived.keys() - queued):
        yield f"mail {foreign} arrived, and nobody meant to send it"
