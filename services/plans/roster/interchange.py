"""Ed-Fi interchange files (XML), one top-level element at a time, whatever their size."""

from collections import deque
from collections.abc import Container, Iterator, Mapping
from typing import BinaryIO
from xml.parsers import expat

from services.chassis.findings import Tally

CHUNK_BYTES = 1 << 16

NEVER_KEPT: Mapping[str, str] = {
    "BirthCity": "birth-place",
    "BirthCountry": "birth-place",
    "BirthInternationalProvince": "birth-place",
    "BirthStateAbbreviation": "birth-place",
    "Citizenship": "citizenship",
    "CitizenshipStatus": "citizenship",
    "DateEnteredUS": "immigration",
    "HispanicLatinoEthnicity": "race",
    "IdentificationDocument": "identity-document",
    "OldEthnicity": "race",
    "PersonalIdentificationDocument": "identity-document",
    "Race": "race",
    "Religion": "religion",
    "ReligiousAffiliation": "religion",
    "StudentIdentificationCode": "identity-number",
    "StudentMigrantEducationProgramAssociation": "migrant",
    "TribalAffiliation": "race",
    "Visa": "visa",
}
"""Elements whose absence is counted, and the code they are counted under."""


class Node:
    """An element with its children; names carry no namespace."""

    __slots__ = ("attributes", "children", "line", "name", "text")

    def __init__(self, name: str, attributes: Mapping[str, str], line: int) -> None:
        """An element just opened; only a top-level one knows its line."""
        self.name = name
        self.attributes = attributes
        self.line = line
        self.children: list[Node] | tuple[()] = ()
        self.text = ""

    def add(self, child: "Node") -> None:
        """Take in a child; most elements have none, and no list for them."""
        if self.children:
            self.children.append(child)
        else:
            self.children = [child]

    def find(self, *path: str) -> "Node | None":
        """The first element down a path of names."""
        node = self
        for name in path:
            for each in node.children:
                if each.name == name:
                    node = each
                    break
            else:
                return None
        return node

    def get(self, *path: str) -> str:
        """The trimmed text of the first element down a path, or nothing."""
        node = self.find(*path)
        return node.text.strip() if node else ""

    def all(self, name: str) -> list["Node"]:
        """The children of a name."""
        return [each for each in self.children if each.name == name]


class Interchange:
    """One interchange file: its root's name first, then its top-level elements once, in order."""

    def __init__(
        self, stream: BinaryIO, tally: Tally, *, rows: Container[str], fields: Container[str]
    ) -> None:
        """Read as far as the root; the caller opened the stream and closes it.

        Only `rows` (top-level elements) and `fields` (below them) are kept; what has another
        name is passed over with all that stands in it.
        """
        self._stream = stream
        self._tally = tally
        self._parser = expat.ParserCreate()
        self._rows = _Rows(self._parser, tally, rows, fields)
        self._more = True
        while self._more and not self._rows.root:
            self._feed()

    @property
    def root(self) -> str:
        """The root element's name; empty if the file is no XML."""
        return self._rows.root

    def elements(self) -> Iterator[Node]:
        """Every top-level element; a file that breaks off is said to the tally, and ends."""
        while True:
            while self._rows.ready:
                yield self._rows.ready.popleft()
            if not self._more:
                return
            self._feed()

    def _feed(self) -> None:
        chunk = self._stream.read(CHUNK_BYTES)
        self._more = bool(chunk)
        try:
            self._parser.Parse(chunk, not chunk)
        except DocumentTypeDeclared:
            self._break_off(
                "xml_declares_entities", "declares a document type, which no roster does"
            )
        except (expat.ExpatError, LookupError, ValueError):  # an unknown encoding: LookupError
            self._break_off("xml_broken", "is no well-formed XML")

    def _break_off(self, code: str, what: str) -> None:
        self._more = False
        line = self._parser.CurrentLineNumber or 1
        sentence = f"The file {what} (line {line}). Export it again; nothing of it is imported."
        self._tally.breaks_off(line, code, sentence)


class DocumentTypeDeclared(Exception):
    """No roster needs a document type, and without one no entity can be declared."""


def _refuse_document_type(*_: object) -> None:
    raise DocumentTypeDeclared


class _Rows:
    """Builds a small tree per top-level element; skips what is not kept.

    Called by the parser several million times for a large district: while something is skipped,
    another pair of functions is called, so that neither has to ask.
    """

    def __init__(
        self,
        parser: expat.XMLParserType,
        tally: Tally,
        rows: Container[str],
        fields: Container[str],
    ) -> None:
        self.root = ""
        self.ready: deque[Node] = deque()
        self._parser = parser
        self._tally = tally
        self._kept_rows = rows
        self._kept_fields = fields
        self._open: list[Node] = []
        self._skipped = 0  # elements open, from the first one that is not kept
        self._pieces: list[str] = []
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_document_type
        self._keep()

    def _keep(self) -> None:
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._pieces.append

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if ":" in name:
            name = name.rpartition(":")[2]
        if not self.root:
            self.root = name
            return
        is_row = not self._open
        if name not in (self._kept_rows if is_row else self._kept_fields):
            self._skip(name)
            return
        node = Node(name, attributes, self._parser.CurrentLineNumber if is_row else 0)
        if not is_row:
            self._open[-1].add(node)
        self._open.append(node)
        self._pieces.clear()

    def _end(self, name: str) -> None:
        if not self._open:
            return  # the root
        node = self._open.pop()
        if not node.children:
            node.text = "".join(self._pieces)
        if not self._open:
            self.ready.append(node)
        self._pieces.clear()

    def _skip(self, name: str) -> None:
        if name in NEVER_KEPT:
            self._tally.drop(NEVER_KEPT[name])
        self._skipped = 1
        self._parser.StartElementHandler = self._start_skipped
        self._parser.EndElementHandler = self._end_skipped
        self._parser.CharacterDataHandler = None

    def _start_skipped(self, name: str, attributes: dict[str, str]) -> None:
        self._skipped += 1
        code = NEVER_KEPT.get(name.rpartition(":")[2])
        # A visa stands inside a citizenship: two things not kept, counted as two.
        if code and code != "citizenship":
            self._tally.drop(code)

    def _end_skipped(self, name: str) -> None:
        self._skipped -= 1
        if not self._skipped:
            self._pieces.clear()
            self._keep()
