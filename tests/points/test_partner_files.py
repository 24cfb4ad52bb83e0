import io
import random
import uuid
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from points.errors import FileContradicts, FileUnreadable, NotYours
from points.models import Difference, Payout, Reconciliation, ReconciliationLine
from points.services.differences import note_difference, resolve_difference, take_difference
from points.services.partner_files import import_file, preview_file
from points.services.payouts import request_payout, send_due_payouts
from seoul_health.core import clock
from tests.conftest import JOB
from tests.points.builders import balance, give

pytestmark = pytest.mark.django_db
HEADER = "reference,amount,receipt_no,paid_at"


@pytest.fixture
def paid(saver, wallet):
    give(saver, 40_000)
    for amount in (5_000, 6_000, 7_000):
        request_payout(saver, amount=amount, key=uuid.uuid4())
    send_due_payouts(wallet=wallet, by=JOB)
    return list(Payout.objects.order_by("pk"))


def lines_of(payouts):
    return [f"{one.reference},{one.amount},{one.receipt_no},{one.paid_at.isoformat()}"
            for one in payouts]  # fmt: skip


def file_of(lines, *, count=None, total=None, encoding="utf-8", header=HEADER):
    amount = sum(int(line.split(",")[1]) for line in lines)
    closing = f"TOTAL,{count or len(lines)},{total or amount},{clock.today()}"
    return io.BytesIO("\n".join([header, *lines, closing, ""]).encode(encoding))


def run(file):
    return import_file(clock.today(), file, by=JOB)


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
    found = preview_file(clock.today(), file_of(lines_of(paid[:2])), by=JOB)

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
        (["A,many,R,2026-11-01"], "2:amount"),
        (["A,5,R,yesterday-ish"], "2:paid_at"),
        (["A,5,R,2026-11-01", "B,6"], "3"),
        (["A,5,R,2026-11-01", ",6,R,2026-11-01"], "3"),
    ],
    ids=["no number", "no time", "too short", "no reference"],
)
def test_a_line_that_cannot_be_read_is_named(paid, lines, where):
    closing = f"TOTAL,{len(lines)},1,{clock.today()}"
    file = io.BytesIO("\n".join([HEADER, *lines, closing, ""]).encode())

    with pytest.raises(FileUnreadable) as refusal, transaction.atomic():
        run(file)

    assert f"({where})" in str(refusal.value)
    assert not Reconciliation.objects.exists()


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
    send_due_payouts(wallet=wallet, by=JOB)
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
    asked = {"day": clock.today().isoformat(), "file": upload}
    page = browser.post("/admin/points/reconciliation/upload/", asked)
    assert not Reconciliation.objects.exists()
    form = page.context["form"]
    confirmed = {"day": clock.today().isoformat(), "kept": form.initial["kept"]}

    browser.post("/admin/points/reconciliation/apply/", confirmed)
    browser.post("/admin/points/reconciliation/apply/", confirmed)

    assert Reconciliation.objects.get().matched == 3


def test_the_screen_names_what_is_wrong(paid, client_of):
    browser = client_of("finance_officer")
    upload = SimpleUploadedFile("f.csv", file_of(lines_of(paid), count=9).read())
    asked = {"day": clock.today().isoformat(), "file": upload}
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
