"""Phone numbers and e-mail addresses as people write them."""

import re
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

EMAIL = re.compile(
    r"[^@\s,;:<>()\"]{1,64}@[^@\s,;:<>()\".]+(?:\.[^@\s,;:<>()\".]+)*\.[^@\W\d_]{2,}"
)

# How nearly all numbers are written there: read without the library, which takes 40 us for each.
TEN_DIGITS = re.compile(r"\(?([2-9][0-9]{2})\)?[ .-]?([0-9]{3})[ .-]?([0-9]{4})")


@lru_cache(maxsize=4096)
def phone_number(text: str, region: str) -> str | None:
    """A phone number in E.164, or nothing if it cannot be dialled.

    Possible numbers count, also of a range nobody was given: ranges open faster than lists.
    A number without its area cannot be dialled from elsewhere.
    """
    if region == "US" and (digits := TEN_DIGITS.fullmatch(text)):
        return f"+1{''.join(digits.groups())}"
    try:
        parsed = phonenumbers.parse(text, region)
    except NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(parsed) != ValidationResult.IS_POSSIBLE:
        return None
    return str(phonenumbers.format_number(parsed, PhoneNumberFormat.E164))


@lru_cache(maxsize=4096)
def shown_phone(phone: str) -> str:
    """A number as people write it here; what is no number, as it stands."""
    try:
        parsed = phonenumbers.parse(phone, "US")
    except NumberParseException:
        return phone
    return str(phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL))


def is_region(text: str) -> bool:
    """Whether a text is a country as phone numbers know it: two letters, such as US."""
    return text in phonenumbers.SUPPORTED_REGIONS


def is_email(text: str) -> bool:
    """Whether a text is one e-mail address and nothing beside it."""
    return EMAIL.fullmatch(text) is not None
