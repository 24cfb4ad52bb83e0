"""How a serial number is read: from a scanner, a keyboard or a supplier's file."""

import re

LONGEST = 32
# Signs that are taken for one another on a label; the database knows the same pairs.
LOOK_ALIKES = ("OIL", "011")
READABLE = re.compile(r"[A-Z0-9]+(?:-[A-Z0-9]+)*")


class BadSerial(ValueError):
    """Not a serial number: blank, too long, or with signs no label carries."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def normalise_serial(text: str) -> str:
    """Give the one spelling of a serial number, or refuse the text."""
    serial = text.strip()
    if not serial:
        raise BadSerial("blank")
    if len(serial) > LONGEST:
        raise BadSerial("too_long")
    # Upper-casing first would turn some foreign letters into ASCII ones.
    if not serial.isascii() or not READABLE.fullmatch(serial.upper()):
        raise BadSerial("strange_sign")
    return serial.upper()


def look_of(serial: str) -> str:
    """Give what a serial looks like when O is read as 0 and I or L as 1."""
    return serial.translate(str.maketrans(*LOOK_ALIKES))
