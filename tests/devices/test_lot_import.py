import io
import zipfile

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from python_calamine import CalamineWorkbook

from devices.models import Device
from seoul_health.core.models import AccessLog, AuditEvent

from .builders import make_lot, make_site, make_watch

IMPORT = reverse("admin:devices_device_import")
APPLY = reverse("admin:devices_device_process_import")
EXPORT = reverse("admin:devices_device_export")
HEADER = ["serial", "lot", "site"]
LOT = "LOT-2026-1"


@pytest.fixture(autouse=True)
def place(db, settings, tmp_path):
    settings.IMPORT_DIR = tmp_path
    make_lot()
    make_site()


@pytest.fixture
def desk(client_of):
    return client_of("device_officer")


def workbook(*rows, header=HEADER):
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([header, *rows]):
            sheet.write_row(number, 0, row)
    return out.getvalue()


def comma_file(*rows, encoding="utf-8", header=HEADER):
    return "\r\n".join(",".join(row) for row in [header, *rows]).encode(encoding)


def dry_run(browser, content, name="lot.xlsx"):
    upload = SimpleUploadedFile(name, content)
    return browser.post(IMPORT, {"import_file": upload, "format": "0", "resource": ""})


def apply(browser, content, name="lot.xlsx"):
    page = dry_run(browser, content, name)
    asked = page.context["confirm_form"].initial
    return browser.post(APPLY, {**asked, "format": "0", "resource": ""}, follow=True)


def serials():
    return sorted(Device.objects.values_list("serial", flat=True))


def test_a_dry_run_changes_nothing(desk):
    page = dry_run(desk, workbook(["sw-1", LOT, "jongno"]))

    assert page.context["result"].totals["new"] == 1
    assert serials() == []


@pytest.mark.parametrize(
    "content",
    [
        workbook([" sw-1 ", LOT, "jongno"], ["SW-2", LOT, ""]),
        comma_file(["sw-1", LOT, "jongno"], ["SW-2", LOT, ""]),
        comma_file(["sw-1", LOT, "jongno"], ["SW-2", LOT, ""], encoding="utf-8-sig"),
        comma_file(
            ["sw-1", LOT, "jongno"],
            ["SW-2", LOT, ""],
            encoding="cp949",
            header=["일련번호", "로트", "거점"],
        ),
    ],
)
def test_a_lot_is_taken_from_the_files_offices_send(desk, content):
    apply(desk, content)

    assert serials() == ["SW-1", "SW-2"]
    first = Device.objects.get(serial="SW-1")
    assert (first.lot.code, first.site.code, first.status) == (LOT, "jongno", "in_stock")
    assert AuditEvent.objects.filter(verb="registered").count() == 2


def test_the_same_file_twice_changes_nothing(desk):
    content = workbook(["SW-1", LOT, "jongno"], ["SW-2", LOT, ""])
    apply(desk, content)
    before = list(Device.objects.order_by("pk").values())

    page = dry_run(desk, content)
    assert (page.context["result"].totals["new"], page.context["result"].totals["skip"]) == (0, 2)
    apply(desk, content)

    assert list(Device.objects.order_by("pk").values()) == before
    assert AuditEvent.objects.filter(verb="registered").count() == 2


def test_a_known_watch_only_changes_its_place(desk):
    make_watch("SW-1", status=Device.Status.QUARANTINED)

    apply(desk, workbook(["SW-1", LOT, "jongno"]))

    found = Device.objects.get()
    assert (found.site.code, found.status) == ("jongno", "quarantined")
    assert AuditEvent.objects.get(verb="placed").subject == f"devices.device:{found.pk}"


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (["", LOT, ""], "serial"),
        (["   ", LOT, ""], "serial"),
        (["x" * 33, LOT, ""], "serial"),
        (["ＳＷ-1", LOT, ""], "serial"),
        (["SW 1", LOT, ""], "serial"),
        (["ЅW-1", LOT, ""], "serial"),
        (["=1+1", LOT, ""], "serial"),
        (["SW-1O", LOT, ""], "serial"),
        (["sw-9", LOT, ""], "serial"),
        (["SW-1", "NO-LOT", ""], "lot"),
        (["SW-1", "", ""], "lot"),
        (["SW-1", LOT, "nowhere"], "site"),
        (["SW-8", LOT, ""], "lot"),
    ],
)
def test_one_bad_row_refuses_the_file_and_names_the_field(desk, row, field):
    make_watch("SW-10")
    make_watch("SW-8", lot=make_lot("LOT-OTHER"))

    page = dry_run(desk, comma_file(["SW-9", LOT, ""], row))

    invalid = page.context["result"].invalid_rows
    assert [(each.number, list(each.field_specific_errors)) for each in invalid] == [(2, [field])]
    assert "confirm_form" not in page.context
    assert serials() == ["SW-10", "SW-8"]


@pytest.mark.parametrize("header", [["serial", "lot"], ["번호", "로트", "거점"]])
def test_a_file_without_its_columns_is_refused(desk, header):
    page = dry_run(desk, workbook(["SW-1", LOT, "jongno"][: len(header)], header=header))

    assert page.context["result"].has_errors()
    assert "serial" in str(page.context["result"].base_errors[0].error)
    assert serials() == []


def bomb():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 80_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        bomb(),
        b"PK\x03\x04 not a zip",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old excel",
        b"<html><table></table></html>",
        "serial,lot,site\n".encode("utf-16"),
        b"",
        comma_file(["SW-1", LOT, ""], header=["serial", "serial", "site"]),
    ],
)
def test_a_file_that_cannot_be_read_says_so(desk, content):
    page = dry_run(desk, content)

    assert page.status_code == 200
    assert list(page.context["form"].errors) == ["import_file"]
    assert serials() == []


def test_a_file_of_too_many_rows_is_refused(desk):
    rows = "".join(f"SW-{number},{LOT},\n" for number in range(500_000))

    page = dry_run(desk, f"serial,lot,site\n{rows[:11_000_000]}".encode(), "lot.csv")

    assert page.status_code == 200
    assert list(page.context["form"].errors) == ["import_file"]
    assert serials() == []


def test_a_lot_of_thousands_comes_in_few_queries(desk, django_assert_max_num_queries):
    content = workbook(*([f"W{number:06d}", LOT, "jongno"] for number in range(2_500)))

    with django_assert_max_num_queries(90):
        apply(desk, content)

    assert Device.objects.count() == 2_500


@pytest.mark.parametrize("role", ["site_clerk", "agent", "auditor"])
def test_only_device_officers_import(client_of, role):
    assert client_of(role).get(IMPORT).status_code == 403


def export(browser, reason):
    fields = ["serial", "model", "lot", "site", "status", "grade", "holds_personal_data"]
    chosen = {f"watches_{name}": "on" for name in fields}
    body = {"format": "0", "resource": "", "reason": reason, "export_items": [], **chosen}
    return browser.post(EXPORT, body)


def test_an_export_needs_a_reason(desk):
    make_watch("SW-1")

    assert b"SW-1" not in export(desk, "").content
    assert not AuditEvent.objects.filter(verb="exported").exists()


def test_an_export_is_recorded_and_holds_only_text(desk):
    make_watch("SW-1", site=make_site())

    answer = export(desk, "시의회 자료 요구")

    sheet = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0)
    assert sheet.to_python()[1][:5] == ["SW-1", "band-3", LOT, "jongno", "in_stock"]
    assert AuditEvent.objects.get(verb="exported").detail["reason"] == "시의회 자료 요구"
    assert not AccessLog.objects.exists()  # No person is in it.
