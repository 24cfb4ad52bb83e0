import hashlib
import hmac
import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import httpx
import pytest

from points.gateways.wallet import HttpWallet, Mismatch, Refused, Unreachable
from seoul_health.core.clock import today

from .canned import partner_that_says
from .conftest import WALLET_SECRET, build

PAID = {
    "receipt_no": "A000000000001", "reference": "payout-1", "amount": 5000, "status": "paid",
    "paid_at": "2026-03-02T10:00:00+09:00", "duplicate": False,
}  # fmt: skip


@pytest.fixture
def wallet(simulators):
    return HttpWallet(f"{simulators.url}/wallet", WALLET_SECRET, timeout=0.5)


@pytest.fixture
def mood(simulators):
    def put(**wish: str) -> None:
        httpx.post(f"{simulators.url}/control/wallet", json=wish).raise_for_status()

    return put


def lines(wallet: HttpWallet) -> list[tuple[str, int]]:
    return [(line.reference, line.amount) for line in wallet.daily_file(today())]


def test_a_reference_is_paid_once(wallet):
    first = wallet.pay("payout-1", 5000, "member-1")
    again = wallet.pay("payout-1", 5000, "member-1")
    assert (first.reference, first.amount, first.duplicate) == ("payout-1", 5000, False)
    assert (again.receipt_no, again.paid_at, again.duplicate) == (
        first.receipt_no, first.paid_at, True,
    )  # fmt: skip
    assert lines(wallet) == [("payout-1", 5000)]


def test_the_same_reference_with_another_amount_is_a_contradiction(wallet):
    wallet.pay("payout-1", 5000, "member-1")
    with pytest.raises(Mismatch, match="duplicate_mismatch"):
        wallet.pay("payout-1", 6000, "member-1")
    assert lines(wallet) == [("payout-1", 5000)]


def test_a_blocked_member_is_refused_and_nothing_is_booked(wallet):
    with pytest.raises(Refused) as refusal:
        wallet.pay("payout-1", 5000, "blocked-1")
    assert refusal.value.code == "member_blocked"
    assert wallet.inquire("payout-1") is None
    assert lines(wallet) == []


def test_twenty_calls_at_once_pay_once(wallet):
    with ThreadPoolExecutor(20) as crowd:
        receipts = list(crowd.map(lambda _: wallet.pay("payout-1", 5000, "m"), range(20)))
    assert len({receipt.receipt_no for receipt in receipts}) == 1
    assert [receipt.duplicate for receipt in receipts].count(False) == 1


@pytest.mark.parametrize("mode", ["timeout_after_success", "5xx_after_success"])
def test_silence_after_success_is_resolved_by_asking(wallet, mood, mode):
    mood(mode=mode)
    with pytest.raises(Unreachable):
        wallet.pay("payout-1", 5000, "member-1")

    mood(mode="ok")
    found = wallet.inquire("payout-1")

    assert found is not None
    assert (found.reference, found.amount) == ("payout-1", 5000)
    assert wallet.pay("payout-1", 5000, "member-1").receipt_no == found.receipt_no
    assert lines(wallet) == [("payout-1", 5000)]


@pytest.mark.parametrize("mode", ["5xx", "dark"])
def test_an_outage_books_nothing_and_answers_no_question(wallet, mood, mode):
    mood(mode=mode)
    with pytest.raises(Unreachable):
        wallet.pay("payout-1", 5000, "member-1")
    with pytest.raises(Unreachable):
        wallet.inquire("payout-1")
    with pytest.raises(Unreachable):
        lines(wallet)
    mood(mode="ok")
    assert wallet.inquire("payout-1") is None


def test_an_unknown_reference_is_nothing(wallet):
    assert wallet.inquire("payout/../1?x=#") is None


def test_a_change_of_operator_keeps_the_book(wallet, mood):
    old = wallet.pay("payout-1", 5000, "member-1")
    mood(operator="b")
    new = wallet.pay("payout-2", 7000, "member-1")
    assert (old.receipt_no[0], new.receipt_no[0]) == ("A", "B")
    assert wallet.pay("payout-1", 5000, "member-1").receipt_no == old.receipt_no
    assert lines(wallet) == [("payout-1", 5000), ("payout-2", 7000)]


