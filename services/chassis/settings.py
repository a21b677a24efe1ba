"""The environment, read once: one frozen object per service.

A missing or unusable setting is one sentence that names it and says what to do. No secret has a
default, and what a demo may do is refused everywhere else.
"""

import os
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    AliasChoices,
    AwareDatetime,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from schemas.codes import Locale
from services.chassis.addresses import is_loopback, of_people, require_mongo
from services.chassis.keys import KeyEncryptionKeys, decoded, is_of_demo, key_encryption_keys
from services.chassis.ways_out import WaysOut

PREFIX: Final = "WRAPAROUND_"
EXIT_CODE: Final = 2

RoleOfProcess = Literal["web", "consumer", "relay", "timers", "sender"]
ALL_ROLES: Final[frozenset[RoleOfProcess]] = frozenset(get_args(RoleOfProcess))


class SettingsMissing(Exception):
    """A setting is missing or unusable; the text is one sentence that says what to do."""


def _plain(name: str) -> Any:  # other programs know it too: no prefix
    return AliasChoices(name)


class Settings(WaysOut):
    """All that one process is told; every field's description says what to do about it."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,
        populate_by_name=True,
    )

    service: str = Field(description="name the service: plans, referrals or notifications")
    roles: Annotated[frozenset[RoleOfProcess], NoDecode] = Field(
        default=ALL_ROLES, description="name some of: web, consumer, relay, timers, sender"
    )
    kafka_servers: str = Field(
        validation_alias=_plain("KAFKA_SERVERS"),
        description="name the Kafka brokers as host:port, or run `make demo`",
    )
    mongo_url: SecretStr = Field(
        validation_alias=_plain("MONGO_URL"),
        description="give the address of a MongoDB replica set, or run `make demo`",
    )
    mongo_driver: Literal["motor", "pymongo"] = Field(
        default="motor", validation_alias=_plain("MONGO_DRIVER"), description="motor or pymongo"
    )
    database: str = Field(default="", description="name this service's own database")
    platform_database: str = Field(default="platform", description="name the shared database")
    public_url: Annotated[str, AfterValidator(of_people)] = Field(
        description="give the address that people type, such as https://wraparound.example.org"
    )
    host: str = Field(default="127.0.0.1", description="give the address to listen on")
    port: int = Field(default=8000, ge=1, le=65535, description="give a port from 1 to 65535")
    locale: Locale = Field(default="en", description="give a language: en, es, pt, ht, kea or ar")
    demo: bool = Field(default=False, description="true or false")
    notice: str = Field(default="", description="give a sentence that all staff pages show")
    demo_hint: str = Field(default="", description="say whose story may be tried in the demo")

    clock_start: AwareDatetime | None = Field(
        default=None,
        validation_alias=_plain("CLOCK_START"),
        description="give a time with its zone, such as 2026-10-05T08:00:00-04:00",
    )
    clock_anchor: AwareDatetime | None = Field(
        default=None,
        validation_alias=_plain("CLOCK_ANCHOR"),
        description="give the real time at which CLOCK_START was, the same for all processes",
    )
    clock_speed: float = Field(
        default=1.0, gt=0, validation_alias=_plain("CLOCK_SPEED"), description="give a number"
    )
    clock_skew: float = Field(
        default=0.0, validation_alias=_plain("CLOCK_SKEW"), description="give seconds"
    )

    topic_prefix: str = Field(
        default="", description="begin the names of topics so, where a cluster is shared"
    )
    group_instance_id: str | None = Field(default=None, description="give a stable name")
    otlp_endpoint: str | None = Field(default=None, description="give the collector's address")

    key_encryption_keys: SecretStr = Field(
        description="give id:key pairs with commas between, keys of 32 bytes in base64"
    )
    key_encryption_current: str = Field(
        default="", description="name the id of the key that wraps new ones; default the first"
    )
    pseudonym_key: SecretStr = Field(description="give 32 random bytes in base64")
    search_key: SecretStr = Field(description="give 32 random bytes in base64")
    ledger_key: SecretStr = Field(description="give 32 random bytes in base64")

    outbox_seconds: float = Field(default=60.0, gt=0, description="give seconds above 0")
    outbox_rows: int = Field(default=50_000, gt=0, description="give a number above 0")
    fail_at: str | None = Field(default=None, description="name a fail-point; for crash tests")

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

    @field_validator("roles", mode="before")
    @classmethod
    def _split(cls, given: object) -> object:
        return given.replace(",", " ").split() if isinstance(given, str) else given

    @field_validator("mongo_url")
    @classmethod
    def _is_address(cls, given: SecretStr) -> SecretStr:
        require_mongo(given.get_secret_value())
        return given

    @field_validator("pseudonym_key", "search_key", "ledger_key")
    @classmethod
    def _is_key(cls, given: SecretStr) -> SecretStr:
        decoded(given.get_secret_value())
        return given

    @field_validator("key_encryption_keys")
    @classmethod
    def _are_keys(cls, given: SecretStr) -> SecretStr:
        key_encryption_keys(given.get_secret_value())
        return given

    @model_validator(mode="after")
    def _fits(self) -> "Settings":
        keys = [*self.keks.by_id.values(), self.pseudonym, self.search, self.ledger]
        if not self.demo and any(map(is_of_demo, keys)):
            raise ValueError("a key of the demo is set outside the demo: make keys of your own")
        if not self.demo and self.fail_at:
            raise ValueError("WRAPAROUND_FAIL_AT is for crash tests of a demo only: unset it")
        is_here = is_loopback(self.host) and is_loopback(self.public_host) and self.stay_here
        if self.demo and not is_here:
            raise ValueError("demo mode is for this machine alone: use 127.0.0.1, or unset it")
        return self

    @property
    def keks(self) -> KeyEncryptionKeys:
        """The key-encryption keys."""
        pairs = self.key_encryption_keys.get_secret_value()
        return key_encryption_keys(pairs, self.key_encryption_current)

    @property
    def pseudonym(self) -> bytes:
        """The key of pseudonyms that stand for source ids."""
        return decoded(self.pseudonym_key.get_secret_value())

    @property
    def search(self) -> bytes:
        """The key of the name and sign-in indexes."""
        return decoded(self.search_key.get_secret_value())

    @property
    def ledger(self) -> bytes:
        """The key of the disclosure ledger's chain."""
        return decoded(self.ledger_key.get_secret_value())

    @property
    def own_database(self) -> str:
        """The name of this service's database."""
        return self.database or self.service

    @property
    def public_host(self) -> str:
        """The host that people type."""
        return urlsplit(self.public_url).hostname or ""

    @property
    def has_plain_cookies(self) -> bool:
        """Whether cookies must do without `Secure`: a demo over plain HTTP on this machine."""
        return self.demo and urlsplit(self.public_url).scheme == "http"


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


