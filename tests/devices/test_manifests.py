import io

import pytest
import xlsxwriter

from devices.models import Device, ExpectedWatch, Manifest, StagedWatch
from devices.register_errors import (
    DraftLost,
    FaultyRows,
    ManifestEntered,
    NothingNew,
    WatchesInUse,
    WrongManifestColumns,
)
from devices.services import inspections, manifests, stocktake
from devices.tasks import drop_manifests
from seoul_health.core import clock
from seoul_health.core.errors import IllegalMove, ReasonNeeded
from seoul_health.core.models import AuditEvent
from seoul_health.core.spreadsheets import BadHeader, TooManyRows, UnreadableFile

from .builders import make_lot, make_site, make_watch
from .supplies import HEADER, announced, drafted, listed

IMEI, MAC = "490154203237518", "00:1A:2B:3C:4D:5E"


@pytest.fixture
def officer(make_staff):
    return make_staff("device_officer")


def counts(manifest):
    return (manifest.rows, manifest.fresh, manifest.known, manifest.faulty)


def problems(manifest):
    rows = StagedWatch.objects.filter(manifest_id=manifest.pk).order_by("line")
    return [(row.line, row.problem, row.other) for row in rows]


def workbook(*rows):
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return out.getvalue()


def test_looking_at_a_list_enters_nothing(officer):
    manifest = drafted(listed("sw-1", "SW-2"), by=officer)

    assert counts(manifest) == (2, 2, 0, 0)
    assert manifest.status == "draft"
    assert not Device.objects.exists()
    assert not ExpectedWatch.objects.exists()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_the_encodings_of_offices_are_read(officer, encoding):
    row = ["0000123", "가-1", "물품-7", IMEI, MAC.lower(), "jongno"]
    make_site()
    manifest = drafted(listed(row, header=HEADER, encoding=encoding), by=officer)

    manifests.register_at_once(manifest, by=officer)

    watch = Device.objects.get()
    assert (watch.serial, watch.asset_no, watch.imei, watch.mac) == ("0000123", "물품-7", IMEI, MAC)
    assert (watch.site.code, watch.status, watch.grade) == ("jongno", "in_stock", "A")
    assert watch.arrival.box == "가-1"


def test_a_workbook_keeps_zeros_of_text_and_shows_those_it_lost(officer):
    content = workbook(["일련번호"], ["00012"], ["00013"], ["00014"], [15])

    manifest = drafted(content, by=officer)

    assert problems(manifest) == [
        (2, "", ""), (3, "", ""), (4, "", ""), (5, "zeros_lost", "5"),
    ]  # fmt: skip


def test_rows_are_numbered_as_the_spreadsheet_shows_them(officer):
    content = "일련번호\r\nSW-1\r\n\r\n ,\r\nSW 9\r\n합계\r\n".encode()

    manifest = drafted(content, by=officer)

    assert problems(manifest) == [
        (2, "", ""), (5, "strange_sign", ""), (6, "strange_sign", ""),
    ]  # fmt: skip


def test_the_register_is_asked_about_every_row(officer):
    lot = make_lot()
    make_watch("SW-1", lot=lot)
    make_watch("SW-2", lot=make_lot("LOT-OTHER"))
    make_watch("SW-10", lot=lot)
    make_watch("SW-7", lot=lot, imei=IMEI, mac=MAC, asset_no="A-7")
    announced("SW-3", by=officer)
    rows = [
        ["SW-1", "", "", "", "", ""],
        ["SW-2", "", "", "", "", ""],
        ["SW-1O", "", "", "", "", ""],
        ["SW-3", "", "", "", "", ""],
        ["SW-4", "", "", IMEI, "", ""],
        ["SW-5", "", "", "", MAC, ""],
        ["SW-6", "", "A-7", "", "", ""],
        ["SW-8", "", "", "", "", ""],
    ]

    manifest = drafted(listed(*rows, header=HEADER), by=officer)

    earlier = Manifest.objects.earliest("pk").pk
    assert problems(manifest) == [
        (2, "known", "SW-1"),
        (3, "other_lot", "LOT-OTHER"),
        (4, "looks_like", "SW-10"),
        (5, "announced", str(earlier)),
        (6, "imei_taken", "SW-7"),
        (7, "mac_taken", "SW-7"),
        (8, "asset_no_taken", "SW-7"),
        (9, "", ""),
    ]
    assert counts(manifest) == (8, 1, 1, 6)