def test_the_book_survives_a_restart_and_a_line_cut_short(tmp_path):
    with build(tmp_path) as before:
        old = HttpWallet(f"{before.url}/wallet", WALLET_SECRET).pay("payout-1", 5000, "m")
    with (tmp_path / "wallet.jsonl").open("a") as journal:
        journal.write('{"reference": "payout-2", "amo')

    with build(tmp_path) as after:
        wallet = HttpWallet(f"{after.url}/wallet", WALLET_SECRET)
        assert wallet.pay("payout-1", 5000, "m").receipt_no == old.receipt_no
        assert wallet.inquire("payout-2") is None
        wallet.pay("payout-2", 6000, "m")
    with build(tmp_path) as again:
        wallet = HttpWallet(f"{again.url}/wallet", WALLET_SECRET)
        assert lines(wallet) == [("payout-1", 5000), ("payout-2", 6000)]


def test_the_daily_file_has_the_day_of_seoul_and_no_other(wallet):
    wallet.pay("payout-1", 5000, "member-1")
    assert list(wallet.daily_file(today() - timedelta(days=1))) == []
    assert list(wallet.daily_file(date(2026, 1, 1))) == []


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("reorder", [("payout-2", 6000), ("payout-1", 5000)]),
        ("duplicate", [("payout-1", 5000)] * 2 + [("payout-2", 6000)] * 2),
    ],
)
def test_the_file_may_come_in_any_order_and_twice(wallet, mood, mode, expected):
    wallet.pay("payout-1", 5000, "member-1")
    wallet.pay("payout-2", 6000, "member-1")
    mood(mode=mode)
    assert lines(wallet) == expected


@pytest.mark.parametrize(
    ("order", "key", "status"),
    [
        ({"reference": "p", "amount": 0, "member": "m"}, "p", 400),
        ({"reference": "p", "amount": -1, "member": "m"}, "p", 400),
        ({"reference": "p", "amount": True, "member": "m"}, "p", 400),
        ({"reference": "p", "amount": "5000", "member": "m"}, "p", 400),
        ({"reference": "p", "amount": 10**12, "member": "m"}, "p", 400),
        ({"reference": "p", "amount": 5000}, "p", 400),
        ({"reference": "", "amount": 5000, "member": "m"}, "", 400),
        ({"reference": "p", "amount": 5000, "member": "m"}, "q", 400),
        ({"reference": "p", "amount": 5000, "member": "m"}, "p", 201),
    ],
)
def test_an_improper_order_is_not_booked(simulators, wallet, order, key, status):
    answer = _signed_post(simulators, json.dumps(order).encode(), key=key)
    assert answer.status_code == status
    assert len(lines(wallet)) == (status == 201)


@pytest.mark.parametrize(
    "wrong",
    [
        {"at": -301},
        {"at": 301},
        {"secret": "another"},
        {"signed": b"other body"},
        {"stamp": "soon"},
        {"stamp": "９"},
    ],
)
def test_a_wrong_signature_is_refused(simulators, wallet, wrong):
    order = json.dumps({"reference": "p", "amount": 5000, "member": "m"}).encode()
    assert _signed_post(simulators, order, key="p", **wrong).status_code == 401
    assert lines(wallet) == []


def test_a_wrong_secret_leaves_the_payment_unknown(simulators):
    with pytest.raises(Unreachable):
        HttpWallet(f"{simulators.url}/wallet", "another").pay("payout-1", 5000, "m")


def _signed_post(
    simulators, body: bytes, *, key: str, at: int = 0, secret: str = WALLET_SECRET,
    signed: bytes | None = None, stamp: str | None = None,
) -> httpx.Response:  # fmt: skip
    stamp = stamp or str(int(time.time()) + at)
    text = f"{stamp}.".encode() + (body if signed is None else signed)
    headers = {
        b"X-Timestamp": stamp.encode(),
        b"X-Signature": hmac.new(secret.encode(), text, hashlib.sha256).hexdigest().encode(),
        b"Idempotency-Key": key.encode(),
    }
    return httpx.post(f"{simulators.url}/wallet/transfers", content=body, headers=headers)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 200),
        (b"<html>OK</html>", 200),
        (json.dumps(PAID).encode()[:-5], 200),
        (b"[]", 200),
        (b"[" * 100_000, 200),
        (b"\xff\xfe", 200),
        (json.dumps(PAID | {"status": "accepted"}).encode(), 200),
        (json.dumps(PAID | {"amount": "5000"}).encode(), 200),
        (json.dumps(PAID | {"amount": True}).encode(), 200),
        (json.dumps(PAID | {"paid_at": "2026-03-02T10:00:00"}).encode(), 200),
        (json.dumps(PAID | {"receipt_no": ""}).encode(), 200),
        (json.dumps({}).encode(), 200),
        (json.dumps(PAID).encode(), 500),
        (json.dumps(PAID).encode(), 202),
        (b"<html>no</html>", 422),
        (b"<html>no</html>", 404),
        (json.dumps(PAID | {"filler": "x" * 70_000}).encode(), 200),
    ],
)
def test_an_answer_that_makes_no_sense_is_silence(body, status):
    with partner_that_says(body, status=status) as (url, _asked):
        with pytest.raises(Unreachable):
            HttpWallet(url, WALLET_SECRET).pay("payout-1", 5000, "m")
        with pytest.raises(Unreachable):
            HttpWallet(url, WALLET_SECRET).inquire("payout-1")


