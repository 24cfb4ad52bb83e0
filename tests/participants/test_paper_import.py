import csv
import io
import zipfile

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from participants.models import Application, Consent, Participant
from seoul_health.core import clock
from seoul_health.core.models import AuditEvent
from tests.participants.recruiting import open_lane

pytestmark = pytest.mark.django_db
IMPORT = reverse("admin:participants_application_import")
APPLY = reverse("admin:participants_application_process_import")
ENGLISH = ["paper_no", "name", "phone", "birth_date", "address", "district", "round", "lane",
           "basis", "consented_on"]  # fmt: skip
KOREAN = ["신청서 번호", "이름", "연락처", "생년월일", "주소", "자치구", "회차", "모집 구분",
          "신청 자격", "동의일"]  # fmt: skip


@pytest.fixture(autouse=True)
def lane(settings, tmp_path):
    settings.IMPORT_DIR = tmp_path
    return open_lane()


@pytest.fixture
def desk(client_of):
    return client_of("recruitment_officer")


def row(way, number=1, **changes):
    cells = {
        "paper_no": f"종로-{number:04d}",
        "name": "김종이",
        "phone": f"010-0111-{number:04d}",
        "birth_date": "1961-03-09",
        "address": "서울특별시 종로구 세종대로 209",
        "district": "종로구",
        "round": way.round.code,
        "lane": "own_device",
        "basis": "resident",
        "consented_on": clock.today().isoformat(),
        **changes,
    }
    return [cells[name] for name in ENGLISH]


def text(*rows, header=ENGLISH, encoding="utf-8"):
    out = io.StringIO()
    csv.writer(out).writerows([header, *rows])
    return out.getvalue().encode(encoding)


def workbook(*rows, header=ENGLISH):
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for number, cells in enumerate([header, *rows]):
            sheet.write_row(number, 0, cells)
    return out.getvalue()


def dry_run(browser, content, name="papers.csv"):
    upload = SimpleUploadedFile(name, content)
    return browser.post(IMPORT, {"import_file": upload, "format": "0", "resource": ""})


def apply(browser, content):
    page = dry_run(browser, content)
    asked = page.context["confirm_form"].initial
    return browser.post(APPLY, {**asked, "format": "0", "resource": ""}, follow=True), asked


def nothing_filed():
    return not Application.objects.exists() and not Participant.objects.exists()


def test_a_dry_run_files_nothing(desk, lane):
    page = dry_run(desk, text(row(lane)))

    assert page.context["confirm_form"] is not None
    assert nothing_filed()


@pytest.mark.parametrize(
    "make",
    [
        lambda cells: text(cells),
        lambda cells: text(cells, encoding="utf-8-sig"),
        lambda cells: text(cells, encoding="cp949"),
        lambda cells: text(cells, header=KOREAN, encoding="cp949"),
        lambda cells: workbook(cells),
        lambda cells: workbook(cells, header=KOREAN),
        lambda cells: text(cells, [""] * 10),
    ],
    ids=["utf-8", "utf-8-mark", "cp949", "cp949-korean", "xlsx", "xlsx-korean", "blank-row"],
)
def test_papers_are_filed_from_the_files_offices_send(desk, lane, make):
    apply(desk, make(row(lane)))

    application = Application.objects.get()
    assert (application.status, application.paper_no) == ("submitted", "종로-0001")
    person = Participant.objects.with_name("김종이").get()
    assert application.participant == person
    assert (person.is_verified, person.profile.birth_date) == (False, "1961-03-09")
    assert Consent.objects.filter(recorded_by=f"staff:{desk.user.username}").count() == 2


def test_what_counters_type_is_understood(desk, lane):
    typed = row(lane, phone="1001110001", birth_date="1961.3.9.", lane="보유 기기", basis="거주자")

    apply(desk, text(typed))

    application = Application.objects.get()
    assert application.basis == "resident"
    assert Participant.objects.with_phone("010-0111-0001").exists()


def test_the_same_file_twice_changes_nothing(desk, lane):
    content = text(row(lane, 1), row(lane, 2))
    apply(desk, content)
    events = AuditEvent.objects.exclude(verb="imported").count()

    page, _ = apply(desk, content)

    assert page.status_code == 200
    assert (Application.objects.count(), Participant.objects.count()) == (2, 2)
    assert AuditEvent.objects.exclude(verb="imported").count() == events


def test_a_second_click_changes_nothing_and_says_so(desk, lane):
    _, asked = apply(desk, text(row(lane)))

    page = desk.post(APPLY, {**asked, "format": "0", "resource": ""}, follow=True)

    assert (page.status_code, page.redirect_chain[-1][0]) == (200, IMPORT)
    assert Application.objects.count() == 1


