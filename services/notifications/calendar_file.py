"""One date as a file that calendars take. Source: RFC 5545."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

LINE: Final = 73  # octets; a longer line goes on in the next after a space
STAMP: Final = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, kw_only=True)
class Appointment:
    """A first visit; without a time it takes all day."""

    uid: str
    made_at: datetime
    on: date
    starts: time | None
    ends: time | None
    zone: str  # IANA
    title: str
    place: str


def calendar(appointment: Appointment) -> str:
    """The file's content."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Wraparound//EN",
        "BEGIN:VEVENT",
        f"UID:{appointment.uid}@wraparound.invalid",
        f"DTSTAMP:{appointment.made_at.astimezone(UTC).strftime(STAMP)}",
        *_times(appointment),
        f"SUMMARY:{_escaped(appointment.title)}",
        *([f"LOCATION:{_escaped(appointment.place)}"] if appointment.place else []),
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(_folded(line) + "\r\n" for line in lines)


def _times(appointment: Appointment) -> list[str]:
    if appointment.starts is None:
        next_day = appointment.on + timedelta(days=1)
        return [
            f"DTSTART;VALUE=DATE:{appointment.on:%Y%m%d}",
            f"DTEND;VALUE=DATE:{next_day:%Y%m%d}",
        ]
    ends = [f"DTEND:{_utc(appointment, appointment.ends)}"] if appointment.ends else []
    return [f"DTSTART:{_utc(appointment, appointment.starts)}", *ends]


def _utc(appointment: Appointment, at: time) -> str:
    local = datetime.combine(appointment.on, at, ZoneInfo(appointment.zone))
    return local.astimezone(UTC).strftime(STAMP)


def _escaped(text: str) -> str:
    for sign in ("\\", ";", ","):
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.splitlines())


def _folded(line: str) -> str:
    parts, part = [], ""
    for sign in line:
        if len((part + sign).encode()) > LINE:
            parts.append(part)
            part = ""
        part += sign
    return "\r\n ".join([*parts, part])
