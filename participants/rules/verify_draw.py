#!/usr/bin/env python3
"""추첨 결과 검증기: 공개된 추첨 파일을 처음부터 다시 계산합니다.

Checks a published draw by computing it again. Needs Python 3.8 or newer and nothing else.

    python3 verify_draw.py FILE [--roster-sha256 HEX] [--seed SEED]

Exit status: 0 everything agrees, 1 something differs, 2 the file cannot be read.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from hashlib import sha256
from io import TextIOWrapper
from itertools import chain, islice, repeat
from typing import Iterable, NamedTuple, Protocol  # noqa: UP035 - Python 3.8 has it nowhere else.

FORMAT = "seoul-health-draw/1"
WORDS = ("format", "round", "lane", "seed_source", "seed_form", "seed_due_on", "roster_sha256")
SEED_FORMS = {"lotto": r"\d\d( \d\d){5}", "digits": r"\d{6,60}"}


class Writer(Protocol):
    """Anything that takes text: a terminal, a file, a command's output."""

    def write(self, text: str) -> object: ...


class Quota(NamedTuple):
    code: str
    seats: int
    spill_order: int


class Line(NamedTuple):
    """One application as the file tells of it; a file without a draw has no ranks yet."""

    number: int
    application: str
    quota: str
    rank: int | None
    outcome: str | None
    seat: str | None


class Sheet(NamedTuple):
    header: dict[str, object]
    quotas: list[Quota]
    lines: list[Line]


class Result(NamedTuple):
    rank: int
    outcome: str
    seat: str | None


class Said(NamedTuple):
    korean: str
    english: str


class Unreadable(Exception):
    """The file is not a draw file at all."""


# --- the published formula ---------------------------------------------------------------------


def roster_hash(sheet: Sheet) -> str:
    """Fingerprint who was in the draw, for which seats, and by which seed it was to be drawn."""
    header = sheet.header
    digest = sha256(f"{FORMAT}\n".encode())
    for word in ("round", "lane", "seed_source", "seed_form", "seed_due_on"):
        digest.update(f"{word} {header[word]}\n".encode())
    for quota in sheet.quotas:
        digest.update(f"quota {quota.code} {quota.seats} {quota.spill_order}\n".encode())
    digest.update(f"applications {len(sheet.lines)}\n".encode())
    place = places(sheet)
    for line in sorted(sheet.lines, key=lambda line: (place[line.quota], line.application)):
        digest.update(f"{line.application} {line.quota}\n".encode())
    return digest.hexdigest()


def places(sheet: Sheet) -> dict[str, int]:
    """Number the quotas in spill-over order; one that nobody announced would come first."""
    unknown = {line.quota: -1 for line in sheet.lines}
    return {**unknown, **{quota.code: number for number, quota in enumerate(sheet.quotas)}}


def drawn_order(seed: str, applications: Iterable[str]) -> list[str]:
    """Order by SHA-256 of the seed followed by the application's number, lowest first."""
    return sorted(applications, key=lambda one: (sha256(f"{seed}{one}".encode()).digest(), one))


def seats_won(quotas: list[Quota], applied: Counter[str]) -> dict[str, list[str]]:
    """Give each quota's winners, first rank first, the quota whose seat each one has.

    Everybody draws for the own quota's seats first. Seats that are left are then given to the
    waiting of the other quotas: lowest spill-over order first, there by rank.
    """
    won = {one.code: [one.code] * max(0, min(one.seats, applied[one.code])) for one in quotas}
    left = chain.from_iterable(
        repeat(one.code, max(0, one.seats - applied[one.code])) for one in quotas
    )
    for one in quotas:
        won[one.code] += islice(left, applied[one.code] - len(won[one.code]))
    return won


def draw(seed: str, sheet: Sheet) -> dict[str, Result]:
    """Draw again: the rank and the outcome of every application."""
    won = seats_won(sheet.quotas, Counter(line.quota for line in sheet.lines))
    results = {}
    for quota in sheet.quotas:
        names = (line.application for line in sheet.lines if line.quota == quota.code)
        for rank, application in enumerate(drawn_order(seed, names), start=1):
            seats = won[quota.code]
            seat = seats[rank - 1] if rank <= len(seats) else None
            results[application] = Result(rank, "selected" if seat else "waitlisted", seat)
    return results


