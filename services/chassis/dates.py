"""Dates and times in words, per language and time zone.

Babel has no Haitian Creole dates and would give French ones, so these words are our own.
"""

from datetime import date, datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from babel.dates import (
    format_date,
    format_time,
    format_timedelta,
    get_day_names,
    get_month_names,
)

Shape = Literal["day", "day_and_year", "weekday"]
PATTERNS: Final[dict[str, dict[Shape, str]]] = {
    "en": {"day": "MMMM d", "day_and_year": "MMMM d, y", "weekday": "EEEE, MMMM d"},
    "es": {
        "day": "d 'de' MMMM",
        "day_and_year": "d 'de' MMMM 'de' y",
        "weekday": "EEEE, d 'de' MMMM",
    },
    "pt": {
        "day": "d 'de' MMMM",
        "day_and_year": "d 'de' MMMM 'de' y",
        "weekday": "EEEE, d 'de' MMMM",
    },
    "kea": {
        "day": "d 'di' MMMM",
        "day_and_year": "d 'di' MMMM 'di' y",
        "weekday": "EEEE, d 'di' MMMM",
    },
    "ar": {"day": "d MMMM", "day_and_year": "d MMMM y", "weekday": "EEEE، d MMMM"},
}
# Hours are said as people here do; Haitian Creole uses no other words of Babel than AM and PM.
LANGUAGES_OF_BABEL: Final = {"en": "en_US", "es": "es_US", "ht": "en_US"}
JOINED: Final = {
    "en": "{day} at {time}",
    "es": "{day}, {time}",
    "pt": "{day}, às {time}",
    "ht": "{day}, {time}",
    "kea": "{day}, {time}",
    "ar": "{day}، {time}",
}
HAITIAN_MONTHS: Final = (
    *("janvye", "fevriye", "mas", "avril", "me", "jen"),
    *("jiyè", "out", "septanm", "oktòb", "novanm", "desanm"),
)
HAITIAN_WEEKDAYS: Final = ("lendi", "madi", "mèkredi", "jedi", "vandredi", "samdi", "dimanch")
HAITIAN_SHAPES: Final[dict[Shape, str]] = {
    "day": "{day} {month}",
    "day_and_year": "{day} {month} {year}",
    "weekday": "{weekday} {day} {month}",
}
HAITIAN_SPANS: Final = ((86_400, "jou"), (3_600, "èdtan"), (60, "minit"))


def months(locale: str) -> tuple[str, ...]:
    """The names of the twelve months, as they stand alone."""
    if locale == "ht":
        return HAITIAN_MONTHS
    names = get_month_names("wide", context="stand-alone", locale=locale)
    return tuple(names[number] for number in range(1, 13))


def weekdays(locale: str) -> tuple[str, ...]:
    """The names of the seven days from Monday on, as they stand alone."""
    if locale == "ht":
        return HAITIAN_WEEKDAYS
    names = get_day_names("wide", context="stand-alone", locale=locale)
    return tuple(names[number] for number in range(7))


def day(value: date, locale: str, shape: Shape = "weekday") -> str:
    """A day in words."""
    if locale == "ht":
        return HAITIAN_SHAPES[shape].format(
            day=value.day,
            month=HAITIAN_MONTHS[value.month - 1],
            year=value.year,
            weekday=HAITIAN_WEEKDAYS[value.weekday()],
        )
    return format_date(value, PATTERNS[locale][shape], locale=_babel(locale))


def hour(value: datetime, locale: str, zone: str) -> str:
    """A time of day in words, as the place where it happens counts hours."""
    said = format_time(value, "short", tzinfo=ZoneInfo(zone), locale=_babel(locale))
    return said.replace("\u202f", "\u00a0")  # narrow spaces are missing in some phones' fonts


def moment(value: datetime, locale: str, zone: str, shape: Shape = "weekday") -> str:
    """A day and a time of day in words."""
    local = value.astimezone(ZoneInfo(zone)).date()
    return JOINED[locale].format(day=day(local, locale, shape), time=hour(value, locale, zone))


def distance(value: datetime, now: datetime, locale: str) -> str:
    """How long ago or in how long, in words."""
    span = value - now
    if locale == "ht":
        return _haitian_distance(span)
    return format_timedelta(span, add_direction=True, locale=_babel(locale), threshold=1)


def _babel(locale: str) -> str:
    return LANGUAGES_OF_BABEL.get(locale, locale)


def _haitian_distance(span: timedelta) -> str:
    seconds = abs(span.total_seconds())
    size, unit = next((each for each in HAITIAN_SPANS if seconds >= each[0]), (0, ""))
    if not size:
        return "kounye a"
    amount = round(seconds / size)
    return f"nan {amount} {unit}" if span > timedelta() else f"sa gen {amount} {unit}"
