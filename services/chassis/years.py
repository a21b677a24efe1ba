"""Dates of past files moved by whole years next to today."""

from datetime import date


def plus_years(day: date, years: int) -> date:
    """The same day of another year; 29 February becomes the 28th where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def distance(begins_on: date, ends_on: date, today: date) -> int:
    """Days between a day and a span; 0 inside."""
    return max((begins_on - today).days, (today - ends_on).days, 0)


def years_to_nearest(begins_on: date, ends_on: date, today: date) -> int:
    """Years by which a span lies nearest to today; of two as near, the later. Never backwards."""
    guess = today.year - begins_on.year
    years = [each for each in range(guess - 1, guess + 2) if each >= 0] or [0]
    return min(
        years,
        key=lambda n: (distance(plus_years(begins_on, n), plus_years(ends_on, n), today), -n),
    )


def years_to_upcoming(ends_on: date, today: date) -> int:
    """Fewest years after which a span has not yet ended."""
    years = max(today.year - ends_on.year, 0)
    return years + 1 if plus_years(ends_on, years) < today else years
