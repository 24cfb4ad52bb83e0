"""Is a row of a supplier's list to be believed? Cells in, a line or its fault out."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from devices.rules.serials import BadSerial, look_of, normalise_serial

# What suppliers and offices call the columns; spaces, dots and capitals do not matter.
COLUMNS = {
    "serial": "serial", "serialno": "serial", "serialnumber": "serial", "s/n": "serial",
    "sn": "serial", "일련번호": "serial", "시리얼": "serial", "시리얼번호": "serial",
    "제조번호": "serial", "box": "box", "boxno": "box", "carton": "box", "박스": "box",
    "박스번호": "box", "상자": "box", "상자번호": "box", "assetno": "asset_no",
    "asset_no": "asset_no", "물품번호": "asset_no", "자산번호": "asset_no",
    "물품관리번호": "asset_no", "imei": "imei", "imei번호": "imei", "mac": "mac",
    "macaddress": "mac", "mac주소": "mac", "맥주소": "mac", "lot": "lot", "로트": "lot",
    "로트번호": "lot", "site": "site", "거점": "site", "입고거점": "site",
}  # fmt: skip
FIELDS = ("serial", "box", "asset_no", "imei", "mac", "lot", "site")
# Cells a row may not hold more signs in; the register keeps no more.
ROOM = {"box": 32, "asset_no": 30}
ROUNDED = re.compile(r"[0-9](?:\.[0-9]+)?[Ee]\+?[0-9]+")
IMEI = re.compile(r"[0-9]{15}")
MAC = re.compile(r"[0-9A-F]{12}")
# A row that is already in the register as it should be is no fault.
HARMLESS = frozenset({"", "known"})


class Line(NamedTuple):
    line: int
    serial: str
    shape: str
    box: str
    asset_no: str
    imei: str
    mac: str
    site: int | None
    problem: str
    other: str


class Ground(NamedTuple):
    """What a list is held against."""

    lot: str
    sites: Mapping[str, int]
    serial_length: int | None


class Fault(Exception):
    def __init__(self, problem: str, other: str = "") -> None:
        super().__init__(problem)
        self.problem, self.other = problem, other


def column_names(header: Sequence[str]) -> list[str]:
    """Give our names of a file's columns, empty where we read nothing."""
    return [COLUMNS.get(re.sub(r"[\s.]", "", name).lower(), "") for name in header]


def read_lines(rows: Sequence[tuple[int, Mapping[str, str]]], *, ground: Ground) -> Iterator[Line]:
    """Judge every row alone and against the others of its file."""
    length = ground.serial_length or usual_length(row["serial"] for _line, row in rows)
    seen: dict[str, dict[str, int]] = {"shape": {}, "asset_no": {}, "imei": {}, "mac": {}}
    for line, row in rows:
        yield judge(line, row, ground=ground, length=length, seen=seen)


def usual_length(serials: Iterable[str]) -> int | None:
    """Tell how long all-digit serials of a file are, if nearly all are of one length."""
    lengths = Counter(len(text) for serial in serials if (text := serial.strip()).isdigit())
    if not lengths:
        return None
    length, count = lengths.most_common(1)[0]
    return length if count * 2 > lengths.total() else None


def judge(
    line: int,
    row: Mapping[str, str],
    *,
    ground: Ground,
    length: int | None,
    seen: dict[str, dict[str, int]],
) -> Line:
    told = row["serial"].strip()
    serial = shape = imei = mac = ""
    asset_no, box = row.get("asset_no", "").strip(), row.get("box", "").strip().upper()
    site: int | None = None
    problem = other = ""
    try:
        serial = spelled(told, length=length, is_fixed=ground.serial_length is not None)
        shape = look_of(serial)
        imei, mac = imei_of(row.get("imei", "")), mac_of(row.get("mac", ""))
        in_room(box=box, asset_no=asset_no)
        site = place_of(row, ground)
        only_here("shape", shape, line, seen, "twice")
        for name, value in (("asset_no", asset_no), ("imei", imei), ("mac", mac)):
            only_here(name, value, line, seen, f"{name}_twice")
    except Fault as fault:
        problem, other = fault.problem, fault.other
    kept = (box[:32], asset_no[:30], imei, mac, site)
    return Line(line, serial or told[:64], shape, *kept, problem, other[:64])


def spelled(told: str, *, length: int | None, is_fixed: bool) -> str:
    if ROUNDED.fullmatch(told):
        raise Fault("rounded")
    try:
        serial = normalise_serial(told)
    except BadSerial as fault:
        raise Fault(fault.code) from fault
    if length is None or len(serial) == length:
        return serial
    if serial.isdigit() and len(serial) < length:
        raise Fault("zeros_lost", str(length))
    if is_fixed:
        raise Fault("wrong_length", str(length))
    return serial


def imei_of(told: str) -> str:
    """Give an IMEI whose check digit is right; scanners and lists put spaces and hyphens in."""
    imei = re.sub(r"[\s-]", "", told)
    if imei and not (IMEI.fullmatch(imei) and luhn(imei)):
        raise Fault("bad_imei", told.strip())
    return imei


def luhn(digits: str) -> bool:
    doubled = (sum(divmod(int(digit) * 2, 10)) for digit in digits[-2::-2])
    return (sum(doubled) + sum(int(digit) for digit in digits[::-2])) % 10 == 0


def mac_of(told: str) -> str:
    plain = re.sub(r"[\s:.-]", "", told).upper()
    if not plain:
        return ""
    if not MAC.fullmatch(plain):
        raise Fault("bad_mac", told.strip())
    return ":".join(plain[place : place + 2] for place in range(0, 12, 2))


def in_room(**cells: str) -> None:
    for name, text in cells.items():
        if len(text) > ROOM[name] or not text.isprintable():
            raise Fault("bad_cell", name)


def place_of(row: Mapping[str, str], ground: Ground) -> int | None:
    lot, site = row.get("lot", "").strip(), row.get("site", "").strip()
    if lot and lot != ground.lot:
        raise Fault("wrong_lot", lot)
    if site and site not in ground.sites:
        raise Fault("unknown_site", site)
    return ground.sites[site] if site else None


def only_here(
    name: str, value: str, line: int, seen: dict[str, dict[str, int]], problem: str
) -> None:
    """Refuse what an earlier row of the same file says too."""
    if value and seen[name].setdefault(value, line) != line:
        raise Fault(problem, str(seen[name][value]))
