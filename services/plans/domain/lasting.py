"""How long a consent lasts."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from services.chassis.years import plus_years

AFTER_SERVICE: Final = timedelta(days=30)
SCHOOL_YEAR_STARTS: Final = 7  # July


def last_day(signed_on: date, service_ends_on: date | None = None) -> date:
    """The last day of a consent signed today.

    With a named service that ends: 30 days later; else 30 September after the school year; never
    more than 12 months.
    """
    year = signed_on.year + (signed_on.month >= SCHOOL_YEAR_STARTS)
    wanted = service_ends_on + AFTER_SERVICE if service_ends_on else date(year, 9, 30)
    return min(wanted, plus_years(signed_on, 1))


def end_of(day: date, zone: str) -> datetime:
    """The midnight that ends a day at a place, in UTC."""
    midnight = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))
    return midnight.astimezone(UTC)
