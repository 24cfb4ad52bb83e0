"""One masking pattern for the whole system: different patterns together reveal the value."""

import unicodedata
from datetime import date


def characters(text: str) -> list[str]:
    """Split into what a reader sees as one character, so that no half of one is shown."""
    seen: list[str] = []
    for sign in text:
        joined = seen and (
            unicodedata.combining(sign)
            or sign == "\u200d"
            or seen[-1].endswith("\u200d")
            or 0xFE00 <= ord(sign) <= 0xFE0F
            or 0x1F3FB <= ord(sign) <= 0x1F3FF
        )
        if joined:
            seen[-1] += sign
        else:
            seen.append(sign)
    return seen


def mask_name(name: str) -> str:
    """김민용 → 김*용, 이산 → 이*, 남궁민수 → 남**수."""
    signs = characters(name.strip())
    if len(signs) < 3:
        return signs[0] + "*" if signs else ""
    return signs[0] + "*" * (len(signs) - 2) + signs[-1]


def mask_phone(phone: str) -> str:
    """010-1234-5678 → 010-****-5678."""
    digits = [sign for sign in phone if sign.isdigit()]
    return f"{''.join(digits[:3])}-****-{''.join(digits[-4:])}" if len(digits) > 8 else "****"


def mask_birth(birth: date) -> str:
    """1961-03-09 → 1961-**-**."""
    return f"{birth.year:04d}-**-**"


def mask_address(address: str) -> str:
    """Keep city and district; everything below is hidden."""
    words = address.split()
    return " ".join(words[:2]) + (" ***" if len(words) > 2 else "")
