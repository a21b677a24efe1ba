"""Days and hours, which the database does not know, as text."""

from datetime import date, time


def day_text(value: date | None) -> str | None:
    """A day as it is stored."""
    return value.isoformat() if value else None


def day_of(value: str | None) -> date | None:
    """A stored day."""
    return date.fromisoformat(value) if value else None


def hour_text(value: time | None) -> str | None:
    """A time of day as it is stored."""
    return value.isoformat("minutes") if value else None


def hour_of(value: str | None) -> time | None:
    """A stored time of day."""
    return time.fromisoformat(value) if value else None
