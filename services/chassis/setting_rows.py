"""All settings as a table for those who run a service: what each is called, and what to give."""

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from services.chassis.settings import Settings, environment_name
from services.chassis.ways_out import WaysOut

INTRODUCTION = """# Settings

Read once at start-up from the environment. A secret may stand in a file instead, which its name
with `_FILE` then names. A setting that is missing or cannot be used ends the process with one
sentence.
`wraparound reference --write` makes this table.

| setting | give | if unset |
|---|---|---|
"""


def catalogue() -> str:
    """The page of all settings."""
    return INTRODUCTION + "".join(_row(name, each) for name, each in _fields())


def _fields() -> list[tuple[str, FieldInfo]]:
    # Each process knows its own name. The ways out are inherited, so the model has them first.
    fields = [each for each in Settings.model_fields.items() if each[0] != "service"]
    return sorted(fields, key=lambda each: each[0] in WaysOut.model_fields)


def _row(name: str, field: FieldInfo) -> str:
    advice = str(field.description).replace("|", "or")
    return f"| `{environment_name(name, field)}` | {advice} | {_unset(field)} |\n"


def _unset(field: FieldInfo) -> str:
    if field.is_required():
        return "refused; a secret" if field.annotation is SecretStr else "refused"
    default = field.default
    if isinstance(default, SecretStr):
        return "nothing; a secret"
    if isinstance(default, frozenset):
        return ", ".join(sorted(default))
    return "nothing" if default in {None, ""} else f"`{default}`".lower()
