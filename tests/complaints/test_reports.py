"""What became of complaints: figures that equal their rows."""

import csv
import io
import re
from datetime import date, timedelta
from html import unescape

import pytest
import time_machine
from django.urls import reverse
from python_calamine import CalamineWorkbook

from complaints.models import Complaint
from complaints.services import citizens, desk, reports
from complaints.services.intake import Guest
from complaints.services.reports import Axis, Figure, Period
from seoul_health.core.models import AccessLog
from tests.complaints.builders import AGENT, at, receive_one

pytestmark = pytest.mark.django_db
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))
REPORTS, ROWS = "/desk/reports/", "/desk/reports/rows/"
ASKED = {"first": "2026-11-01", "last": "2026-11-30"}


@pytest.fixture(autouse=True)
def end_of_november():
    with time_machine.travel(at(2026, 11, 30, 17), tick=False):
        yield


@pytest.fixture
def chief(client_of):
    return client_of("supervisor", **(AGENT | {"first_name": "팀장"}))


def answered(complaint, agent, moment):
    with time_machine.travel(moment, tick=False):
        fresh = Complaint.objects.get(pk=complaint.pk)
        desk.take(fresh, by=agent)
        desk.answer(fresh, text="확인했습니다.", version=fresh.version, by=agent)
    return Complaint.objects.get(pk=complaint.pk)


@pytest.fixture
def month(make_participant, agent):
    """One complaint for each thing that can become of it; due on 11 November at 18:00."""
    monday = at(2026, 11, 2)
    gwanak, other = make_participant(district="관악구"), make_participant(district="강남구")
    in_time = answered(receive_one(gwanak, at=monday), agent, at(2026, 11, 4))
    citizens.rate(in_time, 5, by=gwanak)
    late = answered(receive_one(gwanak, at=monday), agent, at(2026, 11, 20))
    overdue = receive_one(other, at=monday)
    withdrawn = receive_one(other, at=monday)
    citizens.withdraw(withdrawn, by=other)
    again = answered(receive_one(other, at=monday), agent, at(2026, 11, 5))
    with time_machine.travel(at(2026, 11, 6), tick=False):
        citizens.rate_and_reopen(again, 1, comment="그대로입니다.", by=other)
    answered(again, agent, at(2026, 11, 30, 16))
    stranger = Guest("박손님", "010-1234-5678")
    guest = receive_one(None, at=at(2026, 11, 27), channel="web", guest=stranger)
    receive_one(other, at=at(2026, 10, 30))
    return {
        "in_time": {in_time.pk, again.pk},
        "late": {late.pk},
        "overdue": {overdue.pk},
        "open": {guest.pk},
        "otherwise": {withdrawn.pk},
        "reopened": {again.pk},
        "rated": {in_time.pk, again.pk},
    }


def cohort():
    return reports.received_in(NOVEMBER, Complaint.objects.all())


def test_every_complaint_counts_once_by_its_first_answer(month):
    (line,) = reports.figures(cohort(), Axis.CATEGORY)

    assert line.key == "points_missing"
    assert {name: getattr(line, name) for name in month} == {
        name: len(rows) for name, rows in month.items()
    }
    assert line.received == 6 == sum(getattr(line, figure) for figure in reports.OUTCOMES)
    assert (line.percent_in_time, line.satisfaction) == (50.0, 3.0)
    assert line.wait == timedelta(days=3)


@pytest.mark.parametrize("figure", Figure.values)
def test_a_figure_is_the_number_of_its_rows(month, figure):
    everything = set(cohort().values_list("pk", flat=True))
    rows = set(reports.narrowed(cohort(), Figure(figure)).values_list("pk", flat=True))

    assert rows == month.get(figure, everything)
    for axis in Axis:
        for line in reports.figures(cohort(), axis):
            found = reports.of_group(reports.narrowed(cohort(), Figure(figure)), axis, line.key)
            assert found.count() == getattr(line, figure)


@pytest.mark.parametrize(
    ("axis", "groups"),
    [
        ("category", {"points_missing": 6}),
        ("channel", {"app": 5, "web": 1}),
        ("team", {"건강관리과": 3, "": 3}),
        ("district", {"관악구": 2, "강남구": 3, "": 1}),
    ],
)
def test_complaints_are_told_apart_by(month, axis, groups):
    lines = reports.figures(cohort(), Axis(axis))

    assert {line.key: line.received for line in lines} == groups


def test_a_day_ends_at_midnight_in_seoul(make_participant):
    receive_one(make_participant(), at=at(2026, 11, 30, 23, 59))
    receive_one(make_participant(), at=at(2026, 12, 1, 0, 0))

    assert reports.by_day(cohort()) == {date(2026, 11, 30): 1}
    assert cohort().count() == 1


