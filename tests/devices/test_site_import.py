"""Sites come in as a file: dry run first, every row or none."""

from datetime import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from devices.models import Site
from seoul_health.core.models import AuditEvent
from tests.devices.test_lot_import import comma_file, workbook

IMPORT = reverse("admin:devices_site_import")
APPLY = reverse("admin:devices_site_process_import")
HEADER = ["코드", "이름", "종류", "자치구", "주소", "전화", "위도", "경도", "창구수", "운영시간"]
ROW = [
    "cc-1", "청운동 주민센터", "주민센터", "종로구", "서울특별시 종로구 자하문로 1",
    "02-120-1234", "37.58", "126.97", "2", "09:00-18:00",
]  # fmt: skip


@pytest.fixture(autouse=True)
def place(db, settings, tmp_path):
    settings.IMPORT_DIR = tmp_path


@pytest.fixture
def desk(client_of):
    return client_of("device_officer")


def dry_run(browser, content):
    upload = SimpleUploadedFile("sites.csv", content)
    return browser.post(IMPORT, {"import_file": upload, "format": "0", "resource": ""})


def apply(browser, content):
    page = dry_run(browser, content)
    asked = page.context["confirm_form"].initial
    return browser.post(APPLY, {**asked, "format": "0", "resource": ""}, follow=True)


def faults(page):
    return [text for row in page.context["result"].invalid_rows for text in row.error.messages]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_a_list_of_an_office_comes_in(desk, encoding):
    content = comma_file(ROW, header=HEADER, encoding=encoding)
    dry_run(desk, content)
    assert Site.objects.count() == 0

    apply(desk, content)

    site = Site.objects.get()
    assert (site.kind, site.phone, f"{site.lat}") == (
        "community_centre",
        "02-120-1234",
        "37.580000",
    )
    assert list(site.windows.values_list("code", flat=True)) == ["1", "2"]
    assert list(site.hours.values_list("day", "opens")) == [(day, time(9)) for day in range(5)]
    assert AuditEvent.objects.filter(verb="registered", subject=f"site:{site.pk}").count() <= 1


def test_the_same_file_again_changes_nothing_but_what_it_says(desk):
    apply(desk, workbook(ROW, header=HEADER))
    apply(desk, workbook([*ROW[:1], "새 이름", *ROW[2:8], "3", "10:00-17:00"], header=HEADER))

    site = Site.objects.get()
    assert (site.name, site.windows.count(), site.hours.first().opens) == ("새 이름", 3, time(10))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (2, "은행"), (3, "부산진구"), (6, "97.5"), (6, "북위"), (7, "0"), (8, "-1"), (8, "많음"),
        (9, "18:00-09:00"), (9, "아침부터"), (9, "25:00-26:00"), (0, ""),
    ],
)  # fmt: skip
def test_a_bad_row_is_named_and_nothing_is_half_done(desk, place, value):
    bad = [*ROW]
    bad[place] = value

    page = dry_run(desk, comma_file(["cc-0", *ROW[1:]], bad, header=HEADER))

    assert page.context["result"].has_validation_errors() or page.context["result"].has_errors()
    assert Site.objects.count() == 0


def test_a_code_twice_in_a_file_is_refused(desk):
    page = dry_run(desk, comma_file(ROW, ROW, header=HEADER))

    assert len(faults(page)) == 1


def test_a_file_without_the_columns_is_refused(desk):
    page = dry_run(desk, comma_file(["a", "b"], header=["코드", "이름"]))

    assert page.context["result"].has_errors()
    assert Site.objects.count() == 0


def test_only_those_who_may_bring_files_in(client_of):
    assert client_of("site_clerk", scope="site", site_code="x").get(IMPORT).status_code == 403
