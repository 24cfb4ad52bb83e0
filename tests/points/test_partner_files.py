import io
import random
import uuid
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils.translation import override

from points.errors import FileContradicts, FileUnreadable, NotYours
from points.models import Difference, Operator, Payout, Reconciliation, ReconciliationLine
from points.services.differences import note_difference, resolve_difference, take_difference
from points.services.operators import in_force
from points.services.partner_files import import_file, preview_file
from points.services.payouts import request_payout
from points.services.sending import send_due_payouts
from seoul_health.core import clock
from tests.conftest import JOB
from tests.points.builders import balance, give

pytestmark = pytest.mark.django_db
LONG_AGO = datetime(2015, 1, 1, tzinfo=clock.KST)
HEADER = "reference,amount,receipt_no,paid_at"


@pytest.fixture
def paid(saver, wallet):
    give(saver, 40_000)
    for amount in (5_000, 6_000, 7_000):
        request_payout(saver, amount=amount, key=uuid.uuid4())
    send_due_payouts(in_force(), wallet=wallet, by=JOB)
    return list(Payout.objects.order_by("pk"))


def lines_of(payouts):
    return [f"{one.reference},{one.amount},{one.receipt_no},{one.paid_at.isoformat()}"
            for one in payouts]  # fmt: skip


def file_of(lines, *, count=None, total=None, encoding="utf-8", header=HEADER):
    amount = sum(int(line.split(",")[1]) for line in lines)
    closing = f"TOTAL,{count or len(lines)},{total or amount},{clock.today()}"
    return io.BytesIO("\n".join([header, *lines, closing, ""]).encode(encoding))


def run(file):
    return import_file(clock.today(), in_force(), file, by=JOB)


def sums(found):
    return (found.matched, found.ours_only, found.theirs_only, found.amount_differs)


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: lines,
        lambda lines: random.Random(7).sample(lines, len(lines)),
        lambda lines: [*lines, lines[0]],
        lambda lines: [line.replace(",", "  ,", 1) for line in lines],
        lambda lines: [line.replace(",R", ", R") for line in lines],
    ],
    ids=["as it is", "reordered", "a line twice", "trailing spaces", "leading spaces"],
)
def test_a_file_that_agrees_is_matched(paid, change):
    found = run(file_of(change(lines_of(paid))))

    assert sums(found) == (3, 0, 0, 0)
    assert (found.our_total, found.their_total) == (18_000, 18_000)
    assert not Difference.objects.exists()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_a_file_is_read_in_either_encoding(paid, encoding):
    lines = [*lines_of(paid), f"주문-1,900,영수증,{clock.now().isoformat()}"]
    found = run(file_of(lines, encoding=encoding))

    assert sums(found) == (3, 0, 1, 0)
    assert found.lines.get().reference == "주문-1"


def test_the_same_file_twice_is_one_comparison(paid):
    first, again = run(file_of(lines_of(paid[:2]))), run(file_of(lines_of(paid[:2])))

    assert first == again
    assert Reconciliation.objects.count() == 1
    assert Difference.objects.count() == 1


def test_a_preview_changes_nothing(paid):
    found = preview_file(clock.today(), in_force(), file_of(lines_of(paid[:2])), by=JOB)

    assert sums(found) == (2, 1, 0, 0)
    assert not Reconciliation.objects.exists()
    assert not Difference.objects.exists()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"count": 4}, "file_totals_differ"),
        ({"total": 17_999}, "file_totals_differ"),
    ],
    ids=["a line is missing", "another sum"],
)
def test_a_file_with_other_totals_is_not_compared(paid, change, why):
    with pytest.raises(FileContradicts, match=why), transaction.atomic():
        run(file_of(lines_of(paid), **change))

    assert not Reconciliation.objects.exists()


@pytest.mark.parametrize(
    ("lines", "where"),
    [
        (["A,many,R,2026-11-01"], "Line 2, amount: “many” is not a whole number of won."),
        (["A,5,R,yesterday-ish"], "Line 2, paid_at: “yesterday-ish” is not a time."),
        (["A,5,R,2026-11-01", "B,6"], "Line 3: there must be four cells, not 2."),
        (
            ["A,5,R,2026-11-01", ",x,R,2026-11-01", "C,,R,2026-11-01"],
            "Line 3: the reference is empty. Line 4, amount: “” is not a whole number of won.",
        ),
    ],
    ids=["no number", "no time", "too short", "two lines at once"],
)
def test_every_line_that_cannot_be_read_is_named(paid, lines, where):
    closing = f"TOTAL,{len(lines)},1,{clock.today()}"
    file = io.BytesIO("\n".join([HEADER, *lines, closing, ""]).encode())

    with override("en"), pytest.raises(FileUnreadable) as refusal:
        run(file)

    with override("en"):
        assert str(refusal.value).endswith(where)
    assert not Reconciliation.objects.exists()