@pytest.mark.parametrize("name", ["../../etc/passwd", "0" * 32, "x", "/etc/passwd"])
def test_a_forged_file_name_reads_nothing(desk, name):
    asked = {"import_file_name": name, "original_file_name": "x", "format": "0", "resource": ""}

    page = desk.post(APPLY, asked, follow=True)

    assert (page.status_code, page.redirect_chain[-1][0]) == (200, IMPORT)
    assert nothing_filed()


def test_what_changed_since_the_dry_run_is_not_half_applied(desk, lane):
    page = dry_run(desk, text(row(lane, 1), row(lane, 2)))
    asked = page.context["confirm_form"].initial
    apply(desk, text(row(lane, 9, name="김종이", phone="010-0111-0002")))

    desk.post(APPLY, {**asked, "format": "0", "resource": ""})

    assert list(Application.objects.values_list("paper_no", flat=True)) == ["종로-0009"]


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"phone": "1.0E+10"}, "phone"),
        ({"phone": "010-１２３４-5678"}, "phone"),
        ({"birth_date": "1961-02-30"}, "birth_date"),
        ({"birth_date": "45000"}, "birth_date"),
        ({"birth_date": "0097-01-01"}, "birth_date"),
        ({"district": "수원시"}, "district"),
        ({"name": ""}, "name"),
        ({"paper_no": ""}, "paper_no"),
        ({"paper_no": "9" * 31}, "paper_no"),
        ({"consented_on": ""}, "consented_on"),
    ],
)
def test_one_bad_cell_refuses_the_file_and_names_its_column(desk, lane, changes, column):
    page = dry_run(desk, text(row(lane, 1), row(lane, 2, **changes)))

    outcome = page.context["result"]
    assert "confirm_form" not in page.context
    assert [(bad.number, list(bad.field_specific_errors)) for bad in outcome.invalid_rows] == [
        (2, [column])
    ]
    assert nothing_filed()


@pytest.mark.parametrize(
    "changes",
    [
        {"round": "no-such-round"},
        {"lane": "needs_watch"},
        {"basis": "tourist"},
        {"birth_date": "2020-01-01"},
        {"consented_on": "2020-01-01"},
        {"consented_on": "2099-01-01"},
    ],
    ids=lambda changes: "-".join(changes),
)
def test_a_paper_the_rules_refuse_is_a_row_error(desk, lane, changes):
    page = dry_run(desk, text(row(lane, **changes)))

    assert [bad.number for bad in page.context["result"].invalid_rows] == [1]
    assert nothing_filed()


def test_one_person_has_one_paper_a_round(desk, lane):
    page = dry_run(desk, text(row(lane, 1), row(lane, 2, phone="010-0111-0001")))

    assert [bad.number for bad in page.context["result"].invalid_rows] == [2]


@pytest.mark.parametrize("header", [[*ENGLISH[:-1], "기타"], [*ENGLISH[:-1], "name"]])
def test_a_file_without_its_columns_is_refused(desk, lane, header):
    page = dry_run(desk, text(row(lane), header=header))

    assert "confirm_form" not in page.context
    assert nothing_filed()


def bomb():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 60_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        b"<html><table><tr><td>1</td></tr></table></html>",
        b"PK\x03\x04 not a zip",
        bomb(),
        "이름,\u20ac".encode("utf-16"),
        b'"never closed,1\n2,3',
        b"\xff\xfe\xfd\xfa\xc0",
        b"one line without end " * 10_000,
        b"   \n",
    ],
    ids=["xls", "html", "zip", "bomb", "utf-16", "quote", "letters", "line", "empty"],
)
def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(desk, content):
    page = dry_run(desk, content)

    assert page.status_code == 200
    assert len(page.context["form"].errors["import_file"]) == 1
    assert nothing_filed()


def test_two_million_rows_are_refused(desk):
    page = dry_run(desk, b"a,b\n" + b"1,2\n" * 2_000_000)

    assert "200,000" in page.context["form"].errors["import_file"][0]


@pytest.mark.parametrize("role", ["agent", "supervisor", "auditor", "device_officer"])
def test_only_recruitment_officers_import(client_of, lane, role):
    browser = client_of(role)

    assert browser.get(IMPORT).status_code == 403
    assert dry_run(browser, text(row(lane))).status_code == 403
    assert browser.post(APPLY, {}).status_code == 403
    assert nothing_filed()
