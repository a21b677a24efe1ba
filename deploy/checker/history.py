"""What people asked and what they were answered, on the disk before and after each act.

JSON lines: a header that says what was simulated, `asked` with the fact that is to come of it,
`answered` with the status; nothing that tells who anybody is, and no link that opens anything.
"""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Final, Literal, Self, TextIO

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from deploy.checker.expected import OF_PEOPLE, Expected
from deploy.local.failure import Failure


class Line(BaseModel):
    """What all lines have."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Header(Line):
    """The first line: what was simulated, and where."""

    line: Literal["simulation"] = "simulation"
    size: str
    seed: int
    speed: float
    started_at: datetime  # simulated
    today: date  # the real day for which the district was made up
    port: int


class Asked(Line):
    """Somebody presses a button. `of` is what the fact is about."""

    line: Literal["asked"] = "asked"
    number: int
    at: datetime  # simulated
    fact: str
    of: str
    key: str


class Answered(Line):
    """What came of it: 303 is *done*, everything else is not; after `tries` requests."""

    line: Literal["answered"] = "answered"
    number: int
    status: int
    tries: int = 1


class Passed(Line):
    """So far simulated time has come, and so many needs have been written."""

    line: Literal["passed"] = "passed"
    at: datetime
    needs: int


AnyLine = Annotated[Header | Asked | Answered | Passed, Field(discriminator="line")]
LINES: TypeAdapter[AnyLine] = TypeAdapter(AnyLine)
# A family's word becomes a consent in another service: that is counted as `family_answered`.
PRESSED: Final = frozenset(OF_PEOPLE) - {"consent_given", "consent_refused"}
LOOK: Final = "packet_viewed"  # the one act that is no form: each request is a look
ONCE: Final = frozenset({"offer_accepted", "offer_declined"})  # to say so again changes nothing
# What a recorded answer of a partner comes to, in another service and later.
FOLLOWS: Final = {"partner_act_recorded": ("offer_accepted", "offer_declined")}


Press = tuple[Asked, Answered | None]


class History:
    """Writes; each line is on the disk when the call returns."""

    def __init__(self, path: Path, number: int = 0) -> None:
        _cut_torn_line(path)
        self._file: TextIO = path.open("a", encoding="utf-8")
        self._number = number

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.close()

    def write(self, line: Line) -> None:
        """Add a line."""
        self._file.write(line.model_dump_json() + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def asked(self, at: datetime, fact: str, of: str, key: str) -> int:
        """Note what is about to be asked; gives its number."""
        self._number += 1
        self.write(Asked(number=self._number, at=at, fact=fact, of=of, key=key))
        return self._number

    def answered(self, number: int, status: int, tries: int) -> None:
        """Note what was answered."""
        self.write(Answered(number=number, status=status, tries=tries))


def _cut_torn_line(path: Path) -> None:
    """Whoever was killed while writing left a line without end: the next one must not join it."""
    if path.exists():
        content = path.read_bytes()
        os.truncate(path, content.rfind(b"\n") + 1)


def read(path: Path) -> Iterator[AnyLine]:
    """The lines of a history; a last line that was cut off by a crash is left out.

    Raises:
        Failure: it is none, or cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise Failure(f"{path} cannot be read ({error.strerror}): name a history.") from error
    lines = text.split("\n")[:-1]
    for number, line in enumerate(lines, 1):
        try:
            yield LINES.validate_json(line)
        except ValidationError as error:
            raise Failure(f"{path}, line {number}, is no line of a history.") from error


def opened(path: Path) -> tuple[Header, list[AnyLine]]:
    """The header and all other lines.

    Raises:
        Failure: as `read`, or there is no header.
    """
    lines = [*read(path)]
    if not lines or not isinstance(lines[0], Header):
        raise Failure(f"{path} does not begin as a history does: name another, or begin anew.")
    return lines[0], lines[1:]


def expected(lines: Iterable[AnyLine]) -> Expected:
    """What must have come of all that was asked, and what may have."""
    kept = list(lines)
    answers = {each.number: each for each in kept if isinstance(each, Answered)}
    presses: dict[tuple[str, str], list[Press]] = defaultdict(list)
    for each in kept:
        if isinstance(each, Asked):  # the same button twice is one act
            same = each.of if each.fact in ONCE else each.key
            presses[each.fact, same].append((each, answers.get(each.number)))
    found = Expected(facts=PRESSED)
    for act in presses.values():
        _count(found, act)
    return found


def _count(found: Expected, presses: Sequence[Press]) -> None:
    asked, _ = presses[0]
    if asked.fact == LOOK:
        _count_looks(found, presses)
    elif any(is_done(each, answer) for each, answer in presses):
        found.is_done(asked.fact, asked.of)
    elif any(is_unheard(answer) for _, answer in presses):
        found.may_be_done(asked.fact, asked.of)
    else:
        return
    for fact in FOLLOWS.get(asked.fact, ()):
        found.may_be_done(fact, asked.of)


def _count_looks(found: Expected, looks: Sequence[Press]) -> None:
    """Each request may have been a look, whatever was heard of it; one that was shown was one."""
    for asked, answer in looks:
        shown = is_done(asked, answer)
        if shown:
            found.is_done(LOOK, asked.of)
        found.may_be_done(LOOK, asked.of, (answer.tries if answer else 1) - shown)


def is_unheard(answer: Answered | None) -> bool:
    """Whether nobody knows what came of it."""
    return answer is None or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR


def is_done(act: Asked, answer: Answered | None) -> bool:
    """Whether somebody read that it is done: they are led on, or see what they looked for."""
    wanted = HTTPStatus.OK if act.fact == LOOK else HTTPStatus.SEE_OTHER
    return answer is not None and answer.status == wanted