@pytest.mark.parametrize("enter", [manifests.expect, manifests.register_at_once])
def test_one_bad_row_refuses_the_whole_list(officer, enter):
    manifest = drafted(listed("SW-1", "SW 2"), by=officer)

    with pytest.raises(FaultyRows):
        enter(manifest, by=officer)

    assert Manifest.objects.get().status == "draft"
    assert not Device.objects.exists()
    assert not ExpectedWatch.objects.exists()


def test_entering_at_once_signs_every_watch(officer, queued):
    manifest = drafted(listed("SW-1", "SW-2"), by=officer)

    manifests.register_at_once(manifest, by=officer)

    pks = list(Device.objects.order_by("pk").values_list("pk", flat=True))
    events = AuditEvent.objects.filter(verb="registered").order_by("pk")
    assert [event.subject for event in events] == [f"devices.device:{pk}" for pk in pks]
    assert {event.actor for event in events} == {officer.actor_name}
    assert [event.detail for event in events] == [{"manifest": manifest.pk}] * 2
    assert Manifest.objects.get().status == "received"
    assert not StagedWatch.objects.exists()


def test_the_same_file_again_enters_nothing(officer):
    content = listed("SW-1", "SW-2")
    manifests.register_at_once(drafted(content, by=officer), by=officer)
    again = drafted(content, by=officer)

    assert counts(again) == (2, 0, 2, 0)
    with pytest.raises(NothingNew):
        manifests.register_at_once(again, by=officer)

    assert Device.objects.count() == 2


def test_a_second_click_enters_nothing(officer):
    manifest = drafted(listed("SW-1"), by=officer)
    stale = Manifest.objects.get()
    manifests.register_at_once(manifest, by=officer)

    with pytest.raises((IllegalMove, DraftLost)):
        manifests.register_at_once(stale, by=officer)

    assert Device.objects.count() == 1


def test_two_drafts_of_one_file_are_not_both_announced(officer):
    content = listed("SW-1")
    first, second = drafted(content, by=officer), drafted(content, by=officer)
    manifests.expect(first, by=officer)

    with pytest.raises((FaultyRows, ManifestEntered)):
        manifests.expect(second, by=officer)

    assert ExpectedWatch.objects.count() == 1


def test_the_register_is_asked_again_before_entering(officer):
    manifest = drafted(listed("SW-1", "SW-2"), by=officer)
    make_watch("SW-2", lot=make_lot("LOT-OTHER"))

    with pytest.raises(FaultyRows):
        manifests.register_at_once(manifest, by=officer)

    assert problems(manifest) == [(2, "", ""), (3, "other_lot", "LOT-OTHER")]
    assert Device.objects.count() == 1


def test_rows_a_crash_took_away_are_asked_for_again(officer):
    manifest = drafted(listed("SW-1"), by=officer)
    StagedWatch.objects.all().delete()

    with pytest.raises(DraftLost):
        manifests.expect(manifest, by=officer)

    assert Manifest.objects.get().status == "draft"


def test_a_whole_delivery_is_taken_back(officer):
    manifest = drafted(listed("SW-1", "SW-2"), by=officer)
    manifests.register_at_once(manifest, by=officer)

    assert manifests.undo(manifest, why="잘못된 로트", by=officer) == 2

    assert not Device.objects.exists()
    assert Manifest.objects.get().status == "undone"
    assert set(ExpectedWatch.objects.values_list("is_live", "device")) == {(False, None)}
    again = drafted(listed("SW-1", "SW-2"), by=officer)
    manifests.register_at_once(again, by=officer)
    assert Device.objects.count() == 2


