"""Korean phone numbers in one spelling."""

import re

import phonenumbers

TYPED = re.compile(r"\+?[0-9][0-9 ()-]{7,18}")


def tidy_phone(text: str) -> str | None:
    """Spell a Korean number as 010-1234-5678; None when it is not one."""
    if not TYPED.fullmatch(text):
        return None
    try:
        number = phonenumbers.parse(text, "KR")
    except phonenumbers.NumberParseException:
        return None
    if number.country_code != 82 or not phonenumbers.is_possible_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL))
