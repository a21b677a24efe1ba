"""CloudEvents 1.0 in Kafka's binary mode: an event, its headers, and whose seal is on it.

Source: CloudEvents Kafka protocol binding 1.0.2, 3.2 (binary content mode).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Final, Generic, Self, TypeVar, cast, get_args

from pydantic import (
    AwareDatetime,
    Base64Bytes,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
)
from pydantic.json_schema import SkipJsonSchema

SPECVERSION: Final = "1.0"
CONTENT_TYPE: Final = "application/json"
SCHEMA_BASE: Final = "urn:wraparound:schema:"
SEQUENCE_DIGITS: Final = 20
LARGEST_VALUE: Final = 900 * 1024  # bytes; brokers refuse 1 MiB, its headers included

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
G = TypeVar("G", bound=SealedFacts)


class Unread(Generic[F]):
    """Opened facts whose JSON nobody has asked for yet: whoever keeps a copy never does."""

    __slots__ = ("_facts", "_kind", "text")

    def __init__(self, kind: type[F], text: bytes) -> None:
        self.text = text
        self._kind = kind
        self._facts: F | None = None

    @property
    def facts(self) -> F:
        """The facts, read once."""
        if self._facts is None:
            self._facts = self._kind.model_validate_json(self.text)
        return self._facts


def _not_from_a_topic(plain: Any, info: ValidationInfo) -> Any:
    """Plain facts are made in memory; a record that brings some is read as if it did not."""
    return None if info.mode == "json" else plain


class Sealed(Strict, Generic[F]):
    """Facts under one person's key: plain in memory, bytes on topics and in stores.

    `box` stays as it was received, so that equal history gives equal copies.
    Two are equal when person and plain facts are; of facts that nobody read, when their JSON is.
    """

    person: Id
    box: Base64Bytes | None = None
    plain: Annotated[SkipJsonSchema[Any], BeforeValidator(_not_from_a_topic)] = Field(
        default=None, exclude=True, repr=False
    )  # F, Erased, Unread; None while it is closed

    @classmethod
    def facts_type(cls) -> type[F]:
        """The class of facts inside."""
        return cast("type[F]", cls.__pydantic_generic_metadata__["args"][0])

    def opened(self, text: bytes | Erased) -> Self:
        """The same seal with what its bytes say: the facts' JSON, or `Erased`."""
        plain = text if isinstance(text, Erased) else Unread(self.facts_type(), text)
        return self.model_copy(update={"plain": plain})

    @property
    def facts(self) -> F | Erased:
        """The facts, or `Erased`; the chassis opens seals before a decision sees them.

        Raises:
            ValidationError: what was sealed are no such facts.
        """
        if self.plain is None:
            message = f"a seal of {self.facts_type().__name__} was read before it was opened"
            raise RuntimeError(message)
        plain: F | Erased = self.plain.facts if isinstance(self.plain, Unread) else self.plain
        return plain

    def seen_as(self, kind: type[G]) -> G | Erased:
        """The facts through a smaller model of the same JSON, which is quicker to read."""
        if isinstance(self.plain, Unread):
            return kind.model_validate_json(self.plain.text)
        facts = self.facts
        return facts if isinstance(facts, Erased) else kind.model_validate(facts.model_dump())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sealed) or self.person != other.person:
            return False
        mine, theirs = self.plain, other.plain
        if mine is None or theirs is None:
            return mine is theirs and self.box == other.box
        if isinstance(mine, Unread) and isinstance(theirs, Unread):
            return mine.text == theirs.text  # to read a ranking with all its reasons takes 2 ms
        return bool(self.facts == other.facts)

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
    named = _texts(headers)
    if named.get("ce_specversion") != SPECVERSION:
        raise BadRecord("specversion" if "ce_specversion" in named else "header_missing")
    if any(not named.get(name) for name in REQUIRED):
        raise BadRecord("header_missing")
    return _read(named)


def _texts(headers: Sequence[tuple[Any, Any]]) -> dict[str, str]:
    try:
        return {str(name).lower(): bytes(value).decode() for name, value in headers}
    except (UnicodeDecodeError, TypeError):
        has_null = any(value is None for _, value in headers)
        raise BadRecord("header_null" if has_null else "header_not_text") from None


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