@pytest.mark.parametrize("change", [{"reference": "payout-2"}, {"amount": 4999}])
def test_an_answer_about_something_else_is_a_contradiction(change):
    with (
        partner_that_says(json.dumps(PAID | change).encode()) as (url, _asked),
        pytest.raises(Mismatch),
    ):
        HttpWallet(url, WALLET_SECRET).pay("payout-1", 5000, "m")


def test_a_redirect_is_not_followed():
    with partner_that_says(json.dumps(PAID).encode()) as (elsewhere, asked):
        away = {"Location": f"{elsewhere}/transfers"}
        with (
            partner_that_says(b"{}", status=301, headers=away) as (url, _asked),
            pytest.raises(Unreachable),
        ):
            HttpWallet(url, WALLET_SECRET).pay("payout-1", 5000, "m")
        assert asked == []


def test_an_answer_cut_short_is_silence():
    whole = json.dumps(PAID).encode()
    longer = {"Content-Length": str(len(whole) + 10)}
    with (
        partner_that_says(whole, headers=longer) as (url, _asked),
        pytest.raises(Unreachable),
    ):
        HttpWallet(url, WALLET_SECRET).pay("payout-1", 5000, "m")


def test_a_dripping_answer_is_given_up():
    with partner_that_says(json.dumps(PAID).encode(), drip=0.05) as (url, _asked):
        started = time.monotonic()
        with pytest.raises(Unreachable):
            HttpWallet(url, WALLET_SECRET, timeout=0.2).pay("payout-1", 5000, "m")
        assert time.monotonic() - started < 2


HEADER = b"reference,amount,receipt_no,paid_at\r\n"
LINE = b"payout-1,5000,A1,2026-03-02T10:00:00+09:00\r\n"
TOTAL = b"TOTAL,1,5000,2026-03-02\r\n"
DAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    "file",
    [
        b"",
        b"<html>",
        HEADER,
        HEADER + LINE,
        LINE + TOTAL,
        HEADER + LINE + LINE + TOTAL,
        HEADER + TOTAL,
        HEADER + LINE + TOTAL + LINE,
        HEADER + LINE + TOTAL.replace(b"-02", b"-01"),
        HEADER + LINE.replace(b"5000", b"-5000") + TOTAL,
        HEADER + LINE.replace(b"5000", b"5,000") + TOTAL,
        HEADER + LINE.replace(b"5000", "５０００".encode()) + TOTAL,
        HEADER + LINE.replace(b"A1", "영수증".encode("euc-kr")) + TOTAL,
        HEADER + LINE.replace(b"+09:00", b"") + TOTAL,
        HEADER + b"\r\n" + LINE + TOTAL,
        HEADER + LINE.replace(b"A1", b'"A1') + TOTAL,
    ],
)
def test_a_file_that_does_not_add_up_gives_no_line(file):
    with partner_that_says(file) as (url, _asked), pytest.raises(Mismatch):
        next(HttpWallet(url, WALLET_SECRET).daily_file(DAY))


def test_blanks_around_the_cells_are_no_harm():
    padded = HEADER + LINE.replace(b",", b" , ") + TOTAL
    with partner_that_says(padded) as (url, _asked):
        (line,) = HttpWallet(url, WALLET_SECRET).daily_file(DAY)
    assert (line.reference, line.amount, line.receipt_no) == ("payout-1", 5000, "A1")


def test_a_missing_file_is_silence():
    with partner_that_says(b"{}", status=404) as (url, _asked), pytest.raises(Unreachable):
        list(HttpWallet(url, WALLET_SECRET).daily_file(DAY))


def test_the_settings_name_the_operator(settings, simulators):
    settings.WALLETS = {"seoulpay": (f"{simulators.url}/wallet/", WALLET_SECRET)}
    assert HttpWallet.of("seoulpay").pay("payout-1", 5000, "m").amount == 5000
