"""What a file may be called on our screens."""

import unicodedata

LONGEST = 100


def shown_name(sent: str) -> str:
    """Give the last part of a sent file name without signs that hide or turn what it says."""
    last = sent.replace("\\", "/").rpartition("/")[2]
    plain = "".join(
        sign for sign in last if unicodedata.category(sign) not in {"Cc", "Cf", "Cs", "Co", "Cn"}
    )
    return shortened(unicodedata.normalize("NFC", plain).strip()) or "file"


def shortened(name: str) -> str:
    """Cut a long name in the middle, so that its ending stays."""
    if len(name) <= LONGEST:
        return name
    return f"{name[: LONGEST - 13]}…{name[-12:]}"
