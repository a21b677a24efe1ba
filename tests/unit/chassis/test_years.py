from datetime import date

import pytest

from services.chassis.years import distance, plus_years, years_to_nearest, years_to_upcoming

SPAN = (date(2021, 8, 23), date(2022, 5, 27))


def test_the_29th_of_february_becomes_the_28th_in_other_years() -> None:
    assert plus_years(date(2024, 2, 29), 1) == date(2025, 2, 28)
    assert plus_years(date(2024, 2, 29), 4) == date(2028, 2, 29)


def test_the_distance_to_a_span_is_none_inside_it() -> None:
    assert [distance(*SPAN, each) for each in (date(2021, 8, 20), SPAN[0], SPAN[1])] == [3, 0, 0]
    assert distance(*SPAN, date(2022, 5, 28)) == 1


@pytest.mark.parametrize(
    ("today", "years"),
    [
        (date(2022, 1, 1), 0),
        (date(2019, 1, 1), 0),
        (date(2022, 7, 9), 0),
        (date(2022, 7, 10), 1),
        (date(2031, 3, 1), 9),
    ],
)
def test_a_span_moves_next_to_today_and_never_back(today: date, years: int) -> None:
    assert years_to_nearest(*SPAN, today) == years


@pytest.mark.parametrize(
    ("ends", "years"),
    [("2026-11-22", 0), ("2026-11-21", 1), ("2027-08-01", 0), ("2020-12-24", 6)],
)
def test_a_past_span_moves_just_far_enough_to_be_ahead(ends: str, years: int) -> None:
    assert years_to_upcoming(date.fromisoformat(ends), date(2026, 11, 22)) == years
