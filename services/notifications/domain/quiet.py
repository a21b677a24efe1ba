"""When families are not to be disturbed."""

from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

DAY_BEGINS: Final = time(8)
DAY_ENDS: Final = time(20)
TEXTS_A_DAY: Final = 3  # to a person, or the household that cards name; urgent ones are exempt


def is_quiet(now: datetime, zone: str) -> bool:
    """Whether it is outside 08:00-20:00 there."""
    local = now.astimezone(ZoneInfo(zone)).time()
    return not DAY_BEGINS <= local < DAY_ENDS


def next_morning(now: datetime, zone: str) -> datetime:
    """The next 08:00 there, in UTC's time."""
    local = now.astimezone(ZoneInfo(zone))
    day = local.date() if local.time() < DAY_BEGINS else local.date() + timedelta(days=1)
    return datetime.combine(day, DAY_BEGINS, ZoneInfo(zone)).astimezone(now.tzinfo)


def day_began(now: datetime, zone: str) -> datetime:
    """When the day that it is there began."""
    local = now.astimezone(ZoneInfo(zone))
    midnight = datetime.combine(local.date(), time(), ZoneInfo(zone))
    return midnight.astimezone(now.tzinfo)
