"""CloudEvents 1.0 in Kafka's binary mode: an event, its headers, and whose seal is on it.

Source: architecture.md 2; CloudEvents Kafka protocol binding 1.0.2, 3.2 (binary content mode).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Final, Generic, Self, TypeVar, cast, get_args

from pydantic import (
    AwareDatetime,
    Base64Bytes,
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)

SPECVERSION: Final = "1.0"
CONTENT_TYPE: Final = "application/json"
SCHEMA_BASE: Final = "urn:wraparound:schema:"
SEQUENCE_DIGITS: Final = 20
LARGEST_VALUE: Final = 900 * 1024  # bytes; facts.md 2: a little above, brokers refuse it

Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]
"""A random or derived id, never a number or name that people use."""


class Strict(BaseModel):
    """What all models on the wire share: frozen, unknown fields ignored, input never in errors."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class SealedFacts(Strict):
    """The part of an event that describes a person; on a topic only ever as a seal."""

    KIND: ClassVar[str]


@dataclass(frozen=True)
class Erased:
    """What is left of sealed facts once their person's key is destroyed."""


F = TypeVar("F", bound=SealedFacts)


class Sealed(Strict, Generic[F]):
    """Facts under one person's key: plain in memory, bytes on topics and in stores.

    `box` stays as it was received, so that equal history gives equal copies. Opened facts are read
    when they are first asked for: whoever keeps a copy or asks for another field never does.
    Two are equal when person and plain facts are.
    """

    person: Id
    box: Base64Bytes | None = None
    plain: F | Erased | None = Field(default=None, exclude=True, repr=False)
    _text: bytes | None = PrivateAttr(default=None)  # the facts' JSON, once opened
    _read: F | None = PrivateAttr(default=None)

    @classmethod
    def facts_type(cls) -> type[F]:
        """The class of facts inside."""
        return cast("type[F]", cls.__pydantic_generic_metadata__["args"][0])

    @property
    def is_open(self) -> bool:
        """Whether its facts can be asked for."""
        return self.plain is not None or self._text is not None

    def opened(self, text: bytes | Erased) -> Self:
        """The same seal with what its bytes say: the facts' JSON, or `Erased`."""
        if isinstance(text, Erased):
            return self.model_copy(update={"plain": text})
        seal = self.model_copy()
        seal._text = text
        return seal

    @property
    def facts(self) -> F | Erased:
        """The facts, or `Erased`; the chassis opens seals before a decision sees them.

        Raises:
            ValidationError: what was sealed are no such facts.
        """
        if self.plain is not None:
            return self.plain
        if self._text is None:
            message = f"a seal of {self.facts_type().__name__} was read before it was opened"
            raise RuntimeError(message)
        if self._read is None:
            self._read = self.facts_type().model_validate_json(self._text)
        return self._read

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sealed) or self.person != other.person:
            return False
        if not (self.is_open and other.is_open):
            return self.is_open == other.is_open and self.box == other.box
        is_same_text = self._text is not None and self._text == other._text
        return is_same_text or bool(self.facts == other.facts)

    def __hash__(self) -> int:
        return hash(self.person)


def seal_of(person: str, facts: F) -> Sealed[F]:
    """Facts to be sealed under the key of a person; the commit door closes the seal."""
    kind = cast("type[Sealed[F]]", cast("Any", Sealed)[type(facts)])
    return kind(person=person, plain=facts)


class Event(Strict):
    """A past-tense fact; in the clear only ids, urgency, state codes and times."""

    TYPE: ClassVar[str]
    TOPIC: ClassVar[str]
    SUBJECT: ClassVar[str]  # the field with the aggregate's id
    KEY: ClassVar[str] = "student_id"  # the field that orders it on the topic

    @property
    def subject(self) -> str:
        """The id of the aggregate that this is an event of."""
        return str(getattr(self, self.SUBJECT))

    @property
    def key(self) -> str:
        """The topic's key."""
        return str(getattr(self, self.KEY))


class ActEvent(Event):
    """What a person of one service asks of another; answered by exactly one event."""

    act_id: Id


class Answer(Event):
    """An event that may be the answer to an act."""

    answers: Id | None = None


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """The headers of one record, read."""

    id: str
    type: str
    source: str
    subject: str
    sequence: int
    time: datetime
    district: str
    traceparent: str | None = None


class BadRecord(ValueError):
    """A record that is no event of ours; `code` says why, without its content."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


Header = tuple[str, bytes]
REQUIRED: Final = ("ce_id", "ce_type", "ce_source", "ce_subject", "ce_time", "ce_sequence")
_TIME: Final = TypeAdapter(AwareDatetime)


def headers_of(envelope: Envelope) -> list[Header]:
    """The Kafka headers of an envelope."""
    named = {
        "ce_specversion": SPECVERSION,
        "ce_id": envelope.id,
        "ce_type": envelope.type,
        "ce_source": envelope.source,
        "ce_subject": envelope.subject,
        "ce_time": envelope.time.astimezone(UTC).isoformat(timespec="milliseconds"),
        "ce_dataschema": SCHEMA_BASE + envelope.type,
        "ce_sequence": str(envelope.sequence).zfill(SEQUENCE_DIGITS),
        "ce_district": envelope.district,
        "content-type": CONTENT_TYPE,
    }
    if envelope.traceparent:
        named["traceparent"] = envelope.traceparent
    return [(name, value.encode()) for name, value in named.items()]


def envelope_of(headers: Sequence[tuple[Any, Any]]) -> Envelope:
    """Read Kafka headers.

    Raises:
        BadRecord: `header_null`, `header_not_text`, `header_missing`, `specversion`,
            `header_malformed`.
    """
    named = dict(_text(name, value) for name, value in headers)
    if named.get("ce_specversion") != SPECVERSION:
        raise BadRecord("specversion" if "ce_specversion" in named else "header_missing")
    if any(not named.get(name) for name in REQUIRED):
        raise BadRecord("header_missing")
    return _read(named)


def _text(name: Any, value: Any) -> tuple[str, str]:
    if value is None:
        raise BadRecord("header_null")
    try:
        return str(name).lower(), bytes(value).decode()
    except (UnicodeDecodeError, TypeError):
        raise BadRecord("header_not_text") from None


def _read(named: Mapping[str, str]) -> Envelope:
    try:
        return Envelope(
            id=named["ce_id"],
            type=named["ce_type"],
            source=named["ce_source"],
            subject=named["ce_subject"],
            sequence=int(named["ce_sequence"]),
            time=_TIME.validate_strings(named["ce_time"]),
            district=named.get("ce_district", ""),
            traceparent=named.get("traceparent"),
        )
    except (ValueError, ValidationError):
        raise BadRecord("header_malformed") from None


E = TypeVar("E", bound=Event)


def event_of(kind: type[E], value: bytes | None) -> E:
    """Read a record's value; its seals stay closed.

    Raises:
        BadRecord: `value_missing`, `value_malformed`.
    """
    if value is None:
        raise BadRecord("value_missing")
    try:
        return kind.model_validate_json(value)
    except ValidationError:
        raise BadRecord("value_malformed") from None


def sealed_fields(kind: type[BaseModel]) -> dict[str, type[SealedFacts]]:
    """Name of each field that is a seal, with the class of its facts."""
    return {
        name: inner.facts_type()
        for name, field in kind.model_fields.items()
        for inner in (field.annotation, *get_args(field.annotation))
        if isinstance(inner, type) and issubclass(inner, Sealed)
    }
