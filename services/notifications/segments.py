"""How many parts a text message costs, and making it fit. Source: GSM 03.38."""

import unicodedata
from collections.abc import Mapping
from math import ceil
from typing import Final

BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
ESCAPED: Final = frozenset("^{}\\[~]|€")  # take two places
GSM_ONE, GSM_MORE = 160, 153
UCS_ONE, UCS_MORE = 70, 67
AT_MOST: Final = 2
SHORTEST: Final = 3
# Typographic signs would force the short alphabet and say nothing more.
PLAIN: Final = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "…": "..."})


def segments(text: str) -> int:
    """How many parts a text is sent in."""
    if is_basic(text):
        places = sum(2 if each in ESCAPED else 1 for each in text)
        return 1 if places <= GSM_ONE else ceil(places / GSM_MORE)
    units = len(text.encode("utf-16-le")) // 2
    return 1 if units <= UCS_ONE else ceil(units / UCS_MORE)


def fitted(words: str, values: Mapping[str, str], *, shorten: tuple[str, ...]) -> str:
    """The words filled in, at two parts at most.

    Names lose accents that cost a second alphabet only when the text would be too long with them,
    and are cut, the longest first, only when that is not enough.
    """
    words, filled = words.translate(PLAIN), {n: each.translate(PLAIN) for n, each in values.items()}
    if segments(words % filled) > AT_MOST and is_basic(words):
        filled = {name: _folded(value) for name, value in filled.items()}
    while segments(text := words % filled) > AT_MOST:
        longest = max(shorten, key=lambda name: len(filled[name]))
        if len(filled[longest]) <= SHORTEST:
            break  # the template check fails such words
        filled[longest] = filled[longest][:-1].rstrip(" .,-")
    return text


def is_basic(text: str) -> bool:
    """Whether a text needs no other alphabet than that of GSM."""
    return all(each in BASIC or each in ESCAPED for each in text)


def _folded(text: str) -> str:
    return "".join(each if is_basic(each) else _without_accent(each) for each in text)


def _without_accent(letter: str) -> str:
    plain = unicodedata.normalize("NFKD", letter)
    return "".join(each for each in plain if not unicodedata.combining(each))
