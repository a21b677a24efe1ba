import io

import pytest

from services.plans.roster.languages import Languages, normal, read_languages


def test_a_side_file_gives_languages_by_unique_id() -> None:
    text = "who,unique_id,language\nstudent,s1,HT\ncontact,c1,pt-br\n"

    languages, report = read_languages("l.csv", io.BytesIO(text.encode()))

    assert languages == Languages(students={"s1": "ht"}, contacts={"c1": "pt-BR"})
    assert (report.rows, report.ok) == (2, 2)


def test_rows_that_name_nobody_or_no_language_are_rejected() -> None:
    text = "who,unique_id,language\nuncle,u1,ht\nstudent,,ht\nstudent,s1,Kreyòl\n"

    languages, report = read_languages("l.csv", io.BytesIO(text.encode()))

    assert languages == Languages()
    assert [(each.line, each.code) for each in report.findings] == [
        (2, "who_unknown"),
        (3, "id_missing"),
        (4, "language_unreadable"),
    ]


def test_a_missing_column_refuses_the_side_file() -> None:
    _, report = read_languages("l.csv", io.BytesIO(b"id,language\n1,ht\n"))

    assert "who, unique_id, language" in report.refusal


@pytest.mark.parametrize(
    ("tag", "expected"),
    [("EN", "en"), ("zh-hans-cn", "zh-Hans-CN"), ("kea", "kea"), ("e", None), ("es es", None)],
)
def test_tags_are_written_as_usual(tag: str, expected: str | None) -> None:
    assert normal(tag) == expected
