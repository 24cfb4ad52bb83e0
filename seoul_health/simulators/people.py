"""Invented people: one subject is always the same person, and no real one."""

import hashlib
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from faker.providers.person.ko_KR import Provider as KoreanNames

SEOUL = (
    "종로구", "중구", "용산구", "성동구", "광진구", "동대문구", "중랑구", "성북구", "강북구",
    "도봉구", "노원구", "은평구", "서대문구", "마포구", "양천구", "강서구", "구로구", "금천구",
    "영등포구", "동작구", "관악구", "서초구", "강남구", "송파구", "강동구",
)  # fmt: skip
OUTSIDE = ("수원시 팔달구", "고양시 덕양구", "성남시 분당구", "부천시", "의정부시")
STREETS = ("세종대로", "한강로", "청계천로", "뚝섬로", "올림픽로", "양재대로", "은평로", "노해로")
ODD_NAMES = (
    "김😀하늘", "O'Brien", "\u0645\u062d\u0645\u062f \u0639\u0644\u064a", "ᄒᆞᆫ글", "이", "金哲秀",
    "남궁 Null", "황보가나다라마바사아자차카타파하", "José Núñez", "<b>박굵은</b>",
)  # fmt: skip
FAMILY_NAMES, GIVEN_NAMES = KoreanNames.last_names, KoreanNames.first_names
OLDEST, YOUNGEST, SENIOR = 1940, 2007, 1955


@dataclass(frozen=True, slots=True)
class Person:
    ci: str
    name: str
    birth_date: date
    phone: str
    address: str
    district: str
    resident: bool


def person(subject: str) -> Person:
    """Invent the person behind a subject; the subject's prefix may carry a wish."""
    seed = hashlib.sha256(subject.encode()).digest()
    dice = random.Random(seed)
    wish = subject.partition("-")[0]
    resident = wish != "outside"
    district = dice.choice(SEOUL if resident else OUTSIDE)
    return Person(
        ci=hashlib.sha512(b"ci:" + seed).hexdigest()[:88],
        name=dice.choice(ODD_NAMES) if wish == "odd" else _korean_name(dice),
        birth_date=_birth_date(dice, SENIOR if wish == "senior" else YOUNGEST),
        phone=_unassigned_phone(dice),
        address=_address(dice, district, resident=resident),
        district=district if resident else "",
        resident=resident,
    )


def _korean_name(dice: random.Random) -> str:
    return _weighted(dice, FAMILY_NAMES) + _weighted(dice, GIVEN_NAMES)


def _weighted(dice: random.Random, names: Mapping[str, float]) -> str:
    return dice.choices(tuple(names), weights=tuple(names.values()))[0]


def _unassigned_phone(dice: random.Random) -> str:
    """Stay below 010-2000, where no subscriber has a number."""
    return f"010-{dice.randint(0, 1999):04}-{dice.randint(0, 9999):04}"


def _birth_date(dice: random.Random, youngest: int) -> date:
    first = date(OLDEST, 1, 1).toordinal()
    return date.fromordinal(dice.randint(first, date(youngest, 12, 31).toordinal()))


def _address(dice: random.Random, district: str, *, resident: bool) -> str:
    city = "서울특별시" if resident else "경기도"
    return f"{city} {district} {dice.choice(STREETS)} {dice.randint(1, 400)}"
