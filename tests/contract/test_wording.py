import re
from datetime import date
from typing import get_args

import pytest

from schemas.codes import LOCALES, Template
from schemas.extract import CATALOGUES, family_words, missing, translated
from services.chassis import dates
from services.chassis.languages import Wording, isolated
from services.notifications.composing import NAMES
from services.notifications.domain.messages import LINKED, TO_PARTNERS
from services.notifications.segments import AT_MOST, fitted, segments
from services.notifications.wording import (
    HELP_ASKED,
    PLACE_GONE,
    STANDING_NEEDED,
    WORDS,
    words_to_family,
)

PLACES = re.compile(r"%\((\w+)\)s")
OTHERS = LOCALES[1:]
LONG = {
    "school": "Martin Luther King Jr. Memorial Elementary School of the Harbor District",
    "child": "Maximiliano-Alexandre",
    "staff": "Wilhelmina Placeholder-Featherstonehaugh",
    "phone": "(555) 010-0142",
    "link": "https://wraparound.example-schools.org/f/" + "x" * 22,
    "code": "123456",
}
LINKED_WORDS = [
    *(WORDS[name] for _, name in LINKED if name != "offer"),
    HELP_ASKED,
    STANDING_NEEDED,
]
ALL = [*WORDS.values(), HELP_ASKED, PLACE_GONE, STANDING_NEEDED]
DENIAL = re.compile(r"(?i)(no|any)thing.* share|share (no|any)thing")
AFTER_SIGNING = {
    "We share nothing else.",
    "From then on nothing more is shared under this permission. "
    "What partners know already, they keep.",
    "Nothing more is shared under this permission. If you want help again, call us.",
}
FORBIDDEN = ("stop", "quit", "cancel", "unsubscribe", "parar", "alto", "baja")


@pytest.mark.parametrize("locale", OTHERS)
def test_no_word_that_a_family_may_read_lacks_a_translation(locale: str) -> None:
    assert missing(locale) == frozenset()


@pytest.mark.parametrize("locale", OTHERS)
def test_a_catalogue_holds_nothing_that_nobody_says(locale: str) -> None:
    assert translated(locale).keys() - family_words() == set()


@pytest.mark.parametrize("locale", OTHERS)
def test_a_translation_fills_in_what_the_english_does(locale: str) -> None:
    for english, words in translated(locale).items():
        assert sorted(PLACES.findall(english)) == sorted(PLACES.findall(words)), words


@pytest.mark.parametrize("locale", LOCALES)
def test_a_text_message_costs_two_parts_at_most_and_keeps_link_and_number(locale: str) -> None:
    wording = Wording([CATALOGUES]).of(locale)
    long = LONG | {
        "day": dates.day(date(2026, 9, 30), locale, "day"),
        "phone": isolated(LONG["phone"], locale),
    }
    for words in ALL:
        if not words.text:
            continue
        text = fitted(wording.gettext(words.text), long, shorten=NAMES)
        assert segments(text) <= AT_MOST, text
        if words in LINKED_WORDS:
            assert LONG["link"] in text
            assert LONG["phone"] in text
            assert text.startswith(LONG["school"][:6]), text


@pytest.mark.parametrize("locale", LOCALES)
def test_no_answer_button_is_a_word_that_stops_messages_by_law(locale: str) -> None:
    said = Wording([CATALOGUES]).of(locale)
    buttons = ("Yes, my child will come", "We cannot come", "Another time", "I agree", "No, thanks")
    for button in buttons:
        assert not set(said.gettext(button).casefold().split()) & set(FORBIDDEN)


def test_before_a_signature_no_more_is_promised_than_that_nobody_is_named() -> None:
    """A Preview without a name may be out by then."""
    denials = {each for each in family_words() if DENIAL.search(each)}
    assert {each for each in denials if "names you" not in each} == AFTER_SIGNING


def test_the_end_of_one_permission_says_nothing_of_the_others() -> None:
    """Another may stand, and share as before: a standing one, or one of another guardian."""
    ends = [each for each in family_words() if "more is shared" in each]
    assert len(ends) == 2
    assert not [each for each in ends if "under this permission" not in each]


def test_nobody_is_told_that_the_search_goes_on_where_it_may_rest() -> None:
    """It does once a place is lost or taken back."""
    assert not [each for each in family_words() if "keep looking" in each]


def test_every_template_has_words_and_no_text_goes_to_a_partner() -> None:
    assert set(WORDS) == set(get_args(Template))
    assert not any(WORDS[each].text for each in TO_PARTNERS)


def test_a_family_never_reads_what_is_meant_for_a_partner() -> None:
    assert words_to_family("offer", is_standing=True) is HELP_ASKED
    assert words_to_family("offer-recalled", is_standing=False) is PLACE_GONE
    assert words_to_family("consent-needed", is_standing=True) is STANDING_NEEDED
    assert words_to_family("consent-needed", is_standing=False) is WORDS["consent-needed"]


def test_no_message_names_a_partner_or_a_category() -> None:
    allowed = {"school", "child", "staff", "phone", "link", "day", "code", "name", "reference"}
    for words in ALL:
        for said in (words.subject, words.text, *words.lines):
            assert set(PLACES.findall(said)) <= allowed
