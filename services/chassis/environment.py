"""How settings are read: arguments, the environment, and files that `<NAME>_FILE` names."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import AliasChoices, SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

PREFIX: Final = "WRAPAROUND_"


class SettingsMissing(Exception):
    """A setting is missing or unusable; the text is one sentence that says what to do."""


def plain(name: str) -> Any:
    """The name of a setting that other programs know too: without prefix."""
    return AliasChoices(name)


class FromEnvironment(BaseSettings):
    """Settings, frozen, that never show what was given."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,
        populate_by_name=True,
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment, then files that `<NAME>_FILE` names."""
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, SecretFiles(settings_cls)


class SecretFiles(PydanticBaseSettingsSource):
    """Secrets from the files that `<NAME>_FILE` in the environment names."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """What the file of one secret holds."""
        path = os.environ.get(f"{environment_name(field_name, field)}_FILE")
        if not path or field.annotation is not SecretStr:
            return None, field_name, False
        return _content(path, field_name, field), field_name, False

    def __call__(self) -> dict[str, Any]:
        """All secrets that stand in files."""
        values = {
            name: self.get_field_value(field, name)[0]
            for name, field in self.settings_cls.model_fields.items()
        }
        return {name: value for name, value in values.items() if value is not None}


def _content(path: str, name: str, field: FieldInfo) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        setting = f"{environment_name(name, field)}_FILE"
        message = f"{setting} names a file that cannot be read: make it readable, or unset it."
        raise SettingsMissing(message) from error


def environment_name(name: str, field: FieldInfo) -> str:
    """What a setting is called in the environment."""
    alias = field.validation_alias
    return str(alias.choices[0]) if isinstance(alias, AliasChoices) else PREFIX + name.upper()


def sentence(model: type[BaseSettings], error: Mapping[str, Any]) -> str:
    """What is wrong with one setting of a model, and what to do; never what was given."""
    if not error["loc"]:
        return f"{str(error['msg']).removeprefix('Value error, ')}."
    place = str(error["loc"][0])
    names = {environment_name(name, field): name for name, field in model.model_fields.items()}
    field = model.model_fields[names.get(place, place)]
    problem = "is not set" if error["type"] == "missing" else "cannot be used"
    return f"{environment_name(names.get(place, place), field)} {problem}: {field.description}."
