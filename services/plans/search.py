"""Finding a student by the beginning of a name, without a name in the clear.

Each folded word of a name is kept as HMACs of its beginnings of three letters and more; a word
shorter than that is kept whole. Why, and what it leaks: docs/adr/0004-name-search.md.
"""

import hmac
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

SHORTEST: Final = 3  # letters of a beginning
LONGEST: Final = 24  # letters that are told apart
MARK_BYTES: Final = 8
WORDS_KEPT: Final = 10_000  # whose marks are known while a roster is read: many share a name
WORD: Final = re.compile(r"[^\W\d_]+")


def words(text: str) -> list[str]:
    """The words of a name or a question: without accents and case."""
    plain = unicodedata.normalize("NFKD", text)
    bare = "".join(each for each in plain if not unicodedata.combining(each))
    return [word[:LONGEST] for word in WORD.findall(bare.casefold())]


class NameMarks:
    """Marks of names in one district: equal beginnings have equal marks, nothing else shows."""

    def __init__(self, key: bytes, district: str) -> None:
        self._key = hmac.digest(key, b"names\x00" + district.encode(), "sha256")
        self._of_word = lru_cache(WORDS_KEPT)(self._marks)

    def of_name(self, names: Iterable[str]) -> frozenset[bytes]:
        """Every mark that a student is to be found by."""
        return frozenset().union(*(self._of_word(each) for name in names for each in words(name)))

    def of_question(self, question: str) -> list[bytes]:
        """The marks that a student must have; words of one or two letters narrow it later."""
        asked = words(question)
        long = [word for word in asked if len(word) >= SHORTEST]
        return [self._mark(word) for word in long or asked]

    def _marks(self, word: str) -> frozenset[bytes]:
        return frozenset(self._mark(each) for each in _beginnings(word))

    def _mark(self, beginning: str) -> bytes:
        return hmac.digest(self._key, beginning.encode(), "sha256")[:MARK_BYTES]


def _beginnings(word: str) -> Iterable[str]:
    if len(word) < SHORTEST:
        return (word,)
    return (word[:length] for length in range(SHORTEST, len(word) + 1))


def answers(question: str, names: Iterable[str]) -> bool:
    """Whether every word of a question begins some word of the names."""
    known = [word for name in names for word in words(name)]
    return all(any(word.startswith(each) for word in known) for each in words(question))
