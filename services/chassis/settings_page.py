"""All settings as a table for those who run a service: what each is called, and what to give."""

from typing import Final

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from services.chassis.environment import FromEnvironment, environment_name
from services.chassis.kafka_settings import KafkaSettings
from services.chassis.key_settings import NEEDED_IN, KeySettings
from services.chassis.message_settings import MessageSettings
from services.chassis.settings import Settings

PARTS: Final[tuple[type[FromEnvironment], ...]] = (
    KafkaSettings,
    KeySettings,
    MessageSettings,
)  # at the end of the table, in this order

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
    # Each process knows its own name. What is inherited, the model has first.
    fields = [each for each in Settings.model_fields.items() if each[0] != "service"]
    return sorted(fields, key=lambda each: _part(each[0]))


def _part(name: str) -> int:
    return next((n for n, part in enumerate(PARTS, 1) if name in part.model_fields), 0)


def _row(name: str, field: FieldInfo) -> str:
    advice = str(field.description).replace("|", "or")
    return f"| `{environment_name(name, field)}` | {advice} | {_unset(name, field)} |\n"


def _unset(name: str, field: FieldInfo) -> str:
    if name in NEEDED_IN:
        return f"refused by {' and '.join(NEEDED_IN[name])}; a secret"
    if field.is_required():
        return "refused; a secret" if field.annotation is SecretStr else "refused"
    default = field.default
    if isinstance(default, SecretStr):
        return "nothing; a secret"
    if isinstance(default, frozenset):
        return ", ".join(sorted(default))
    return "nothing" if default in {None, ""} else f"`{default}`".lower()
