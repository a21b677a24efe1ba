"""One example of each event, made from its model: every field filled, the same each time."""

import types
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from typing import Annotated, Any, Final, Literal, Union, cast, get_args, get_origin

from pydantic import AwareDatetime, BaseModel

from schemas.envelope import Envelope, Event, Sealed, headers_of
from schemas.registry import facts_of

AT: Final = datetime(2026, 9, 14, 16, 30, tzinfo=UTC)
BOX: Final = b"c2VhbGVk"  # base64, as a seal stands on the wire
PLAIN: Final[Mapping[Any, Callable[[str], Any]]] = {
    str: lambda name: name.replace("_", "-"),
    int: lambda _: 3,
    bool: lambda _: True,
    datetime: lambda _: AT,
    AwareDatetime: lambda _: AT,
    date: lambda _: AT.date(),
    time: lambda _: time(15, 0),
}


def example_of(kind: type[Event]) -> dict[str, Any]:
    """An example as it stands in `examples/`: headers, value, and the sealed facts in plain."""
    event = cast("Event", _model(kind))
    envelope = Envelope(
        id="00000000-0000-5000-8000-000000000001",
        type=kind.TYPE,
        source=kind.TOPIC.partition(".")[0],
        subject=event.subject,
        sequence=1,
        time=AT,
        district="district",
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    )
    return {
        "topic": kind.TOPIC,
        "key": event.key,
        "headers": {name: value.decode() for name, value in headers_of(envelope)},
        "value": event.model_dump(mode="json"),
        "sealed": {
            name: _model(facts).model_dump(mode="json") for name, facts in facts_of(kind).items()
        },
    }


def _model(kind: type[BaseModel]) -> BaseModel:
    given = {
        name: _value(field.annotation, name)
        for name, field in kind.model_fields.items()
        if not field.exclude
    }
    return kind(**given)


def _value(annotation: Any, name: str) -> Any:
    if annotation in PLAIN:
        return PLAIN[annotation](name)
    if isinstance(annotation, type) and issubclass(annotation, Sealed):
        return annotation(person=f"{name}-person", box=BOX)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _model(annotation)
    return _of_generic(get_origin(annotation), get_args(annotation), name)


def _of_generic(origin: Any, inner: tuple[Any, ...], name: str) -> Any:
    if origin is Literal:
        return inner[0]
    if origin in {Union, types.UnionType}:
        return _value(next(each for each in inner if each is not type(None)), name)
    if origin is Annotated:
        return _value(inner[0], name)
    if origin is tuple:
        return (_value(inner[0], name),)
    if origin is dict:
        return {"name": _value(inner[1], "value")}
    message = f"no example for {name}"
    raise TypeError(message)
