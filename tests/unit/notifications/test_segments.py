import pytest

from services.notifications.segments import fitted, segments

NAMES = ("school", "child")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("ó" * 70, 1),
        ("ó" * 71, 2),
        ("ó" * 134, 2),
        ("ó" * 135, 3),
        ("é" * 160, 1),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
)
def test_parts_are_counted_as_networks_do(text: str, parts: int) -> None:
    assert segments(text) == parts


def test_names_are_left_alone_while_there_is_room() -> None:
    text = fitted("%(school)s: %(child)s", {"school": "Ñandú", "child": "José"}, shorten=NAMES)
    assert text == "Ñandú: José"


def test_accents_go_before_letters_do() -> None:
    values = {"school": "Escuela María " + "x" * 130, "child": "Zoé"}
    text = fitted("%(school)s: %(child)s", values, shorten=NAMES)
    assert text == f"Escuela Maria {'x' * 130}: Zoé"


def test_only_names_are_cut_and_the_longest_first() -> None:
    values = {"school": "s" * 400, "child": "Lovely", "link": "https://x.example/f/abc"}
    text = fitted("%(school)s: %(child)s %(link)s", values, shorten=NAMES)
    assert segments(text) == 2
    assert text.endswith(": Lovely https://x.example/f/abc")
