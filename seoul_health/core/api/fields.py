"""Fields that take exactly what is documented: no look-alike digits, no hidden characters."""

import re
import unicodedata
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

EARLIEST, LATEST = 1900, 2100
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})"
)
PUBLIC_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# They reorder what a reader sees; nobody needs them to write to us.
REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
MOST_MARKS = 6


class StrictInteger(serializers.IntegerField):
    """A JSON integer: no text, no 1.0, no true."""

    def __init__(
        self,
        *,
        min_value: int = -(2**31),
        max_value: int = 2**31 - 1,
        **kwargs: Any,
    ) -> None:
        super().__init__(min_value=min_value, max_value=max_value, **kwargs)

    def to_internal_value(self, data: object) -> int:
        if type(data) is not int:
            self.fail("invalid")
        return data


class StrictDate(serializers.DateField):
    """YYYY-MM-DD in ASCII digits, within living memory."""

    def to_internal_value(self, value: object) -> date:
        if not isinstance(value, str) or not DAY.fullmatch(value):
            self.fail("invalid", format="YYYY-MM-DD")
        day = super().to_internal_value(value)
        if not EARLIEST <= day.year <= LATEST:
            self.fail("invalid", format="YYYY-MM-DD")
        return day


class StrictDateTime(serializers.DateTimeField):
    """ISO 8601 with an offset; a moment without one is nobody's moment."""

    def to_internal_value(self, value: object) -> datetime:
        if not isinstance(value, str) or not MOMENT.fullmatch(value):
            self.fail("invalid", format="YYYY-MM-DDThh:mm:ss+09:00")
        try:
            moment = datetime.fromisoformat(value)
            in_range = EARLIEST <= moment.year <= LATEST
        except (ValueError, OverflowError):
            in_range = False
        if not in_range:
            self.fail("invalid", format="YYYY-MM-DDThh:mm:ss+09:00")
        return moment


class StrictBoolean(serializers.BooleanField):
    """A JSON true or false."""

    def to_internal_value(self, data: object) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class PlainText(serializers.CharField):
    """Text a person can read: NFC, something visible in it, nothing that reorders the screen."""

    default_error_messages = {
        "unreadable": _("This text contains characters that cannot be shown."),
    }

    def __init__(self, *, max_length: int, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)

    def to_internal_value(self, data: object) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        text = unicodedata.normalize("NFC", data).strip()
        if not readable(text):
            self.fail("unreadable")
        if text and not any(visible(sign) for sign in text):
            self.fail("blank")
        return str(super().to_internal_value(text))


class PublicId(serializers.UUIDField):
    """An id as we gave it out."""

    def to_internal_value(self, data: object) -> UUID:
        if not isinstance(data, str) or not PUBLIC_ID.fullmatch(data):
            self.fail("invalid", value=data)
        return UUID(data)


def visible(sign: str) -> bool:
    return unicodedata.category(sign) not in {"Cc", "Cf", "Zs", "Zl", "Zp", "Mn", "Me", "Cn", "Cs"}


def readable(text: str) -> bool:
    marks = 0
    for sign in text:
        category = unicodedata.category(sign)
        if sign in REORDERING or category == "Cs" or (category == "Cc" and sign not in "\n\r\t"):
            return False
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if marks > MOST_MARKS:
            return False
    return True
