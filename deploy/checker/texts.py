"""What the gateway for texts kept, against what notifications say they have sent."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from deploy.checker.mails import queued, sent
from deploy.checker.told import Told


def kept_texts(folder: Path) -> Iterator[str]:
    """The id of the message of every text that arrived, as its reference says."""
    for path in sorted(folder.glob("*.json")):
        yield json.loads(path.read_text(encoding="utf-8"))["reference"]


def texts_agree(told: Iterable[Told], kept: Iterable[str]) -> Iterator[str]:
    """Each text that is said to be sent arrived, once; each that arrived was meant to be sent.

    Once, also after a crash: a text that is sent again has its first key, and is kept once.
    """
    events, arrived = list(told), Counter(kept)
    for missing in sorted(sent(events, "sms") - arrived.keys()):
        yield f"text {missing} is said to be sent and did not arrive"
    for foreign in sorted(arrived.keys() - queued(events)):
        yield f"text {foreign} arrived, and nobody meant to send it"
    for message, times in sorted(arrived.items()):
        if times > 1:
            yield f"text {message} arrived {times} times"
