"""Compare what was promised with what is there; every difference is named."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.faults.client import COMPLAINTS, PAYOUTS, STEPS
from tests.faults.journal import Promise

RECEIPTS = """
SELECT batch_id::text, participant_id, receipt_no FROM devices_syncreceipt
WHERE participant_id = ANY(%s) AND id > %s
"""
DAYS = """
SELECT participant_id, source, activity_date::text, steps FROM devices_daysteps
WHERE participant_id = ANY(%s)
"""
PAID_OUT = """
SELECT split_part(transfer.key, ':', 3), payout.participant_id, payout.public_id::text,
    payout.amount, payout.reference, payout.status, payout.receipt_no
FROM points_payout AS payout JOIN points_transfer AS transfer ON transfer.id = payout.transfer_id
WHERE payout.participant_id = ANY(%s) AND payout.id > %s
"""
FILED = """
SELECT receipt_no, participant_id FROM complaints_complaint
WHERE participant_id = ANY(%s) AND id > %s
"""
APPLIED = """
SELECT one.receipt_no, one.participant_id, round.code
FROM participants_application AS one JOIN participants_recruitmentround AS round
    ON round.id = one.round_id
WHERE one.participant_id = ANY(%s) AND round.code = ANY(%s)
"""


APPLIED_AT = "/applications/"


@dataclass(frozen=True)
class Kept:
    """What the site and the operator have on their books."""

    receipts: list[tuple[str, int, str]] = field(default_factory=list)
    days: Mapping[tuple[int, str, str], int] = field(default_factory=dict)
    payouts: list[tuple[str, int, str, int, str, str, str]] = field(default_factory=list)
    wallet: list[Mapping[str, Any]] = field(default_factory=list)
    complaints: list[tuple[str, int]] = field(default_factory=list)
    applications: list[tuple[str, int, str]] = field(default_factory=list)


@dataclass
class Findings:
    """Counts of what must not be; all of them zero, or the round has failed."""

    lost: int = 0
    doubled: int = 0
    ghosts: int = 0
    unanswered: int = 0
    steps_differ: int = 0
    paid_twice: int = 0
    paid_and_not_booked: int = 0
    booked_and_not_paid: int = 0
    unresolved: int = 0
    replays_differ: int = 0
    oversold: int = 0
    deeds_lost: int = 0
    draws_unfinished: int = 0
    draws_differ: int = 0
    told_differ: int = 0
    told_twice: int = 0
    untold: int = 0

    def all(self) -> dict[str, int]:
        return {name: count for name, count in vars(self).items() if count}


def check(promises: Iterable[Promise], kept: Kept, *, sources: Mapping[int, str]) -> Findings:
    """Look for every acknowledged write once, for nothing else, and for each won once."""
    promises, found = list(promises), Findings()
    found.unanswered = sum(1 for promise in promises if not promise.status)
    uploads = [one for one in promises if one.path == STEPS]
    check_uploads(uploads, kept, found)
    check_days(uploads, kept, sources, found)
    check_payouts([one for one in promises if one.path == PAYOUTS], kept, found)
    check_wallet(kept, found)
    check_complaints([one for one in promises if one.path == COMPLAINTS], kept, found)
    check_applications([one for one in promises if one.path.endswith(APPLIED_AT)], kept, found)
    return found


def check_complaints(filed: list[Promise], kept: Kept, found: Findings) -> None:
    """Every slip a citizen was given is one complaint; there is no other of theirs."""
    rows = Counter(kept.complaints)
    told = {(str(one.answer["receipt_no"]), one.person) for one in filed if one.acknowledged}
    found.lost += len(told - rows.keys())
    found.doubled += sum(count - 1 for count in rows.values())
    found.ghosts += len(rows.keys() - told)


def check_applications(sent: list[Promise], kept: Kept, found: Findings) -> None:
    """Every receipt is one application of this person to this round; a refusal is none."""
    rows = Counter((person, code) for _number, person, code in kept.applications)
    numbers = {(person, code): number for number, person, code in kept.applications}
    told = {
        (one.person, one.path.split("/")[-3]): one.answer["receipt_no"]
        for one in sent
        if one.acknowledged
    }
    found.lost += sum(1 for name, number in told.items() if numbers.get(name) != number)
    found.doubled += sum(count - 1 for count in rows.values())
    found.ghosts += len(rows.keys() - told.keys())


def check_uploads(uploads: list[Promise], kept: Kept, found: Findings) -> None:
    rows = Counter((person, batch) for batch, person, _ in kept.receipts)
    numbers = {(person, batch): number for batch, person, number in kept.receipts}
    sent = {(one.person, one.body["batch_id"]): one for one in uploads}
    for name, one in sent.items():
        if one.acknowledged and numbers.get(name) != one.answer["receipt_no"]:
            found.lost += 1
    found.doubled += sum(count - 1 for count in rows.values())
    found.ghosts += sum(1 for name in rows if name not in sent or refused(sent[name]))


def check_days(
    uploads: list[Promise], kept: Kept, sources: Mapping[int, str], found: Findings
) -> None:
    """Add up what was acknowledged, each stretch once, and compare every day."""
    told: dict[tuple[int, str, str], int] = {}
    for one in uploads:
        if one.acknowledged:
            for sample in one.body["samples"]:
                told[one.person, sample["start"], one.body["source"]] = sample["steps"]
    expected: Counter[tuple[int, str, str]] = Counter()
    for (person, start, source), steps in told.items():
        expected[person, source, datetime.fromisoformat(start).date().isoformat()] += steps
    there = {key: steps for key, steps in kept.days.items() if sources.get(key[0]) == key[1]}
    found.steps_differ += sum(
        1 for key in expected.keys() | there.keys() if expected[key] != there.get(key, 0)
    )


def check_payouts(payouts: list[Promise], kept: Kept, found: Findings) -> None:
    rows = Counter((row[1], row[0]) for row in kept.payouts)
    there = {(row[1], row[0]): row for row in kept.payouts}
    sent = {(one.person, one.key): one for one in payouts}
    for name, one in sent.items():
        row = there.get(name)
        if one.acknowledged and (row is None or row[2:4] != (one.answer["id"], one.body["amount"])):
            found.lost += 1
    found.doubled += sum(count - 1 for count in rows.values())
    found.ghosts += sum(1 for name in rows if name not in sent or refused(sent[name]))
    found.unresolved += sum(1 for row in kept.payouts if row[5] not in {"paid", "refused"})


def check_wallet(kept: Kept, found: Findings) -> None:
    """Compare the operator's own journal with our payouts, reference by reference."""
    lines = Counter(str(line["reference"]) for line in kept.wallet)
    told = {str(line["reference"]): line for line in kept.wallet}
    found.paid_twice += sum(count - 1 for count in lines.values())
    booked = {row[4]: row for row in kept.payouts if row[5] == "paid"}
    for reference, row in booked.items():
        line = told.get(reference)
        if line is None or (line["amount"], line["receipt_no"]) != (row[3], row[6]):
            found.booked_and_not_paid += 1
    ours = {row[4] for row in kept.payouts}
    found.paid_and_not_booked += sum(
        1 for reference in told if reference in ours and reference not in booked
    )


def refused(promise: Promise) -> bool:
    return 400 <= promise.status < 500
