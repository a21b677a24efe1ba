from dataclasses import replace
from datetime import UTC, date, datetime, time

from services.notifications.calendar_file import Appointment, calendar

FIRST = Appointment(
    uid="f1",
    made_at=datetime(2026, 11, 23, 17, tzinfo=UTC),
    on=date(2026, 11, 30),
    starts=time(15),
    ends=time(17),
    zone="America/New_York",
    title="Homework; Club, two",
    place="",
)


def test_a_date_has_its_times_in_utc_and_its_words_escaped() -> None:
    lines = calendar(FIRST).split("\r\n")
    assert "DTSTART:20261130T200000Z" in lines
    assert "DTEND:20261130T220000Z" in lines
    assert r"SUMMARY:Homework\; Club\, two" in lines
    assert not [each for each in lines if each.startswith("LOCATION")]


def test_without_a_time_it_takes_all_day() -> None:
    lines = calendar(replace(FIRST, starts=None, ends=None)).split("\r\n")
    assert "DTSTART;VALUE=DATE:20261130" in lines
    assert "DTEND;VALUE=DATE:20261201" in lines


def test_long_lines_are_folded_between_letters() -> None:
    text = calendar(replace(FIRST, place="ق" * 100))
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert "ق" * 100 in text.replace("\r\n ", "")
