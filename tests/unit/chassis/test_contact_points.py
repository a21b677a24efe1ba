import pytest

from services.chassis.contact_points import is_email, phone_number


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(617) 555-0142", "+16175550142"),
        ("617.555.0142", "+16175550142"),
        ("+238 991 12 34", "+2389911234"),
        ("555-0142", None),
        ("none", None),
        ("", None),
    ],
)
def test_a_number_that_can_be_dialled_becomes_e164(text: str, expected: str | None) -> None:
    assert phone_number(text, "US") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.b+c@harbor.example", True),
        ("a@b.c.example", True),
        ("a@harbor", False),
        ("Ms A a@harbor.example", False),
        ("a@b.example, c@d.example", False),
        ("a@.example", False),
        ("", False),
    ],
)
def test_an_address_is_one_address_and_nothing_beside_it(text: str, *, expected: bool) -> None:
    assert is_email(text) is expected
