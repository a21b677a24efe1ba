"""The schema gate: `python -m schemas.gate [--write]`.

Without `--write` the committed schemas and examples must be what the models give. With it they
are written, unless a change would break readers of the same version: that needs a new type `.v2`.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from schemas.envelope import Event, event_of
from schemas.example import example_of
from schemas.registry import EVENTS, facts_of

FIXED: Final = ("x-topic", "x-key", "x-subject", "type", "format", "enum", "const", "$ref")
HERE: Final = Path(__file__).parent
Schema = Mapping[str, Any]


def schema_of(kind: type[Event]) -> dict[str, Any]:
    """The JSON Schema of an event's value, with those of its sealed facts beside it."""
    facts = {name: each.model_json_schema() for name, each in facts_of(kind).items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:wraparound:schema:{kind.TYPE}",
        "x-topic": kind.TOPIC,
        "x-key": kind.KEY,
        "x-subject": kind.SUBJECT,
        **kind.model_json_schema(),
        "x-sealed": facts,
    }


def breaks(old: Schema, new: Schema, where: str = "") -> Iterator[str]:
    """Why readers of the old schema could not read what the new one allows, or the reverse.

    Allowed within a version: a new optional property, other words in descriptions.
    """
    for name in FIXED:
        if old.get(name) != new.get(name):
            yield f"{where or 'the event'}: {name} was {old.get(name)}, is {new.get(name)}"
    yield from _property_breaks(old, new, where)
    yield from _choice_breaks(old, new, where)
    for name in ("items", "additionalProperties"):
        if isinstance(old.get(name), Mapping) and isinstance(new.get(name), Mapping):
            yield from breaks(old[name], new[name], f"{where}[]")
    yield from _group_breaks(old, new, where)


def _group_breaks(old: Schema, new: Schema, where: str) -> Iterator[str]:
    for group in ("$defs", "x-sealed"):
        for name in sorted(old.get(group, {}).keys() & new.get(group, {}).keys()):
            yield from breaks(old[group][name], new[group][name], f"{where}/{name}")


def _property_breaks(old: Schema, new: Schema, where: str) -> Iterator[str]:
    was, now = old.get("properties", {}), new.get("properties", {})
    for name in was.keys() - now.keys():
        yield f"{where}.{name} is gone"
    for name in set(new.get("required", ())) - set(old.get("required", ())):
        yield f"{where}.{name} is required now"
    for name in set(old.get("required", ())) - set(new.get("required", ())):
        yield f"{where}.{name} is no longer required"
    for name in was.keys() & now.keys():
        yield from breaks(was[name], now[name], f"{where}.{name}")


def _choice_breaks(old: Schema, new: Schema, where: str) -> Iterator[str]:
    was, now = old.get("anyOf", []), new.get("anyOf", [])
    if len(was) != len(now):
        yield f"{where}: one of {len(was)} sorts before, of {len(now)} now"
    for before, after in zip(was, now, strict=False):
        yield from breaks(before, after, where)


def _text(content: object) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def _files(kind: type[Event]) -> dict[Path, str]:
    return {
        HERE / "json" / f"{kind.TYPE}.json": _text(schema_of(kind)),
        HERE / "examples" / f"{kind.TYPE}.json": _text(example_of(kind)),
    }


def findings() -> list[str]:
    """What is wrong with the committed files, one sentence each."""
    wanted = {path: text for kind in EVENTS.values() for path, text in _files(kind).items()}
    there = {*(HERE / "json").glob("*.json"), *(HERE / "examples").glob("*.json")}
    found = [
        f"{path.name} has no event: a type on a live topic stays" for path in there - {*wanted}
    ]
    for path, text in wanted.items():
        if path not in there or path.read_text(encoding="utf-8") != text:
            found.append(f"{path.parent.name}/{path.name} is not what the model gives")
    return sorted([*found, *incompatible(), *unreadable()])


def incompatible() -> list[str]:
    """Changes against the committed schemas that break readers."""
    found = []
    for kind in EVENTS.values():
        path = HERE / "json" / f"{kind.TYPE}.json"
        if path.is_file():
            old = json.loads(path.read_text(encoding="utf-8"))
            found += [f"{kind.TYPE}: {each}" for each in breaks(old, schema_of(kind))]
    return found


def unreadable() -> list[str]:
    """Committed examples that today's models cannot read."""
    found = []
    for kind in EVENTS.values():
        path = HERE / "examples" / f"{kind.TYPE}.json"
        if path.is_file():
            value = json.loads(path.read_text(encoding="utf-8"))["value"]
            try:
                event_of(kind, json.dumps(value).encode())
            except ValueError:
                found.append(f"{kind.TYPE}: its committed example can no longer be read")
    return found


def write() -> None:
    """Write schemas and examples."""
    for kind in EVENTS.values():
        for path, text in _files(kind).items():
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Check, or write what may be written."""
    if "--write" in arguments:
        if broken := incompatible():
            sys.stderr.write(
                "\n".join([*broken, "Make a new type .v2 instead (schemas/README.md).\n"])
            )
            return 1
        write()
    found = findings()
    sys.stderr.write("".join(f"{each}\n" for each in found))
    if found:
        sys.stderr.write("Run `python -m schemas.gate --write` and commit the files.\n")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
