from pathlib import Path

import pytest

from deploy.checker.texts import kept_texts, texts_agree
from deploy.local.sms_gateway import keep
from tests.unit.checker.builders import QUEUED, of_message

SENT = [*QUEUED, of_message("message_sent", "m-1", "sms"), of_message("message_sent", "m-2")]


@pytest.mark.parametrize(
    ("kept", "wrong"),
    [
        (["m-1"], []),
        (["m-1", "m-2"], []),  # it was taken, nobody heard so, and it went as a mail after that
        ([], ["text m-1 is said to be sent and did not arrive"]),
        (["m-1", "m-9"], ["text m-9 arrived, and nobody meant to send it"]),
        (["m-1", "m-3", "m-1"], ["text m-1 arrived 2 times"]),
    ],
)
def test_what_was_sent_arrived_once_and_what_arrived_was_meant(
    kept: list[str], wrong: list[str]
) -> None:
    assert [*texts_agree(SENT, kept)] == wrong


def test_a_kept_text_is_known_by_its_reference_and_a_key_is_kept_once(tmp_path: Path) -> None:
    for key, reference in (("k-1", "m-1"), ("k-1", "m-1"), ("k-2", "m-1"), ("k-3", "m-2")):
        keep(tmp_path, key, {"to": "+14105550101", "text": "Bonjou", "reference": reference})

    assert sorted(kept_texts(tmp_path)) == ["m-1", "m-1", "m-2"]
