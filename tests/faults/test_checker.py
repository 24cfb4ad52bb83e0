"""The checker must be able to fail: each planted fault is seen, and nothing else is."""

import pytest

from tests.faults.checker import Kept, check
from tests.faults.client import COMPLAINTS, PAYOUTS, ROUND, STEPS, stretch
from tests.faults.deeds import told_twice, undone
from tests.faults.journal import Promise

SOURCES = {7: "phone"}
SAMPLE = {**stretch("2026-03-02", 54), "steps": 400}
UPLOAD = Promise(
    "k1", 7, STEPS, {"batch_id": "b1", "source": "phone", "samples": [SAMPLE]},
    status=202, answer={"receipt_no": "S-1"},
)  # fmt: skip
PAYOUT = Promise("k2", 7, PAYOUTS, {"amount": 5_000}, status=202, answer={"id": "p2"})
FILED = Promise("k4", 7, COMPLAINTS, {}, status=201, answer={"receipt_no": "C-1"})
APPLIED = Promise(
    "k5", 7, ROUND.format(code="faults-1"), {}, status=201, answer={"receipt_no": "N-1"}
)
REFUSED = Promise("k6", 7, ROUND.format(code="faults-2"), {}, status=422)
ALL = [UPLOAD, PAYOUT, FILED, APPLIED, REFUSED]
RECEIPT = ("b1", 7, "S-1")
DAY = {(7, "phone", "2026-03-02"): 400}
PAID = ("k2", 7, "p2", 5_000, "PO-2", "paid", "A1")
LINE = {"reference": "PO-2", "amount": 5_000, "receipt_no": "A1"}
SLIP, SEAT = ("C-1", 7), ("N-1", 7, "faults-1")
TRUE = {
    "receipts": [RECEIPT], "days": DAY, "payouts": [PAID], "wallet": [LINE],
    "complaints": [SLIP], "applications": [SEAT],
}  # fmt: skip
PLANTED = {
    "a lost upload": ({"receipts": [], "days": {}}, {"lost": 1, "steps_differ": 1}),
    "an upload under another number": ({"receipts": [("b1", 7, "S-9")]}, {"lost": 1}),
    "a doubled upload": ({"receipts": [RECEIPT, RECEIPT]}, {"doubled": 1}),
    "an upload nobody sent": ({"receipts": [RECEIPT, ("b9", 7, "S-9")]}, {"ghosts": 1}),
    "steps counted twice": ({"days": {(7, "phone", "2026-03-02"): 800}}, {"steps_differ": 1}),
    "a lost payout": ({"payouts": [], "wallet": []}, {"lost": 1}),
    "a payout of another amount": (
        {"payouts": [(*PAID[:3], 6_000, *PAID[4:])]},
        {"lost": 1, "booked_and_not_paid": 1},
    ),
    "a doubled payout": ({"payouts": [PAID, PAID]}, {"doubled": 1}),
    "a payout nobody asked for": (
        {
            "payouts": [PAID, ("k9", 7, "p9", 5_000, "PO-9", "paid", "A9")],
            "wallet": [LINE, {"reference": "PO-9", "amount": 5_000, "receipt_no": "A9"}],
        },
        {"ghosts": 1},
    ),
    "money sent twice": ({"wallet": [LINE, LINE]}, {"paid_twice": 1}),
    "money sent and not booked": (
        {"payouts": [(*PAID[:5], "refused", "")]},
        {"paid_and_not_booked": 1},
    ),
    "money booked and not sent": ({"wallet": []}, {"booked_and_not_paid": 1}),
    "a lost complaint": ({"complaints": []}, {"lost": 1}),
    "a doubled complaint": ({"complaints": [SLIP, SLIP]}, {"doubled": 1}),
    "a complaint nobody filed": ({"complaints": [SLIP, ("C-9", 7)]}, {"ghosts": 1}),
    "a lost application": ({"applications": []}, {"lost": 1}),
    "an application under another number": (
        {"applications": [("N-9", 7, "faults-1")]},
        {"lost": 1},
    ),
    "a doubled application": ({"applications": [SEAT, SEAT]}, {"doubled": 1}),
    "an application that was refused": (
        {"applications": [SEAT, ("N-2", 7, "faults-2")]},
        {"ghosts": 1},
    ),
    "a payout left unknown": (
        {"payouts": [(*PAID[:5], "unknown", "")], "wallet": []},
        {"unresolved": 1},
    ),
}


def test_a_true_book_has_no_findings():
    assert check(ALL, Kept(**TRUE), sources=SOURCES).all() == {}


@pytest.mark.parametrize("name", PLANTED)
def test_the_checker_sees_what_was_planted(name):
    planted, expected = PLANTED[name]

    found = check(ALL, Kept(**{**TRUE, **planted}), sources=SOURCES)

    assert found.all() == expected


def test_a_request_never_answered_is_a_finding():
    silent = Promise("k3", 7, PAYOUTS, {"amount": 5_000})

    assert check([*ALL, silent], Kept(**TRUE), sources=SOURCES).all() == {"unanswered": 1}


def test_a_refused_request_must_leave_nothing():
    refused = Promise("k2", 7, PAYOUTS, {"amount": 5_000}, status=422)

    assert check([UPLOAD, refused, FILED, APPLIED], Kept(**TRUE), sources=SOURCES).all() == {
        "ghosts": 1
    }


def test_a_deed_that_is_not_there_is_seen():
    told = [{"act": "draw", "pk": 1}, {"act": "bulk", "pk": 1}]

    assert undone(told, {"draw": {1}, "bulk": {1}}) == 0
    assert undone(told, {"draw": {1}, "bulk": {2}}) == 1


def test_a_letter_received_twice_is_seen():
    letter = {"to_hash": "a", "channel": "push", "text": "3번째 안내입니다."}

    assert told_twice([letter, {**letter, "to_hash": "b"}, {**letter, "channel": "sms"}]) == 0
    assert told_twice([letter, {**letter, "text": "4번째 안내입니다."}, letter]) == 1