def result_hash(sheet: Sheet, results: dict[str, Result]) -> str:
    """Fingerprint the result: by quota in spill-over order, there by rank."""
    place, digest = places(sheet), sha256()
    for line in sorted(
        sheet.lines, key=lambda line: (place[line.quota], results[line.application].rank)
    ):
        _rank, outcome, seat = results[line.application]
        digest.update(f"{line.application} {line.quota} {outcome} {seat or '-'}\n".encode())
    return digest.hexdigest()


# --- reading -----------------------------------------------------------------------------------


def read(lines: Iterable[str]) -> Sheet:
    """Read a draw file: a line that describes the draw, then a line for each application."""
    rows = iter(lines)
    header = parsed(1, next(rows, ""))
    if header.get("format") != FORMAT or not all(isinstance(header.get(w), str) for w in WORDS):
        raise Unreadable(1)
    found = header.get("quotas")
    if not isinstance(found, list) or not found:
        raise Unreadable(1)
    quotas = sorted(map(quota_of, found), key=lambda quota: (quota.spill_order, quota.code))
    return Sheet(header, quotas, [line_of(n, text) for n, text in enumerate(rows, start=2)])


def parsed(number: int, text: str) -> dict[str, object]:
    try:
        row = json.loads(text)
    except (ValueError, RecursionError):
        raise Unreadable(number) from None
    if not isinstance(row, dict):
        raise Unreadable(number)
    return row


def quota_of(row: object) -> Quota:
    terms = row if isinstance(row, dict) else {}
    code, seats, order = terms.get("code"), terms.get("seats"), terms.get("spill_order")
    if not (isinstance(code, str) and isinstance(seats, int) and isinstance(order, int)):
        raise Unreadable(1)
    return Quota(code, seats, order)


def line_of(number: int, text: str) -> Line:
    row = parsed(number, text)
    application, quota = row.get("application"), row.get("quota")
    rank, outcome, seat = row.get("rank"), row.get("outcome"), row.get("seat")
    if (
        isinstance(application, str)
        and isinstance(quota, str)
        and isinstance(rank, (int, type(None)))
        and isinstance(outcome, (str, type(None)))
        and isinstance(seat, (str, type(None)))
    ):
        return Line(number, application, quota, rank, outcome, seat)
    raise Unreadable(number)


# --- comparing: each check gives the first difference it finds, or nothing -----------------------


def differing_lines(sheet: Sheet) -> Said | None:
    codes = {quota.code for quota in sheet.quotas}
    seen: dict[str, int] = {}
    if len(codes) < len(sheet.quotas):
        return Said("정원이 두 번 적혀 있습니다.", "A quota is listed twice.")
    for line in sheet.lines:
        if line.quota not in codes:
            return Said(
                f"{line.number}번째 줄의 정원 “{line.quota}”은(는) 공고에 없습니다.",
                f"Line {line.number} names a quota “{line.quota}” that was not announced.",
            )
        if line.application in seen:
            return Said(
                f"{line.number}번째 줄은 {seen[line.application]}번째 줄과 같은 신청입니다.",
                f"Line {line.number} repeats the application of line {seen[line.application]}.",
            )
        seen[line.application] = line.number
    return not_equal(
        Said("신청 건수", "number of applications"),
        sheet.header.get("roster_count"),
        len(sheet.lines),
    )


def not_equal(what: Said, told: object, found: object) -> Said | None:
    if told == found:
        return None
    return Said(
        f"{what.korean}: 적힌 값 {told}, 다시 계산한 값 {found}",
        f"{what.english}: stated {told}, computed {found}",
    )


def differing_roster(sheet: Sheet, noted: str | None) -> Said | None:
    found = roster_hash(sheet)
    what = Said("명부 지문", "roster hash")
    return not_equal(what, sheet.header["roster_sha256"], found) or not_equal(
        what, (noted or found).strip().lower(), found
    )


def differing_seed(sheet: Sheet, noted: str | None) -> Said | None:
    seed, form = sheet.header.get("seed"), str(sheet.header["seed_form"])
    if not isinstance(seed, str) or not re.fullmatch(SEED_FORMS.get(form, ""), seed, re.ASCII):
        return Said(
            f"추첨 번호 “{seed}”이(가) 공고한 형식({form})이 아닙니다.",
            f"The seed “{seed}” is not of the announced form ({form}).",
        )
    return not_equal(Said("추첨 번호", "seed"), seed, (noted or seed).strip())


