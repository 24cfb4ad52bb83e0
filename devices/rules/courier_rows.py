"""Is a row of a courier's file to be believed? Cells in, a line or its fault out."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

KST = ZoneInfo("Asia/Seoul")
# What couriers call the columns; spaces, dots and capitals do not matter.
COLUMNS = {
    "주문번호": "reference", "고객주문번호": "reference", "고객관리번호": "reference",
    "reference": "reference", "운송장번호": "tracking_no", "운송장": "tracking_no",
    "송장번호": "tracking_no", "등기번호": "tracking_no", "trackingno": "tracking_no",
    "tracking_no": "tracking_no", "배송상태": "progress", "상태": "progress",
    "처리상태": "progress", "status": "progress", "처리일시": "at", "배송일시": "at",
    "배송완료일시": "at", "배달일시": "at", "at": "at",
}  # fmt: skip
PROGRESS = {
    "집화": "in_transit", "집하": "in_transit", "집화완료": "in_transit", "접수": "in_transit",
    "발송": "in_transit", "이동중": "in_transit", "간선상차": "in_transit",
    "배송중": "in_transit", "배송출발": "in_transit", "배달중": "in_transit",
    "배달준비": "in_transit", "배송완료": "delivered", "배달완료": "delivered",
    "수취완료": "delivered", "반송": "came_back", "반송중": "came_back",
    "반송완료": "came_back", "수취거절": "came_back", "분실": "lost",
    "intransit": "in_transit", "in_transit": "in_transit", "delivered": "delivered",
    "returned": "came_back", "lost": "lost",
}  # fmt: skip
REFERENCE = re.compile(r"[0-9a-f]{32}-(?:out|back)-[0-9]{1,3}")
ROUNDED = re.compile(r"[0-9](?:\.[0-9]+)?[Ee]\+?[0-9]+")
DIGITS = re.compile(r"[0-9]+")
MOMENT = re.compile(
    r"([0-9]{4})[-./]([0-9]{1,2})[-./]([0-9]{1,2})(?:[ T]([0-9]{1,2}):([0-9]{2})(?::[0-9]{2})?)?"
)
LONGEST = 60


class Line(NamedTuple):
    """A row of a courier's file: what it says, and what is wrong with it."""

    line: int
    reference: str
    tracking_no: str
    progress: str = ""
    at: str = ""
    problem: str = ""
    other: str = ""


class Swapped(Exception):
    """References stand where tracking numbers ought to, and the other way round."""


def column_names(header: Sequence[str]) -> list[str]:
    """Give our names of a file's columns, empty where we read nothing."""
    return [COLUMNS.get(re.sub(r"[\s.]", "", name).lower(), "") for name in header]


def read_numbers(
    rows: Sequence[tuple[int, Mapping[str, str]]], *, lengths: Sequence[int]
) -> list[Line]:
    """Read references with their tracking numbers; swapped columns are no rows at all."""
    swapped = sum(
        bool(REFERENCE.fullmatch(row["tracking_no"].strip().lower())) for _line, row in rows
    )
    if swapped * 2 > len(rows):
        raise Swapped
    return twice_marked([numbered(line, row, lengths) for line, row in rows])


def numbered(line: int, row: Mapping[str, str], lengths: Sequence[int]) -> Line:
    reference = row["reference"].strip().lower()
    number, problem, other = number_of(row["tracking_no"], lengths)
    if not REFERENCE.fullmatch(reference):
        problem, other = "bad_reference", ""
    return Line(line, reference[:LONGEST], number, problem=problem, other=other)


def number_of(told: str, lengths: Sequence[int]) -> tuple[str, str, str]:
    """Give a tracking number as digits, and what is wrong with it."""
    text = unicodedata.normalize("NFKC", told).strip().removeprefix("'")
    plain = re.sub(r"[\s-]", "", text)
    if not plain:
        return "", "no_number", ""
    if ROUNDED.fullmatch(text):
        return text[:LONGEST], "rounded", ""
    if not DIGITS.fullmatch(plain):
        return text[:LONGEST], "bad_number", ""
    if len(plain) in lengths:
        return plain, "", ""
    usual = ", ".join(str(length) for length in sorted(lengths))
    return plain[:LONGEST], "zeros_lost" if len(plain) < min(lengths) else "wrong_length", usual


def twice_marked(lines: list[Line]) -> list[Line]:
    """Refuse every row that shares a number or a parcel with another: who knows which is right?"""
    numbers = Counter(each.tracking_no for each in lines if not each.problem)
    parcels = Counter(each.reference for each in lines if each.reference and not each.problem)
    return [
        each._replace(problem="number_twice", other=each.tracking_no)
        if not each.problem and numbers[each.tracking_no] > 1
        else each._replace(problem="parcel_twice")
        if not each.problem and parcels[each.reference] > 1
        else each
        for each in lines
    ]


def read_progress(
    rows: Sequence[tuple[int, Mapping[str, str]]], *, lengths: Sequence[int], now: datetime
) -> list[Line]:
    """Read tracking numbers with what became of their parcels."""
    return twice_marked(list(moved(rows, lengths=lengths, now=now)))


def moved(
    rows: Sequence[tuple[int, Mapping[str, str]]], *, lengths: Sequence[int], now: datetime
) -> Iterator[Line]:
    for line, row in rows:
        number, problem, other = number_of(row["tracking_no"], lengths)
        told = re.sub(r"\s", "", row["progress"]).lower()
        progress, at = PROGRESS.get(told, ""), row.get("at", "").strip()
        moment = moment_of(at)
        if not problem and not progress:
            problem, other = "unknown_progress", row["progress"].strip()[:LONGEST]
        elif not problem and at and moment is None:
            problem, other = "bad_moment", at[:LONGEST]
        elif not problem and moment and moment > now:
            problem, other = "from_the_future", at[:LONGEST]
        yield Line(line, "", number, progress, moment.isoformat() if moment else "", problem, other)


def moment_of(text: str) -> datetime | None:
    """Read a moment as couriers write it: Seoul time."""
    shape = MOMENT.fullmatch(text)
    if shape is None:
        return None
    year, month, day, hour, minute = (int(part or 0) for part in shape.groups())
    try:
        return datetime(year, month, day, hour, minute, tzinfo=KST)
    except ValueError:
        return None
