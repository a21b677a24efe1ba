"""Languages of pages and messages: their wording, direction, and dates in words.

Catalogues are compiled in memory at start, so that no compiled file is ever stale. A wording that
a language lacks is taken from the next in its line, in the end from English, which the code holds.
"""

import gettext
import io
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from babel import Locale as Tongue
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from schemas.codes import LANGUAGE_WORDS, LOCALES, Locale

DEFAULT: Final = "en"  # what the code is written in
STAFF_LOCALES: Final = (DEFAULT,)  # pages of staff and partners have no other words yet
DOMAIN: Final = "wraparound"
FALLBACKS: Final = {"kea": ("pt",)}
RIGHT_TO_LEFT: Final = frozenset({"ar"})
REVIEWED: Final = "reviewed"  # what a catalogue says of itself once a person has read it
MARK: Final = "\u200e"  # left to right; older phones know it, and not the newer signs


def direction(locale: str) -> str:
    """`rtl` or `ltr`."""
    return "rtl" if locale in RIGHT_TO_LEFT else "ltr"


def isolated(text: str, locale: str) -> str:
    """A number that reads from the left in any sentence: its groups would change places."""
    return f"{MARK}{text}{MARK}" if text and locale in RIGHT_TO_LEFT else text


def known(locale: str | None) -> str | None:
    """The language of ours that a tag such as `es-MX` means."""
    found = (locale or "").replace("_", "-").split("-")[0].lower()
    return found if found in LOCALES else None


def named(tag: str) -> str:
    """A language as staff and partners know it; what is no tag of one, as it stands."""
    short = tag.partition("-")[0].lower()
    return LANGUAGE_WORDS.get(short) or str(Tongue("en").languages.get(short, tag))


def preferred(accepted: str, default: str = DEFAULT, among: Sequence[str] = LOCALES) -> str:
    """The best of some of our languages for an `Accept-Language` header."""
    ranked = sorted(
        (_quality(part), -number, known(part.partition(";")[0].strip()))
        for number, part in enumerate(accepted.split(","))
        if known(part.partition(";")[0].strip()) in among
    )
    return ranked[-1][2] or default if ranked and ranked[-1][0] > 0 else default


def _quality(part: str) -> float:
    _, _, quality = part.partition("q=")
    try:
        return float(quality) if quality else 1.0
    except ValueError:
        return 0.0


class Wording:
    """The wording of every language, from folders that hold `<locale>/LC_MESSAGES/*.po`."""

    def __init__(self, folders: Iterable[Path]) -> None:
        """Read the catalogues; of two folders the first wins."""
        found = tuple(folders)
        self._by_locale: dict[str, gettext.NullTranslations] = {
            locale: _line(found, locale) for locale in LOCALES
        }

    def of(self, locale: str) -> gettext.NullTranslations:
        """The wording in one language, with what it falls back on."""
        return self._by_locale[locale]

    @property
    def reviewed(self) -> frozenset[Locale]:
        """The languages whose catalogue says that a person reviewed its wording; and English."""
        return frozenset(
            locale
            for locale in LOCALES
            if locale == DEFAULT or self.of(locale).info().get("x-wording") == REVIEWED
        )


def _line(folders: Sequence[Path], locale: str) -> gettext.NullTranslations:
    found = [
        _catalogue(path, each)
        for each in (locale, *FALLBACKS.get(locale, ()))
        for folder in folders
        if (path := folder / each / "LC_MESSAGES" / f"{DOMAIN}.po").is_file()
    ]
    first: gettext.NullTranslations = gettext.NullTranslations()
    for catalogue in reversed(found):
        catalogue.add_fallback(first)
        first = catalogue
    return first


def _catalogue(path: Path, locale: str) -> gettext.GNUTranslations:
    return gettext.GNUTranslations(io.BytesIO(_compiled(path, locale)))


@cache
def _compiled(path: Path, locale: str) -> bytes:
    """A catalogue as gettext reads it; several languages fall back on the same."""
    compiled = io.BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=locale, domain=DOMAIN))
    return compiled.getvalue()