def differing_results(sheet: Sheet, results: dict[str, Result], field: str) -> Said | None:
    name = {"rank": "순위", "outcome": "결과", "seat": "배정 정원"}[field]
    for line in sheet.lines:
        told, found = getattr(line, field), getattr(results[line.application], field)
        if told != found:
            return Said(
                f"{line.number}번째 줄 {line.application}의 {name}: 적힌 값 {told}, "
                f"다시 계산한 값 {found}",
                f"Line {line.number}, {field} of {line.application}: stated {told}, "
                f"computed {found}",
            )
    return None


# --- telling -----------------------------------------------------------------------------------


class Report:
    """Says what was checked, in Korean and in English, and remembers whether all was well."""

    def __init__(self, out: Writer) -> None:
        self.out, self.is_good = out, True

    def say(self, korean: str, english: str) -> None:
        self.out.write(f"{korean}\n    {english}\n")

    def check(self, korean: str, english: str, difference: Said | None) -> bool:
        """Say how one check came out; give whether it is good."""
        if difference is None:
            self.say(f"[일치] {korean}", f"[OK] {english}")
            return True
        self.is_good = False
        self.say(f"[불일치] {korean} — {difference.korean}", f"[DIFFERS] {difference.english}")
        return False


def verify(
    sheet: Sheet, out: Writer, *, noted_roster: str | None = None, noted_seed: str | None = None
) -> bool:
    """Compute a draw again and say what agrees and what does not."""
    report, header = Report(out), sheet.header
    report.say(
        f"모집 {header['round']} / {header['lane']}, 신청 {len(sheet.lines)}건",
        f"Round {header['round']} / {header['lane']}, {len(sheet.lines)} applications",
    )
    whole_file = report.check("신청 줄과 정원", "lines and quotas", differing_lines(sheet))
    report.check("명부 지문", "roster hash", differing_roster(sheet, noted_roster))
    report.say(f"명부 지문(SHA-256): {roster_hash(sheet)}", "Compare it with the hash published.")
    if header.get("seed") is None and noted_seed is None and not any(map(has_result, sheet.lines)):
        report.say("아직 추첨하지 않은 명부입니다.", "This roster has not been drawn yet.")
        return report.is_good
    seeded = report.check("추첨 번호", "seed", differing_seed(sheet, noted_seed))
    report.say(
        f"추첨 번호: {header.get('seed')} (출처: {header['seed_source']})",
        "Seed. Compare it with the source that was announced.",
    )
    if whole_file and seeded:
        check_results(sheet, report)
    return report.is_good


def has_result(line: Line) -> bool:
    return (line.rank, line.outcome, line.seat) != (None, None, None)


def check_results(sheet: Sheet, report: Report) -> None:
    results = draw(str(sheet.header["seed"]), sheet)
    hashes = sheet.header.get("result_sha256"), result_hash(sheet, results)
    report.check("순위", "ranks", differing_results(sheet, results, "rank"))
    report.check(
        "선정과 대기",
        "outcomes",
        differing_results(sheet, results, "outcome") or differing_results(sheet, results, "seat"),
    )
    report.check("결과 지문", "result hash", not_equal(Said("결과 지문", "result hash"), *hashes))


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="추첨 결과를 다시 계산합니다. Check a draw.")
    parser.add_argument("file", metavar="FILE")
    parser.add_argument("--roster-sha256", metavar="HEX", help="the hash noted before the draw")
    parser.add_argument("--seed", help="the seed as the announced source gives it")
    return parser


def run(
    path: str, out: Writer, *, roster_sha256: str | None = None, seed: str | None = None
) -> int:
    """Check one file; give the exit status."""
    try:
        with open(path, encoding="utf-8") as file:
            sheet = read(file)
    except OSError as error:
        out.write(f"파일을 열 수 없습니다. The file cannot be opened: {error.strerror}\n")
        return 2
    except UnicodeDecodeError:
        out.write("추첨 파일이 아닙니다. This is not a draw file.\n")
        return 2
    except Unreadable as error:
        (number,) = error.args
        out.write(f"{number}번째 줄을 읽을 수 없습니다. Line {number} cannot be read.\n")
        return 2
    if verify(sheet, out, noted_roster=roster_sha256, noted_seed=seed):
        out.write("모두 일치합니다. Everything agrees.\n")
        return 0
    out.write("일치하지 않는 것이 있습니다. Something differs.\n")
    return 1


if __name__ == "__main__":
    given = arguments().parse_args()
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # An old terminal may lack a sign.
    sys.exit(run(given.file, sys.stdout, roster_sha256=given.roster_sha256, seed=given.seed))
