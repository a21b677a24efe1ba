"""How many parts a text message costs, and making it fit. Source: GSM 03.38; domain.md 9."""

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
    if all(each in BASIC or each in ESCAPED for each in text):
        places = sum(2 if each in ESCAPED else 1 for each in text)
        return 1 if places <= GSM_ONE else ceil(places / GSM_MORE)
    units = len(text.encode("utf-16-le")) // 2
    return 1 if units <= UCS_ONE else ceil(units / UCS_MORE)


def fitted(words: str, values: Mapping[str, str], *, shorten: tuple[str, ...]) -> str:
    """The words filled in, with the names among `shorten` cut until it costs two parts at most."""
    filled = {name: value.translate(PLAIN) for name, value in values.items()}
    words = words.translate(PLAIN)
    while segments(text := words % filled) > AT_MOST:
        longest = max(shorten, key=lambda name: len(filled[name]))
        if len(filled[longest]) <= SHORTEST:
            break  # the template check fails such words
        filled[longest] = filled[longest][:-1].rstrip(" .,-")
    return text
