"""How each kind of aggregate is stored: its mapper, seals and indexes; no rule."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import MISSING, dataclass, fields
from functools import cache
from typing import Any, Generic, TypeVar

from services.chassis.vault import Keyring

S = TypeVar("S")
T = TypeVar("T")
Document = dict[str, Any]
Lift = Callable[[Document], Document]


@dataclass(frozen=True)
class Index:
    """An index; `keys` are (field, 1 or -1)."""

    keys: Sequence[tuple[str, int]]
    unique: bool = False
    sparse: bool = False
    partial: Mapping[str, Any] | None = None
    expire_after_seconds: int | None = None


@dataclass(frozen=True, kw_only=True)
class Kind(Generic[S]):
    """One kind of aggregate.

    The door adds `_id district version sequence at persons due_at seen` to each document;
    `to_document` gives the rest with `shape`, and `open` where the state has `is_open`.
    """

    state: type[S]
    collection: str
    to_document: Callable[[S, Keyring], Document]
    from_document: Callable[[Document, Keyring], S]
    persons: Callable[[S], Iterable[str]] = lambda _: ()  # whose keys its seals need
    watch: Callable[[S], Iterable[str]] = lambda _: ()  # ids that pages watch for its changes
    blank: Callable[[str, str], S] | None = None  # (id, district): an absent one is made empty
    indexes: tuple[Index, ...] = ()
    shape: int = 1
    lifts: tuple[Lift, ...] = ()

    def __post_init__(self) -> None:
        if len(self.lifts) != self.shape - 1:
            message = f"{self.collection}: shape {self.shape} needs {self.shape - 1} lifts"
            raise ValueError(message)

    def read(self, document: Document, keys: Keyring) -> S:
        """State from any shape ever written."""
        for lift in self.lifts[document["shape"] - 1 :]:
            document = lift(document)
        return self.from_document(document, keys)


def sparse(value: Any) -> Document:
    """The fields of a dataclass that are not as their defaults say.

    Read back by `dense`, which fills in the rest; a default that changes is a new shape.
    """
    kind: Any = type(value)
    defaults = _form(kind).defaults
    return {
        name: held
        for name, held in vars(value).items()
        if (default := defaults.get(name, MISSING)) is not held and default != held
    }


def dense(kind: type[T], held: Document) -> T:
    """A dataclass from what `sparse` gave: as by its own call, which takes twice as long or more.

    A frozen class sets each of its fields by a call of its own, and lists are long.

    Raises:
        TypeError: it has other fields.
    """
    known: Any = kind
    form, made = _form(known), object.__new__(kind)
    state = vars(made)
    state.update(form.defaults)
    state.update(held)
    if state.keys() != form.names:
        text = f"these are not the fields of a {kind.__name__}: {sorted(held)}"
        raise TypeError(text)
    return made


@dataclass(frozen=True, kw_only=True)
class _Form:
    names: Set[str]
    defaults: Mapping[str, Any]


@cache
def _form(kind: Any) -> _Form:
    if hasattr(kind, "__post_init__"):
        text = f"{kind.__name__} looks at its fields when it is made: call it"
        raise TypeError(text)
    names = {each.name: each.default for each in fields(kind)}
    given = {name: default for name, default in names.items() if default is not MISSING}
    return _Form(names=names.keys(), defaults=given)