def test_the_page_shows_the_figures_with_their_rows(month, chief):
    page = chief.get(REPORTS, {**ASKED, "by": "district"})

    assert page.status_code == 200
    total = {figure.value: count for figure, count, _href in page.context["total"]["cells"]}
    assert total["received"] == 6
    assert (page.context["total"]["in_time"], page.context["total"]["satisfaction"]) == (
        "50.0%",
        "3.00",
    )
    for line in page.context["lines"]:
        for _figure, count, href in line["cells"]:
            rows = chief.get(href)
            assert rows.context["page"].paginator.count == count
    assert "관악구" in page.content.decode()


@pytest.mark.parametrize(
    ("last", "starts"),
    [
        ("2026-11-30", ["2026-11-02", "2026-11-27"]),
        ("2026-12-31", ["2026-11-02", "2026-11-23"]),
        ("2027-10-31", ["2026-11-01"]),
    ],
    ids=["days", "weeks", "months"],
)
def test_bars_of_days_weeks_and_months_open_their_own_rows(month, chief, last, starts):
    page = chief.get(REPORTS, {"first": "2026-11-01", "last": last})
    links = sorted(set(re.findall(r'href="([^"]+)"', page.context["day_chart"])))

    found = {link: chief.get(unescape(link)).context for link in links}
    told = {one["period"].first.isoformat(): one["page"].paginator.count for one in found.values()}
    assert [day for day, count in sorted(told.items()) if count] == starts
    assert sum(told.values()) == 6


def test_the_rows_of_a_figure_are_listed_and_every_look_is_written_down(month, chief):
    asked = {**ASKED, "by": "district", "key": "강남구", "figure": "overdue"}
    page = chief.get(ROWS, asked)

    (complaint,) = Complaint.objects.filter(pk__in=month["overdue"])
    assert complaint.receipt_no in page.content.decode()
    assert [row.pk for row, _became, _tone in page.context["rows"]] == [complaint.pk]
    seen = AccessLog.objects.get(what="desk:report")
    assert seen.action == "list"


def test_a_file_has_a_row_for_each_complaint_and_no_name(month, chief):
    told = chief.get("/desk/reports/rows.csv", ASKED)
    table = list(csv.DictReader(io.StringIO(told.content.decode("utf-8-sig"))))

    assert len(table) == 6
    assert {row["접수번호"] for row in table} == set(cohort().values_list("receipt_no", flat=True))
    assert "박손님" not in told.content.decode("utf-8-sig")
    assert "어제 걸음이" not in told.content.decode("utf-8-sig")
    assert set(AccessLog.objects.values_list("action", flat=True)) == {"export"}

    book = chief.get("/desk/reports/rows.xlsx", {**ASKED, "figure": "late"})
    rows = CalamineWorkbook.from_filelike(io.BytesIO(book.content)).get_sheet_by_index(0)
    assert [line[0] for line in rows.to_python()[1:]] == list(
        Complaint.objects.filter(pk__in=month["late"]).values_list("receipt_no", flat=True)
    )


def test_a_file_that_would_be_too_long_is_refused(month, chief, monkeypatch):
    monkeypatch.setattr("complaints.desk.reports.MOST_ROWS", 5)

    assert chief.get("/desk/reports/rows.csv", ASKED).status_code == 422
    assert not AccessLog.objects.filter(action="export").exists()


def test_a_supervisor_of_a_district_counts_only_its_people(month, client_of):
    local = client_of("supervisor", **AGENT, scope="district", district="관악구")
    page = local.get(REPORTS, ASKED)

    assert page.context["total"]["cells"][0][1] == 2
    assert local.get(ROWS, ASKED).context["page"].paginator.count == 2


def test_an_agent_sees_no_report(client_of):
    agent = client_of("agent", **AGENT)

    for name in ("reports", "report-rows", "report-csv", "report-xlsx"):
        assert agent.get(reverse(f"desk:{name}")).status_code == 403


@pytest.mark.parametrize(
    "asked",
    [
        {"first": "2026-11-30", "last": "2026-11-01"},
        {"first": "2025-01-01", "last": "2026-11-30"},
        {"first": "어제"},
        {"by": "phone"},
        {"figure": "salary"},
        {"key": "가" * 100},
        {"first": "9999-12-31", "last": "0001-01-01"},
    ],
)
def test_what_is_not_right_is_said_and_this_month_is_shown(month, chief, asked):
    for address in (REPORTS, ROWS, f"{REPORTS}rows.csv"):
        page = chief.get(address, asked)
        assert page.status_code == 422
        assert page.context["period"] == Period(date(2026, 11, 1), date(2026, 11, 30))