def test_a_delivery_somebody_uses_is_not_taken_back(officer):
    manifest = drafted(listed("SW-1", "SW-2"), by=officer)
    manifests.register_at_once(manifest, by=officer)
    inspections.quarantine(Device.objects.get(serial="SW-2"), why="파손", by=officer)

    with pytest.raises(WatchesInUse):
        manifests.undo(manifest, why="잘못된 로트", by=officer)

    assert Device.objects.count() == 2
    assert Manifest.objects.get().status == "received"


def test_a_watch_that_was_counted_is_in_use(officer):
    manifest = drafted(listed("SW-1"), by=officer)
    manifests.register_at_once(manifest, by=officer)
    stocktake.start(make_site(), is_blind=False, by=officer)

    with pytest.raises(WatchesInUse):
        manifests.undo(manifest, why="잘못된 로트", by=officer)

    assert Device.objects.count() == 1


def test_taking_back_needs_a_reason(officer):
    manifest = announced("SW-1", by=officer)

    with pytest.raises(ReasonNeeded):
        manifests.undo(manifest, why=" ", by=officer)

    assert ExpectedWatch.objects.get().is_live


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", UnreadableFile),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", UnreadableFile),
        (b"<html>", UnreadableFile),
        ("품명,수량\nA,1\n".encode(), WrongManifestColumns),
        ("일련번호,시리얼\nA,B\n".encode(), BadHeader),
        (b'serial\n"SW-1\n', UnreadableFile),
        ("serial\nSW-1".encode("utf-16"), UnreadableFile),
    ],
    ids=["empty", "old-excel", "page", "no-serial", "serial-twice", "open-quote", "utf-16"],
)
def test_a_file_that_cannot_be_read_leaves_nothing(officer, content, refusal):
    with pytest.raises(refusal):
        drafted(content, by=officer)

    assert not Manifest.objects.exists()


def test_too_many_rows_leave_nothing(officer, settings):
    settings.IMPORT_MAX_ROWS = 2

    with pytest.raises(TooManyRows):
        drafted(listed("SW-1", "SW-2", "SW-3"), by=officer)

    assert not Manifest.objects.exists()


@pytest.mark.parametrize("sign", ["\\", "\t", "\\N", "'", "\x0b"], ids=range(5))
def test_any_sign_of_a_bad_row_is_kept_harmless(officer, sign):
    content = workbook(["serial", "box"], [f"SW{sign}1", f"B{sign}"], ["SW-2", "B\\1"])

    manifest = drafted(content, by=officer)

    assert counts(manifest) == (2, 1, 0, 1)
    assert StagedWatch.objects.get(line=3).box == "B\\1"


def test_a_draft_nobody_took_in_is_dropped_after_a_week(officer):
    old, new = drafted(listed("SW-1"), by=officer), drafted(listed("SW-2"), by=officer)
    Manifest.objects.filter(pk=old.pk).update(
        uploaded_at=clock.now() - manifests.KEPT_FOR - manifests.timedelta(minutes=1)
    )

    drop_manifests()
    drop_manifests()

    statuses = dict(Manifest.objects.values_list("pk", "status"))
    assert statuses == {old.pk: "dropped", new.pk: "draft"}
    assert StagedWatch.objects.get().manifest_id == new.pk


def test_a_list_of_thousands_takes_few_statements(officer, django_assert_max_num_queries):
    content = listed(*(f"W{number:06d}" for number in range(3_000)))

    with django_assert_max_num_queries(58):
        manifests.register_at_once(drafted(content, by=officer), by=officer)

    assert Device.objects.count() == ExpectedWatch.objects.arrived().count() == 3_000


def test_a_row_may_stand_at_another_site(officer):
    make_site("mapo")
    rows = [["SW-1", "", "", "", "", "mapo"], ["SW-2", "", "", "", "", ""]]
    manifest = drafted(listed(*rows, header=HEADER), by=officer)

    manifests.register_at_once(manifest, by=officer)

    places = dict(Device.objects.values_list("serial", "site__code"))
    assert places == {"SW-1": "mapo", "SW-2": "jongno"}
