"""The environment, read once: one frozen object per service.

A missing or unusable setting is one sentence that names it and says what to do. No secret has a
default, and what a demo may do is refused everywhere else.
"""

import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, Literal, get_args
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    AwareDatetime,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import NoDecode

from schemas.codes import Locale
from services.chassis.addresses import is_loopback, of_people, require_mongo
from services.chassis.environment import SettingsMissing, plain, sentence
from services.chassis.kafka_settings import KafkaSettings
from services.chassis.key_settings import KeySettings
from services.chassis.keys import is_of_demo
from services.chassis.message_settings import MessageSettings

EXIT_CODE: Final = 2

RoleOfProcess = Literal["web", "consumer", "relay", "timers", "sender"]
ALL_ROLES: Final[frozenset[RoleOfProcess]] = frozenset(get_args(RoleOfProcess))


class Settings(MessageSettings, KeySettings, KafkaSettings):
    """All that one process is told; every field's description says what to do about it."""

    roles: Annotated[frozenset[RoleOfProcess], NoDecode] = Field(
        default=ALL_ROLES, description="name some of: web, consumer, relay, timers, sender"
    )
    mongo_url: SecretStr = Field(
        validation_alias=plain("MONGO_URL"),
        description="give the address of a MongoDB replica set, or run `make demo`",
    )
    mongo_driver: Literal["motor", "pymongo"] = Field(
        default="motor", validation_alias=plain("MONGO_DRIVER"), description="motor or pymongo"
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
        validation_alias=plain("CLOCK_START"),
        description="give a time with its zone, such as 2026-10-05T08:00:00-04:00",
    )
    clock_anchor: AwareDatetime | None = Field(
        default=None,
        validation_alias=plain("CLOCK_ANCHOR"),
        description="give the real time at which CLOCK_START was, the same for all processes",
    )
    clock_speed: float = Field(
        default=1.0, gt=0, validation_alias=plain("CLOCK_SPEED"), description="give a number"
    )
    clock_skew: float = Field(
        default=0.0, validation_alias=plain("CLOCK_SKEW"), description="give seconds"
    )

    topic_prefix: str = Field(
        default="", description="begin the names of topics so, where a cluster is shared"
    )
    group_instance_id: str | None = Field(default=None, description="give a stable name")
    otlp_endpoint: str | None = Field(default=None, description="give the collector's address")

    outbox_seconds: float = Field(default=60.0, gt=0, description="give seconds above 0")
    outbox_rows: int = Field(default=50_000, gt=0, description="give a number above 0")
    fail_at: str | None = Field(default=None, description="name a fail-point; for crash tests")

    @field_validator("roles", mode="before")
    @classmethod
    def _split(cls, given: object) -> object:
        return given.replace(",", " ").split() if isinstance(given, str) else given

    @field_validator("mongo_url")
    @classmethod
    def _is_address(cls, given: SecretStr) -> SecretStr:
        require_mongo(given.get_secret_value())
        return given

    @model_validator(mode="after")
    def _fits(self) -> "Settings":
        if not self.demo and any(map(is_of_demo, self.all_keys)):
            raise ValueError("a key of the demo is set outside the demo: make keys of your own")
        if not self.demo and self.fail_at:
            raise ValueError("WRAPAROUND_FAIL_AT is for crash tests of a demo only: unset it")
        is_here = is_loopback(self.host) and is_loopback(self.public_host) and self.stay_here
        if self.demo and not is_here:
            raise ValueError("demo mode is for this machine alone: use 127.0.0.1, or unset it")
        return self

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


def read(service: str, **given: Any) -> Settings:
    """The settings of a service from the environment; `given` wins over it.

    Raises:
        SettingsMissing: one sentence on the first setting that is missing or unusable.
    """
    try:
        return Settings(service=service, **given)
    except ValidationError as error:
        raise SettingsMissing(sentence(Settings, error.errors(include_input=False)[0])) from None


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