@pytest.mark.parametrize(
    ("header", "where"),
    [
        (
            "reference,amount,receipt_no,paid_at,memo",
            "Line 1: the column “memo” is not known.",
        ),
        ("reference,amount,receipt_no", "Line 1: the column “paid_at” is missing."),
        (
            "amount,reference,receipt_no,paid_at",
            "Line 1: the columns must be reference, amount, receipt_no, paid_at, in this order.",
        ),
    ],
    ids=["one too many", "one too few", "another order"],
)
def test_a_column_that_is_not_ours_is_named(paid, header, where):
    with override("en"), pytest.raises(FileUnreadable) as refusal:
        run(file_of(lines_of(paid), header=header))

    with override("en"):
        assert str(refusal.value).endswith(where)
    assert not Reconciliation.objects.exists()


def test_zeros_in_front_are_kept_in_names_and_dropped_in_amounts(paid):
    lines = lines_of(paid)
    lines[0] = lines[0].replace(",5000,", ",0005000,")
    found = run(file_of([*lines, f"000123,900,00077,{clock.now().isoformat()}"]))

    assert sums(found) == (3, 0, 1, 0)
    line = found.lines.get()
    assert (line.reference, line.receipt_no) == ("000123", "00077")


def test_a_repeated_line_beside_a_missing_one_hides_nothing(paid):
    lines = lines_of(paid)
    found = run(file_of([lines[0], lines[0], lines[1]]))

    assert sums(found) == (2, 1, 0, 0)
    assert (found.our_total, found.their_total) == (18_000, 11_000)


def test_two_payments_under_one_reference_are_added_up(paid):
    lines = lines_of(paid)
    twice = lines[0].replace(paid[0].receipt_no, "OTHER")
    found = run(file_of([*lines, twice]))

    assert sums(found) == (2, 0, 0, 1)
    assert found.lines.get().their_amount == 10_000


def test_what_another_operator_was_asked_for_is_theirs_only(paid):
    other = Operator.objects.create(
        code="seoulpay-0", name="0", starts_at=LONG_AGO, ends_at=LONG_AGO + timedelta(days=9)
    )
    found = import_file(clock.today(), other, file_of(lines_of(paid)), by=JOB)

    assert sums(found) == (0, 0, 3, 0)
    assert Difference.objects.filter(operator=other).count() == 3


def test_other_columns_and_garbage_are_refused(paid):
    for file in (file_of(lines_of(paid), header="a,b,c,d"), io.BytesIO(b"\x00\xff\xfe\x80")):
        with pytest.raises(FileUnreadable), transaction.atomic():
            run(file)

    assert not Reconciliation.objects.exists()


def test_an_amount_of_nothing_is_refused(paid):
    with pytest.raises(FileContradicts, match="unreadable"), transaction.atomic():
        run(file_of(["A,-5,R,2026-11-01"], total=-5))


def test_the_file_answers_what_was_unknown_and_corrects_nothing_else(saver, simulators, wallet):
    payout = request_payout(saver, amount=5_000, key=uuid.uuid4())
    simulators.wallet.mode = "5xx_after_success"
    send_due_payouts(in_force(), wallet=wallet, by=JOB)
    found = run(file_of([f"{payout.reference},5000,R-1,{clock.now().isoformat()}"]))

    assert (sums(found), found.resolved) == ((1, 0, 0, 0), 1)
    assert Payout.objects.get().status == "paid"
    assert balance(saver) == 15_000


