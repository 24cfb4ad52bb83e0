"""Rows of paper applications as counters type them: Korean or English headings and words."""

import unicodedata
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from participants.rules.districts import DISTRICTS
from participants.rules.phones import tidy_phone
from participants.services.paper import PaperForm

COLUMNS = (
    "paper_no", "name", "phone", "birth_date", "address", "district", "round", "lane", "basis",
    "consented_on",
)  # fmt: skip
HEADINGS: Mapping[str, str] = MappingProxyType(
    {
        "신청서번호": "paper_no",
        "접수번호": "paper_no",
        "이름": "name",
        "성명": "name",
        "연락처": "phone",
        "전화번호": "phone",
        "휴대전화": "phone",
        "생년월일": "birth_date",
        "주소": "address",
        "자치구": "district",
        "거주구": "district",
        "회차": "round",
        "모집구분": "lane",
        "신청자격": "basis",
        "자격": "basis",
        "동의일": "consented_on",
        "동의일자": "consented_on",
    }
)
LANES: Mapping[str, str] = MappingProxyType(
    {
        "워치대여": "needs_watch",
        "기기대여": "needs_watch",
        "대여": "needs_watch",
        "보유기기": "own_device",
        "본인기기": "own_device",
    }
)
BASES: Mapping[str, str] = MappingProxyType(
    {
        "거주자": "resident",
        "시민": "resident",
        "직장인": "worker",
        "재직자": "worker",
        "학생": "student",
        "대학생": "student",
        "자영업자": "self_employed",
        "사업자": "self_employed",
    }
)
LONGEST = {"paper_no": 30, "name": 60, "address": 200, "round": 50}
OLDEST = 1900


def column_of(heading: str) -> str:
    """Give our name of a column for what the office calls it."""
    squeezed = "".join(unicodedata.normalize("NFC", heading).split())
    return HEADINGS.get(squeezed, squeezed.lower())


def missing_columns(headings: list[str]) -> list[str]:
    return [name for name in COLUMNS if name not in headings]


def paper_form(row: Mapping[str, str]) -> PaperForm:
    """Turn one row of text into a form, naming every column that is not right."""
    cells = {name: unicodedata.normalize("NFC", row.get(name) or "").strip() for name in COLUMNS}
    if empty := [name for name, text in cells.items() if not text]:
        raise ValidationError({name: [_("This column is empty.")] for name in empty})
    wrong = {name: [why] for name in cells if (why := fault_of(name, cells[name]))}
    if wrong:
        raise ValidationError(wrong)
    return PaperForm(
        paper_no=cells["paper_no"],
        name=cells["name"],
        phone=tidy_phone(with_zero(cells["phone"])) or "",
        birth_date=read_day(cells["birth_date"]) or date.min,
        address=cells["address"],
        district=cells["district"],
        round=cells["round"],
        lane=LANES.get(squeeze(cells["lane"]), cells["lane"]),
        basis=BASES.get(squeeze(cells["basis"]), cells["basis"]),
        consented_on=read_day(cells["consented_on"]) or date.min,
    )


def fault_of(name: str, text: str) -> str | None:
    """Say what is wrong with one cell, if anything."""
    if len(text) > LONGEST.get(name, len(text)):
        return _("At most {limit} letters fit here.").format(limit=LONGEST[name])
    if name == "phone" and tidy_phone(with_zero(text)) is None:
        return _("“{text}” is not a Korean phone number like 010-1234-5678.").format(text=text)
    if name == "district" and text not in DISTRICTS:
        return _("“{text}” is not a district of Seoul.").format(text=text)
    if name in {"birth_date", "consented_on"} and read_day(text) is None:
        return _("“{text}” is not a day like 1980-05-17.").format(text=text)
    return None


def with_zero(phone: str) -> str:
    """Give a mobile number its zero back, which spreadsheets drop."""
    lost = len(phone) == 10 and phone.startswith("10") and phone.isascii() and phone.isdigit()
    return f"0{phone}" if lost else phone


def read_day(text: str) -> date | None:
    """Read 1980-05-17, 1980.5.17., 1980/5/17 or 19800517."""
    if not text.isascii():
        return None
    if len(text) == 8 and text.isdigit():
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    parts = text.replace(".", "-").replace("/", "-").rstrip("-").split("-")
    try:
        year, month, day = (int(part.strip()) for part in parts)
        found = date(year, month, day)
    except ValueError:
        return None
    return found if found.year >= OLDEST else None


def squeeze(text: str) -> str:
    return "".join(text.split())
