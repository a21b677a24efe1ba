"""Ed-Fi interchange files (XML), one top-level element at a time, whatever their size."""

from collections import deque
from collections.abc import Callable, Container, Iterator, Mapping
from typing import BinaryIO
from xml.sax import SAXException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

from defusedxml import DefusedXmlException
from defusedxml.sax import make_parser

from services.chassis.rows import Tally

CHUNK_BYTES = 1 << 16
ROOT_DEPTH = 1
ROW_DEPTH = 2

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
        self.children: list[Node] = []
        self.text = ""

    def find(self, *path: str) -> "Node | None":
        """The first element down a path of names."""
        node = self
        for name in path:
            found = next((each for each in node.children if each.name == name), None)
            if found is None:
                return None
            node = found
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
        self._parser = make_parser()
        self._rows = _Rows(tally, rows, fields, self._parser.getLineNumber)
        self._parser.setContentHandler(self._rows)
        self._parser.forbid_dtd = True  # no roster needs one, and entities hide in it
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
        try:
            if chunk:
                self._parser.feed(chunk)
            else:
                self._more = False
                self._parser.close()
        except DefusedXmlException:
            self._break_off(
                "xml_declares_entities", "declares a document type, which no roster does"
            )
        except (SAXException, LookupError, ValueError):  # an unknown encoding is a LookupError
            self._break_off("xml_broken", "is no well-formed XML")

    def _break_off(self, code: str, what: str) -> None:
        self._more = False
        line = self._parser.getLineNumber() or 1
        sentence = f"The file {what} (line {line}). Export it again; nothing of it is imported."
        self._tally.breaks_off(line, code, sentence)


class _Rows(ContentHandler):
    """Builds a small tree per top-level element; skips what is not kept."""

    def __init__(
        self,
        tally: Tally,
        rows: Container[str],
        fields: Container[str],
        line: Callable[[], int | None],
    ) -> None:
        super().__init__()
        self._kept_rows = rows
        self._kept_fields = fields
        self._line = line
        self.root = ""
        self.ready: deque[Node] = deque()
        self._tally = tally
        self._open: list[Node] = []
        self._depth = 0
        self._skipping_from = 0
        self._pieces: list[str] = []

    def startElement(self, name: str, attrs: AttributesImpl) -> None:
        self._depth += 1
        self._pieces.clear()
        if ":" in name:
            name = name.rpartition(":")[2]
        if self._skipping_from:
            self._count_inside(name)
        elif self._depth == ROOT_DEPTH:
            self.root = name
        elif name in (self._kept_rows if self._depth == ROW_DEPTH else self._kept_fields):
            self._begin(name, attrs)
        else:
            self._skipping_from = self._depth
            if name in NEVER_KEPT:
                self._tally.drop(NEVER_KEPT[name])

    def characters(self, content: str) -> None:
        self._pieces.append(content)

    def endElement(self, name: str) -> None:
        self._depth -= 1
        if self._skipping_from:
            if self._depth < self._skipping_from:
                self._skipping_from = 0
        elif self._open:
            node = self._open.pop()
            if not node.children:
                node.text = "".join(self._pieces)
            if not self._open:
                self.ready.append(node)
        self._pieces.clear()

    def _begin(self, name: str, attrs: AttributesImpl) -> None:
        is_row = self._depth == ROW_DEPTH
        attributes = dict(attrs.items()) if attrs.getLength() else {}
        node = Node(name, attributes, (self._line() or 1) if is_row else 0)
        if not is_row:
            self._open[-1].children.append(node)
        self._open.append(node)

    def _count_inside(self, name: str) -> None:
        # A visa stands inside a citizenship: two things not kept, counted as two.
        code = NEVER_KEPT.get(name)
        if code and code != "citizenship":
            self._tally.drop(code)