def environment_name(name: str, field: FieldInfo | None = None) -> str:
    """What a setting is called in the environment."""
    alias = (field or Settings.model_fields[name]).validation_alias
    return str(alias.choices[0]) if isinstance(alias, AliasChoices) else PREFIX + name.upper()


def read(service: str, **given: Any) -> Settings:
    """The settings of a service from the environment; `given` wins over it.

    Raises:
        SettingsMissing: one sentence on the first setting that is missing or unusable.
    """
    try:
        return Settings(service=service, **given)
    except ValidationError as error:
        raise SettingsMissing(_sentence(error.errors(include_input=False)[0])) from None


def _sentence(error: Mapping[str, Any]) -> str:
    if not error["loc"]:
        return f"{str(error['msg']).removeprefix('Value error, ')}."
    place = str(error["loc"][0])
    name = next((n for n in Settings.model_fields if environment_name(n) == place), place)
    problem = "is not set" if error["type"] == "missing" else "cannot be used"
    advice = Settings.model_fields[name].description
    return f"{environment_name(name)} {problem}: {advice}."


def read_or_exit(service: str) -> Settings:
    """The settings of a service; one sentence on standard error and exit code 2 without them."""
    try:
        return read(service)
    except SettingsMissing as missing:
        sys.stderr.write(f"{missing}\n")
        raise SystemExit(EXIT_CODE) from None


def real_time() -> datetime:
    """The time of this machine: for leases, sessions and back-offs."""
    return _cut(datetime.now(UTC))


def business_clock(
    settings: Settings, real: Callable[[], datetime] = real_time
) -> Callable[[], datetime]:
    """The time that decisions see: aware UTC, cut to milliseconds as the database keeps it."""
    anchor = settings.clock_anchor or real()
    start = settings.clock_start or anchor
    skew = timedelta(seconds=settings.clock_skew)

    def now() -> datetime:
        return _cut((start + (real() - anchor) * settings.clock_speed + skew).astimezone(UTC))

    return now


def _cut(at: datetime) -> datetime:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)
