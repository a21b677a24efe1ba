from datetime import UTC, date, datetime, timedelta

import pytest

from schemas.codes import LOCALES
from services.chassis.dates import day, distance, hour, moment

DAY = date(2026, 8, 3)
AT = datetime(2026, 8, 3, 20, 5, tzinfo=UTC)
SHOWN = {
    "en": ("August 3", "August 3, 2026", "Monday, August 3", "4:05 PM", "2 days ago"),
    "es": (
        "3 de agosto",
        "3 de agosto de 2026",
        "lunes, 3 de agosto",
        "4:05 p.m.",
        "hace 2 días",
    ),
    "pt": (
        "3 de agosto",
        "3 de agosto de 2026",
        "segunda-feira, 3 de agosto",
        "16:05",
        "há 2 dias",
    ),
    "ht": ("3 out", "3 out 2026", "lendi 3 out", "4:05 PM", "sa gen 2 jou"),
    "kea": (
        "3 di Agostu",
        "3 di Agostu di 2026",
        "sigunda-fera, 3 di Agostu",
        "16:05",
        "a ten 2 dia",
    ),
    "ar": ("3 أغسطس", "3 أغسطس 2026", "الاثنين، 3 أغسطس", "4:05 م", "قبل يومين"),
}
JOINED = {
    "en": "Monday, August 3 at 4:05 PM",
    "es": "lunes, 3 de agosto, 4:05 p.m.",
    "pt": "segunda-feira, 3 de agosto, às 16:05",
    "ht": "lendi 3 out, 4:05 PM",
    "kea": "sigunda-fera, 3 di Agostu, 16:05",
    "ar": "الاثنين، 3 أغسطس، 4:05 م",
}


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize("locale", LOCALES)
def test_every_date_shape_reads_as_people_of_a_language_write_it(locale: str) -> None:
    shown = (
        day(DAY, locale, "day"),
        day(DAY, locale, "day_and_year"),
        day(DAY, locale),
        hour(AT, locale, "America/New_York"),
        distance(AT, AT + timedelta(days=2), locale),
    )
    assert tuple(map(plain, shown)) == SHOWN[locale]
    assert plain(moment(AT, locale, "America/New_York")) == JOINED[locale]


def test_haitian_creole_has_months_and_weekdays_of_its_own() -> None:
    months = {day(date(2026, month, 1), "ht", "day")[2:] for month in range(1, 13)}
    assert {"janvye", "fevriye", "jiyè", "desanm"} < months
    assert not months & {"janvier", "août", "décembre"}
    weekdays = [day(date(2026, 8, n), "ht").split()[0] for n in range(3, 10)]
    assert weekdays == ["lendi", "madi", "mèkredi", "jedi", "vandredi", "samdi", "dimanch"]


def test_haitian_creole_says_how_far_away_a_time_is() -> None:
    assert distance(AT, AT + timedelta(seconds=20), "ht") == "kounye a"
    assert distance(AT, AT + timedelta(minutes=5), "ht") == "sa gen 5 minit"
    assert distance(AT, AT - timedelta(hours=3), "ht") == "nan 3 èdtan"


def test_a_moment_is_told_in_the_zone_where_it_happens() -> None:
    late = datetime(2026, 8, 4, 2, tzinfo=UTC)
    assert plain(moment(late, "en", "America/New_York")) == "Monday, August 3 at 10:00 PM"