def test_every_difference_waits_for_a_person(paid, make_staff):
    lines = lines_of(paid)
    lines[0] = lines[0].replace(",5000,", ",5001,")
    run(file_of([*lines[:2], f"PO-NOBODY,9,R,{clock.now().isoformat()}"]))

    found = Difference.objects.order_by("line__kind").values_list("line__kind", "status")
    assert list(found) == [
        ("amount_differs", "open"), ("ours_only", "open"), ("theirs_only", "open")
    ]  # fmt: skip
    assert {one.status for one in Payout.objects.all()} == {"paid"}

    clerk, other = make_staff("finance_officer"), make_staff("finance_officer")
    difference = Difference.objects.get(reference="PO-NOBODY")
    take_difference(difference, by=clerk)
    note_difference(difference, note="asked the partner", by=clerk)
    with pytest.raises(NotYours):
        resolve_difference(difference, resolution="explained", note="x", by=other)
    resolve_difference(difference, resolution="partner_corrected", note="their error", by=clerk)
    kept = Difference.objects.get(pk=difference.pk)
    assert (kept.status, kept.resolution, kept.owner) == ("resolved", "partner_corrected", clerk)
    assert Difference.objects.unresolved().count() == 2


def test_a_later_file_with_the_same_difference_does_not_open_it_again(paid):
    run(file_of(lines_of(paid[:2])))
    run(file_of(lines_of(list(reversed(paid[:2])))))

    assert Reconciliation.objects.count() == 2
    assert Difference.objects.count() == 1


def test_the_screen_shows_first_and_writes_then(paid, client_of):
    browser = client_of("finance_officer")
    upload = SimpleUploadedFile("f.csv", file_of(lines_of(paid)).read())
    asked = {"day": clock.today().isoformat(), "operator": "seoulpay", "file": upload}
    page = browser.post("/admin/points/reconciliation/upload/", asked)
    assert not Reconciliation.objects.exists()
    form = page.context["form"]
    confirmed = {name: form.initial[name] for name in ("day", "operator", "kept")}

    browser.post("/admin/points/reconciliation/apply/", confirmed)
    browser.post("/admin/points/reconciliation/apply/", confirmed)

    assert Reconciliation.objects.get().matched == 3


def test_the_screen_names_what_is_wrong(paid, client_of):
    browser = client_of("finance_officer")
    upload = SimpleUploadedFile("f.csv", file_of(lines_of(paid), count=9).read())
    asked = {"day": clock.today().isoformat(), "operator": "seoulpay", "file": upload}
    page = browser.post("/admin/points/reconciliation/upload/", asked)

    assert "file_totals_differ" in page.content.decode()
    for name in ("upload", "apply"):
        stranger = client_of("site_clerk").get(f"/admin/points/reconciliation/{name}/")
        assert stranger.status_code == 403


def test_the_screen_works_a_difference_off(paid, client_of):
    run(file_of(lines_of(paid[:2])))
    row = Difference.objects.get()
    browser = client_of("finance_officer")
    page = f"/admin/points/difference/{row.pk}"

    assert browser.get("/admin/points/difference/").status_code == 200
    browser.post(f"{page}/act/take/")
    browser.post(f"{page}/act/resolve/", {"note": "n", "resolution": "paid_later"})

    assert Difference.objects.get().status == "resolved"
    assert browser.get(f"{page}/change/").status_code == 200


def test_the_command_compares_a_large_file(paid, tmp_path: Path, capsys):
    file = tmp_path / "day.csv"
    file.write_bytes(file_of(lines_of(paid)).read())
    call_command("compare_partner_file", clock.today().isoformat(), str(file), "--dry-run")
    assert not Reconciliation.objects.exists()
    call_command("compare_partner_file", clock.today().isoformat(), str(file))

    assert "matched 3" in capsys.readouterr().out
    assert Reconciliation.objects.count() == 1
    with pytest.raises(CommandError):
        call_command("compare_partner_file", clock.today().isoformat(), str(tmp_path / "none"))


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("a_difference_in_work_has_an_owner", {"status": "assigned"}),
        ("a_resolved_difference_says_how", {"resolution": "explained"}),
    ],
)
def test_the_database_keeps_differences_in_shape(paid, name, changes):
    run(file_of(lines_of(paid[:2])))

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Difference.objects.update(**changes)


def test_the_database_keeps_one_of_each(paid):
    found = run(file_of(lines_of(paid[:2])))
    difference, line = Difference.objects.get(), ReconciliationLine.objects.get()
    for name, again in (
        ("one_difference_per_day_and_reference", difference),
        ("one_line_per_reference", line),
        ("a_file_is_compared_once", found),
    ):
        again.pk = None
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            again.save(force_insert=True)
