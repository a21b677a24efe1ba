import base64

import pytest

from services.chassis.keys import decoded, demo_key, is_of_demo, key_encryption_keys

ONE = base64.b64encode(b"1" * 32).decode()
TWO = base64.b64encode(b"2" * 32).decode()


def test_the_first_key_wraps_new_ones_unless_another_is_named() -> None:
    assert key_encryption_keys(f"a:{ONE},b:{TWO}").current == "a"
    assert key_encryption_keys(f"a:{ONE}, b:{TWO}", "b").current == "b"


def test_a_current_key_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="names none"):
        key_encryption_keys(f"a:{ONE}", "c")


def test_an_id_that_stands_for_two_keys_is_refused() -> None:
    with pytest.raises(ValueError, match="one id twice"):
        key_encryption_keys(f"a:{ONE},a:{TWO}")


@pytest.mark.parametrize("text", ["", "short", ONE[:-4], base64.b64encode(b"3" * 31).decode()])
def test_what_is_no_key_of_32_bytes_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        decoded(text)


def test_a_key_of_the_demo_is_known_as_such() -> None:
    assert is_of_demo(decoded(demo_key("ledger")))
    assert demo_key("ledger") != demo_key("search")
    assert not is_of_demo(decoded(ONE))
