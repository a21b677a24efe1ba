"""The committed example of each event, as its service would tell it: what it seals is marked."""

import json
from datetime import date, timedelta
from typing import Any, Final, TypeVar

from pydantic import BaseModel

from schemas import gate
from schemas.envelope import Event, Sealed, seal_of, sealed_fields

MARK: Final = "marked"
CONTACT: Final = "contact-id"
OLDER: Final = "older"
E = TypeVar("E", bound=Event)


def example(kind: type[E]) -> E:
    """The example, its seals still open."""
    path = gate.HERE / "examples" / f"{kind.TYPE}.json"
    stored = json.loads(path.read_text(encoding="utf-8"))
    event = kind.model_validate(stored["value"])
    seals = {
        name: _seal(event, name, facts.model_validate(marked(stored["sealed"][name])))
        for name, facts in sealed_fields(kind).items()
    }
    some = {"of_all": False} if hasattr(event, "of_all") else {}  # a no to some names them
    return event.model_copy(update={**seals, **some})


def older(event: E) -> E:
    """The same about the same, as it was before: each plain value differs."""
    before = {name: _before(getattr(event, name), name) for name in _plain(event)}
    return event.model_copy(update=before)


def person_of(event: Event) -> str:
    """Whose key seals what an event says: the student it is about, else its subject."""
    return str(getattr(event, "student_id", event.subject))


def persons_in(event: Event) -> set[str]:
    """Everybody whose key a seal of an event needs."""
    values = [getattr(event, name) for name in sealed_fields(type(event))]
    return {seal.person for each in values for seal in (each if _is_many(each) else (each,))}


def marked(value: Any, name: str = "") -> Any:
    """The JSON of facts with a mark on each word that an example made up."""
    if isinstance(value, dict):
        return {field: marked(each, field) for field, each in value.items()}
    if isinstance(value, list):
        return [marked(each, name) for each in value]
    return f"{MARK} {value}" if value == name.replace("_", "-") else value


def _seal(event: Event, name: str, facts: Any) -> Sealed[Any] | tuple[Sealed[Any], ...]:
    if _is_many(getattr(event, name)):
        return (seal_of(CONTACT, facts),)
    return seal_of(person_of(event), facts)


def _is_many(value: object) -> bool:
    return isinstance(value, tuple)


def _plain(event: BaseModel) -> list[str]:
    kinds = {name: field.annotation for name, field in type(event).model_fields.items()}
    return [
        name
        for name, kind in kinds.items()
        if kind in {str, str | None, bool, int} or isinstance(getattr(event, name), date)
    ]


def _before(value: Any, name: str) -> Any:
    if isinstance(value, date):
        return value - timedelta(days=1)
    if isinstance(value, str):
        return value if name.endswith("_id") else OLDER
    return not value if isinstance(value, bool) else value - 1
