"""The aggregates of one batch: read once per kind, changed in memory, written once per kind."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from services.chassis.kernel import SELECTION_LIMIT, Reliance, Route, Selection
from services.chassis.kinds import Document, Kind
from services.chassis.messages import Message
from services.chassis.mongo import Change, Database, Insert, Session, Write
from services.chassis.seals import Seals
from services.chassis.vault import Keyring


@dataclass(kw_only=True, eq=False)
class Loaded:
    """An aggregate in this batch; version 0: not stored yet.

    One that was only ever told about (an act on it was refused) is stored without a state, so
    that its sequence goes on.
    """

    kind: Kind[Any]
    id: str
    state: Any = None
    row: Document | None = None  # as it was read
    version: int = 0
    sequence: int = 0
    told_in: UUID | None = None  # the row of the outbox that holds the last event it told
    seen: dict[str, int] = field(default_factory=dict)  # of a copy: sequence by source's subject
    at: datetime | None = None
    changed: bool = False
    relied_on: bool = False
    blank: Any = None

    def or_blank(self, district: str) -> Any:
        """The state, or an empty one for a decision to rely on.

        Raises:
            TypeError: the kind cannot be made empty, so that its absence could not be relied on.
        """
        if self.state is not None:
            return self.state
        if self.kind.blank is None:
            text = f"{self.kind.collection} are relied on: their Kind needs `blank`"
            raise TypeError(text)
        self.blank = self.blank or self.kind.blank(self.id, district)
        return self.blank


@dataclass(kw_only=True)
class Working:
    """All aggregates that a batch looks at."""

    database: Database
    kinds: Mapping[type, Kind[Any]]
    seals: Seals
    session: Session
    keys: Keyring = field(default_factory=lambda: Keyring({}))
    _loaded: dict[tuple[type, str], Loaded] = field(default_factory=dict)
    _by_value: dict[tuple[type, str, Hashable], dict[str, Loaded]] = field(default_factory=dict)
    _selected: dict[type, set[str]] = field(default_factory=lambda: defaultdict(set))

    async def load(self, messages: Iterable[Message]) -> None:
        """Read the aggregates that messages are for, then those that their routes rely on."""
        wanted: dict[type, set[str]] = defaultdict(set)
        selected: dict[type, dict[str, set[Hashable]]] = defaultdict(lambda: defaultdict(set))
        for message, route in _routes(messages):
            if isinstance(route.by, Selection):
                value = route.by.value(message.body)
                selected[route.kind][route.by.field].add(value)
            else:
                wanted[route.kind].update(route.by(message.body))
        for kind in wanted.keys() | selected.keys():
            self._selected[kind] |= selected[kind].keys()
            await self._read(kind, wanted[kind], selected[kind])
        for kind, ids in self._relied_on(messages).items():
            await self._read(kind, {each for each in ids if (kind, each) not in self._loaded}, {})

    def _relied_on(self, messages: Iterable[Message]) -> dict[type, set[str]]:
        ids: dict[type, set[str]] = defaultdict(set)
        for message, route in _routes(messages):
            for reliance in route.relies_on:
                for target in self.targets(route, message):
                    if found := reliance.by(target.state, message.body):
                        ids[reliance.kind].add(found)
        return ids

    async def _read(self, kind: type, ids: set[str], selected: Mapping[str, set[Hashable]]) -> None:
        wanted: list[dict[str, Any]] = [{"_id": {"$in": list(ids)}}] if ids else []
        wanted += [{name: {"$in": list(values)}, "open": True} for name, values in selected.items()]
        if not wanted:
            return
        stored = self.kinds[kind]
        rows = await self.database.collection(stored.collection).find(
            wanted[0] if len(wanted) == 1 else {"$or": wanted}, session=self.session
        )
        self.keys = await self.seals.keys_for_documents(rows, self.keys)
        for row in rows:
            loaded = _loaded(stored, row, self.keys)
            self._loaded[kind, loaded.id] = loaded
            self._index(loaded)
        for missing in ids:
            if (kind, missing) not in self._loaded:
                self._loaded[kind, missing] = Loaded(kind=stored, id=missing)

    def put(self, loaded: Loaded, state: Any, at: datetime) -> None:
        """Give an aggregate a new state, which selections find from now on."""
        loaded.state, loaded.at, loaded.changed = state, at, True
        self._index(loaded)

    def _index(self, loaded: Loaded) -> None:
        if loaded.state is None:
            return
        kind = loaded.kind.state
        for name in self._selected.get(kind, ()):
            value = getattr(loaded.state, name)
            self._by_value.setdefault((kind, name, value), {})[loaded.id] = loaded

    def targets(self, route: Route[Any, Any], message: Message) -> list[Loaded]:
        """The aggregates that a route of a message is for, as they are now."""
        if not isinstance(route.by, Selection):
            ids = dict.fromkeys(route.by(message.body))
            return [self._loaded[route.kind, found] for found in ids]
        value = route.by.value(message.body)
        candidates = self._by_value.get((route.kind, route.by.field, value), {})
        found = [each for each in candidates.values() if route.by.matches(each.state, value)]
        if len(found) > SELECTION_LIMIT:
            text = f"{route.kind.__name__}: a selection of more than {SELECTION_LIMIT}"
            raise ValueError(text)
        return found

    async def relied(self, reliance: Reliance, target: Loaded, message: Message) -> Loaded | None:
        """What a decision on a target relies on."""
        found = reliance.by(target.state, message.body)
        if found is None:
            return None
        if (reliance.kind, found) not in self._loaded:  # its aggregate is new in this batch
            await self._read(reliance.kind, {found}, {})
        return self._loaded[reliance.kind, found]

    @property
    def changed(self) -> list[Loaded]:
        """The aggregates that have a new state or told something."""
        return [each for each in self._loaded.values() if each.changed and each.state is not None]

    def persons(self) -> Iterable[str]:
        """Whose keys the writes need."""
        for loaded in self._loaded.values():
            state = loaded.blank if loaded.state is None else loaded.state
            if state is not None and (loaded.changed or loaded.relied_on):
                yield from loaded.kind.persons(state)

    def writes(self) -> dict[str, list[Write]]:
        """What is to be written, per collection."""
        writes: dict[str, list[Write]] = defaultdict(list)
        for loaded in self._loaded.values():
            if loaded.changed or (loaded.relied_on and not loaded.version):
                writes[loaded.kind.collection].append(_write(loaded, self.keys))
        return writes

    def touched(self) -> dict[str, list[str]]:
        """What stays as it is and must not change beneath who relied on it: ids per collection."""
        touched: dict[str, list[str]] = defaultdict(list)
        for loaded in self._loaded.values():
            if loaded.relied_on and loaded.version and not loaded.changed:
                touched[loaded.kind.collection].append(loaded.id)
        return touched


def _routes(messages: Iterable[Message]) -> Iterable[tuple[Message, Route[Any, Any]]]:
    return ((message, route) for message in messages for route in message.routes)


def _write(loaded: Loaded, keys: Keyring) -> Write:
    document = document_of(loaded, keys)
    return Change(loaded.row, document) if loaded.row else Insert(document)


def _loaded(kind: Kind[Any], row: Document, keys: Keyring) -> Loaded:
    return Loaded(
        kind=kind,
        id=row["_id"],
        state=None if row.get("stateless") else kind.read(row, keys),
        row=row,
        version=row["version"],
        sequence=row["sequence"],
        told_in=row.get("told_in"),
        seen=dict(row.get("seen", ())),  # its own: what was read stays as it was
        at=row["at"],
    )


def document_of(loaded: Loaded, keys: Keyring) -> Document:
    """An aggregate as it is stored the next time."""
    state = loaded.blank if loaded.state is None else loaded.state
    document = {
        **({"stateless": True} if state is None else _of_state(loaded.kind, state, keys)),
        "_id": loaded.id,
        "version": loaded.version + 1,
        "sequence": loaded.sequence,
        "at": loaded.at,
    }
    if loaded.told_in:
        document["told_in"] = loaded.told_in
    if loaded.seen:
        document["seen"] = loaded.seen
    return document


def _of_state(kind: Kind[Any], state: Any, keys: Keyring) -> Document:
    document = {
        **kind.to_document(state, keys),
        "district": state.district,
        "persons": sorted(set(kind.persons(state))),
    }
    if hasattr(state, "is_open"):
        document["open"] = state.is_open
    if clocks := getattr(state, "clocks", None):
        document["clocks"] = dict(clocks)
        document["due_at"] = min(clocks.values())
    return document
