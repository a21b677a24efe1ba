from datetime import date, time
from decimal import Decimal

import pytest

from services.chassis.findings import Tally
from services.referrals.directory.categories import meanings
from services.referrals.directory.costs import cost
from services.referrals.directory.hours import upcoming
from services.referrals.directory.limits import limits
from services.referrals.directory.records import CostKind, Schedule, Weekday
from tests.unit.referrals.directory.files import a_program, an_import, codes, read


@pytest.mark.parametrize(
    ("per_week", "stated", "amount"),
    [
        ("385", "$385", "385"),
        ("385", "", "385"),
        ("1795", "$1,795", "1795"),
        ("400", "$400 Tuition (pay what you can)", "400"),
        ("5", "$390 weekly tuition for campers of 5; $390 weekly tuition", "390"),
        ("", "$45.50 per week", "45.50"),
        ("", "$45", "45"),
    ],
)
def test_a_cost_counts_when_words_and_column_agree_on_one_amount(
    per_week: str, stated: str, amount: str
) -> None:
    found = cost(per_week, stated, Tally("f", "").row(2))

    assert (found.kind, found.per_week, found.stated) == (CostKind.AMOUNT, Decimal(amount), stated)


@pytest.mark.parametrize(
    ("per_week", "stated"), [("0", "Free"), ("", "free"), ("0", ""), ("", "No cost.")]
)
def test_free_is_free(per_week: str, stated: str) -> None:
    assert cost(per_week, stated, Tally("f", "").row(2)).kind is CostKind.FREE


@pytest.mark.parametrize(
    ("per_week", "stated"),
    [
        ("0", "Residents $205, others $220"),
        ("3", "10 day = $425 / 3 day = $315"),
        ("375", "$375 members $430 nonmembers"),
        ("412", "$412-$464"),
        ("415", "$415-425"),
        ("80", "176 .80"),
        ("1", "Tier 1: $425/week, tier 2: $400/week"),
        ("much", ""),
        ("", "Full payment is required."),
        ("", "A deposit of $75 is required."),
    ],
)
def test_a_cost_that_is_not_certain_stays_unknown_with_a_warning(
    per_week: str, stated: str
) -> None:
    tally = Tally("f", "")

    found = cost(per_week, stated, tally.row(2))

    assert (found.kind, found.per_week, found.stated) == (CostKind.UNKNOWN, None, stated)
    assert [each.code for each in tally.report().findings] == ["cost_unclear"]


def test_no_cost_given_is_unknown_without_a_warning() -> None:
    tally = Tally("f", "")

    assert cost("", "", tally.row(2)).kind is CostKind.UNKNOWN
    assert tally.report().findings == ()


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("6", "12", "", ""), (6, 12, None, None)),
        (("6-14", "", "", ""), (6, 14, None, None)),
        (("6 - 14", "", "", ""), (6, 14, None, None)),
        (("5+", "", "", ""), (5, None, None, None)),
        (("", "", "K", "8"), (None, None, 0, 8)),
        (("Grades 1-9", "", "", ""), (None, None, 1, 9)),
        (("Grade K-9", "", "", ""), (None, None, 0, 9)),
        (("Grades 2-12 (entering)", "", "", ""), (None, None, 2, 12)),
        (("grade 1+", "", "", ""), (None, None, 1, None)),
        (("", "12", "", ""), (None, 12, None, None)),
        (("", "", "", ""), (None, None, None, None)),
    ],
)
def test_limits_are_read_as_people_write_them(
    cells: tuple[str, str, str, str], expected: tuple[int | None, ...]
) -> None:
    tally = Tally("f", "")

    found = limits(
        tally.row(2), age_min=cells[0], age_max=cells[1], grade_min=cells[2], grade_max=cells[3]
    )

    assert (found.age_min, found.age_max, found.grade_min, found.grade_max) == expected
    assert tally.report().findings == ()


@pytest.mark.parametrize(
    ("age", "grade", "code"),
    [
        ("46,118", "", "age_unreadable"),
        ("Toddlers, Teens", "", "age_unreadable"),
        ("4+ depending on the week", "", "age_unreadable"),
        ("98", "", "age_unreadable"),
        ("Grades 2- Entering 7", "", "grade_unreadable"),
        ("", "13", "grade_unreadable"),
        ("14-6", "", "limits_backwards"),
    ],
)
def test_limits_that_cannot_be_read_are_not_given(age: str, grade: str, code: str) -> None:
    tally = Tally("f", "")

    found = limits(tally.row(2), age_min=age, age_max="", grade_min=grade, grade_max="")

    assert (found.age_min, found.age_max, found.grade_min) == (None, None, None)
    assert [each.code for each in tally.report().findings] == [code]


def test_types_and_activities_mean_categories_and_interests() -> None:
    tally = Tally("f", "")

    found = meanings("camp", "Sports, Swimming, Nature, Theater", tally.row(2))

    assert found == (
        ["enrich.summer", "enrich.sports", "enrich.arts"],
        ["sports", "outdoors", "arts"],
    )
    assert tally.report().findings == ()


def test_what_is_not_mapped_is_said_and_the_rest_still_counts() -> None:
    tally = Tally("f", "")

    assert meanings("afterschool", "Falconry, Arts", tally.row(2))[0] == [
        "enrich.after-school",
        "enrich.arts",
    ]
    assert meanings("", "Dance", tally.row(3))[0] == ["enrich.arts"]
    assert [each.sentence for each in tally.report().findings] == [
        "Type not mapped: falconry.",
        "Type not mapped: none given.",
    ]


def test_a_program_meets_on_weekdays_at_times_between_dates() -> None:
    cells = a_program(
        days_of_week="Wed, Mon",
        start_time="3:00 PM",
        end_time="17:30",
        start_date="2026-06-22",
        end_date="2026-06-26",
    )

    assert read(an_import(cells)).services[0].schedule == Schedule(
        weekdays=(Weekday.MONDAY, Weekday.WEDNESDAY),
        begins_at=time(15),
        ends_at=time(17, 30),
        begins_on=date(2026, 6, 22),
        ends_on=date(2026, 6, 26),
    )


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"days_of_week": "Mon, Someday"}, "weekdays_unreadable"),
        ({"start_time": "4 o'clock"}, "hours_unreadable"),
        ({"start_time": "04:00 PM", "end_time": "12:00 PM"}, "hours_unreadable"),
        ({"start_date": "June"}, "dates_unreadable"),
        ({"start_date": "2026-06-26", "end_date": "2026-06-22"}, "dates_unreadable"),
    ],
)
def test_times_that_cannot_be_read_are_not_given(cells: dict[str, str], code: str) -> None:
    found = an_import(a_program(**cells))

    assert read(found).services[0].schedule == Schedule()
    assert codes(found) == [code]


def test_past_dates_move_to_the_next_time_round() -> None:
    past = Schedule(begins_on=date(2025, 6, 23), ends_on=date(2025, 6, 27))

    moved = upcoming(past, date(2026, 11, 22))

    assert (moved.begins_on, moved.ends_on) == (date(2027, 6, 23), date(2027, 6, 27))
    assert upcoming(moved, date(2026, 11, 22)) == moved
    assert upcoming(Schedule(), date(2026, 11, 22)) == Schedule()
