from dataclasses import replace
from datetime import UTC, date, datetime

from schemas.referrals import RuleResult
from services.plans.pages.speech import Speech

SPEECH = Speech(
    say=lambda sentence: {"Homework help": "Tarea"}.get(sentence, sentence),
    locale="en",
    zone="America/New_York",
    now=datetime(2026, 11, 20, 15, tzinfo=UTC),
)


def test_a_kind_of_help_is_said_in_the_reader_s_words() -> None:
    said = SPEECH.reason(
        RuleResult(
            rule="category",
            outcome="pass",
            code="category.pass",
            values={"category": "enrich.tutoring"},
            hard=True,
        )
    )

    assert said == {"verdict": "pass", "text": "Tarea"}


def test_an_area_is_said_without_its_id() -> None:
    said = SPEECH.reason(
        RuleResult(
            rule="area", outcome="fail", code="area.fail", values={"area": "north-point"}, hard=True
        )
    )

    assert said == {"verdict": "fail", "text": "Does not serve the student’s area"}


def test_what_rules_nothing_out_is_a_note_and_no_fault() -> None:
    said = SPEECH.reason(
        RuleResult(rule="consent", outcome="fail", code="consent.needed", hard=False)
    )

    assert said == {"verdict": "note", "text": "The family is asked when you send"}


def test_a_page_goes_by_the_day_that_it_is_at_the_school() -> None:
    in_the_evening = replace(SPEECH, now=datetime(2026, 11, 25, 4, tzinfo=UTC))  # 23:00 there

    assert in_the_evening.today == date(2026, 11, 24)


def test_a_language_is_said_so_that_whoever_does_not_read_it_knows_it() -> None:
    def said(language: str) -> str:
        values = {"language": language}
        result = RuleResult(
            rule="languages", outcome="fail", code="languages.fail", values=values, hard=True
        )
        return str(SPEECH.reason(result)["text"])

    assert said("Arabic") == "Arabic not offered"
    assert said("vi") == "Vietnamese not offered"
