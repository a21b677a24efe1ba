import pytest

from services.chassis.languages import direction, isolated, known, named, preferred


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("es-MX,es;q=0.9,en;q=0.8", "es"),
        ("fr,ht;q=0.7,en;q=0.5", "ht"),
        ("en;q=0.1,pt-BR;q=0.4", "pt"),
        ("de", "en"),
        ("", "en"),
        ("ar;q=0", "en"),
        ("kea;q=nonsense, es;q=0.2", "es"),
    ],
)
def test_a_browser_gets_the_language_it_likes_best_of_ours(accepted: str, language: str) -> None:
    assert preferred(accepted) == language


def test_the_first_of_equally_liked_languages_wins() -> None:
    assert preferred("pt,es") == "pt"


def test_arabic_alone_is_read_from_the_right() -> None:
    assert [direction(each) for each in ("en", "kea", "ar")] == ["ltr", "ltr", "rtl"]


@pytest.mark.parametrize("tag", ["xx", "", None, "../en", "eng"])
def test_a_language_that_is_not_ours_is_none(tag: str | None) -> None:
    assert known(tag) is None


@pytest.mark.parametrize(
    ("tag", "said"),
    [("ar", "Arabic"), ("ht-HT", "Haitian Creole"), ("vi", "Vietnamese"), ("Kreyòl", "Kreyòl")],
)
def test_staff_read_a_family_s_language_in_their_own(tag: str, said: str) -> None:
    assert named(tag) == said


def test_a_number_is_marked_only_where_sentences_read_from_the_right() -> None:
    assert isolated("(617) 555-0120", "ar") == "\u200e(617) 555-0120\u200e"
    assert isolated("(617) 555-0120", "kea") == "(617) 555-0120"
    assert isolated("", "ar") == ""
