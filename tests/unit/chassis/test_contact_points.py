from typing import Final

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.contact_points import is_email, phone_number

ASCII: Final = st.characters(max_codepoint=127)


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


@given(
    st.from_regex(r"\(?[0-9]{3}\)?[ .-]?[0-9]{3}[ .-]?[0-9]{3,5}", fullmatch=True, alphabet=ASCII)
)
def test_the_usual_way_to_write_a_number_is_read_as_the_library_reads_it(text: str) -> None:
    parsed = phonenumbers.parse(text, "US")
    reason = phonenumbers.is_possible_number_with_reason(parsed)
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)

    is_possible = reason == phonenumbers.ValidationResult.IS_POSSIBLE
    assert phone_number(text, "US") == (e164 if is_possible else None)


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
