"""What a stored message says it was worded by is what it was worded by."""

import json
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Final

from schemas.codes import LOCALES
from schemas.extract import translated
from services.notifications import wording
from services.notifications.domain.queueing import VERSION
from services.notifications.wording import Words

# A sentence that changes needs a new VERSION and a new row here, never a new hash in an old row.
WORDINGS: Final = {
    "2026-2": "5845e165df274df0",
    "2026-3": "5af6f0f052c9e13c",
    "2026-4": "22e241f0e8c3dfa7",
    "2026-5": "d9c9900ee9daecc2",
}
OF_ALL: Final = (
    *(wording.HELLO, wording.HELLO_FAMILY),
    *(wording.CALL, wording.CALL_NAMELESS, wording.NEVER),
    *(wording.SCHOOL, wording.YOUR_CHILD),
)
WORDS: Final[dict[str, Words]] = {
    **{str(name): words for name, words in wording.WORDS.items()},
    "standing": wording.STANDING_NEEDED,
    "asked": wording.HELP_ASKED,
    "asked, others": wording.HELP_ASKED_FOR_OTHERS,
    "place gone": wording.PLACE_GONE,
}
CATALOGUES: Final = [translated(locale) for locale in LOCALES[1:]]


def fingerprint(words: Mapping[str, Words]) -> str:
    """A hash of every sentence of every message, in every language."""
    said = {name: (w.subject, *w.lines, w.text, w.act) for name, w in words.items()}
    sentences = {*OF_ALL, *(each for all_of_one in said.values() for each in all_of_one if each)}
    in_others = [
        {each: catalogue.get(each, each) for each in sorted(sentences)} for catalogue in CATALOGUES
    ]
    return sha256(json.dumps([said, in_others], sort_keys=True).encode()).hexdigest()[:16]


def test_every_version_of_the_wording_has_its_sentences() -> None:
    assert list(WORDINGS)[-1] == VERSION
    assert WORDINGS[VERSION] == fingerprint(WORDS)


def test_a_change_of_any_sentence_is_seen() -> None:
    said = WORDS["accepted"]
    changes = (
        replace(said, subject="Else"),
        replace(said, lines=said.lines[:1]),
        replace(said, text="Else"),
        replace(said, act="Else"),
    )
    found = {fingerprint(WORDS | {"accepted": each}) for each in (said, *changes)}
    assert len(found) == 5
