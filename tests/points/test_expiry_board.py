"""The board of expiry shows what goes when, and lets two people give more time."""

from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from points.models import ExpiryExtension, ExpiryForecast, ExpiryRun
from points.services.forecasts import count_expiry
from points.services.operators import in_force
from points.tasks import announce_expiry, expire_points, resume_expiry, tell_of_extensions
from points.tasks import count_expiry as count_task
from seoul_health.core import clock
from seoul_health.core.models import AccessLog, RoleGrant, StaffUser
from tests.conftest import JOB
from tests.points.builders import balance, give

pytestmark = pytest.mark.django_db
TODAY = date(2026, 7, 1)
BOARD = "/staff/points/expiry/"


@pytest.fixture(autouse=True)
def first_of_july():
    with time_machine.travel(clock.day_starts(TODAY) + timedelta(hours=9), tick=False):
        yield


@pytest.fixture
def august(walker):
    """300 points that expire on 2 August."""
    give(walker, 300, date(2025, 8, 1))
    count_expiry(by=JOB)
    return walker


def signed_in(role):
    client = Client()
    user = StaffUser.objects.create_user(f"one-{role}", is_staff=True)
    RoleGrant.objects.create(user=user, role=role, granted_by="system:tests")
    client.force_login(user, backend="seoul_health.core.roles.RoleBackend")
    return client


def test_the_board_shows_months_and_what_a_run_would_take(august, client_of):
    page = client_of("finance_officer").get(BOARD, {"on": "2026-08-02"})

    assert page.context["months"][0]["points"] == 300
    assert (page.context["found"].people, page.context["found"].points) == (1, 300)
    assert reverse("boards:expiry-month", args=["2026-08"]) in page.content.decode()


def test_the_board_works_before_anything_was_counted(client_of):
    page = client_of("auditor").get(BOARD, {"on": "no day"})

    assert page.status_code == 200
    assert page.context["on"] == TODAY + timedelta(days=30)


def test_the_board_asks_the_database_the_same_for_many(
    august, client_of, make_participant, django_assert_max_num_queries
):
    for n in range(12):
        give(make_participant(), 100, date(2025, 8, 1) + timedelta(days=20 * n))
    count_expiry(by=JOB)
    browser = client_of("finance_officer")

    with django_assert_max_num_queries(14):
        browser.get(BOARD)


@pytest.mark.parametrize(
    ("path", "method"),
    [
        (BOARD, "get"),
        (f"{BOARD}days.csv", "get"),
        (f"{BOARD}2026-08/", "get"),
        (f"{BOARD}run/", "post"),
        (f"{BOARD}count/", "post"),
        (f"{BOARD}announce/", "post"),
        (f"{BOARD}extensions/", "post"),
        (f"{BOARD}extensions/1/approve/", "post"),
        (f"{BOARD}extensions/1/decline/", "post"),
    ],
)
def test_the_board_is_for_those_who_may(client_of, path, method):
    assert getattr(client_of("agent"), method)(path).status_code == 403
    assert getattr(Client(), method)(path).status_code == 302


def test_the_days_go_along_as_a_file(august, client_of):
    answer = client_of("finance_officer").get(f"{BOARD}days.csv")

    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[1].startswith('"2026-08-02","1","300",')
    assert client_of("finance_officer").get(f"{BOARD}days.csv").status_code == 200


def test_there_is_no_file_of_nothing(client_of):
    assert client_of("finance_officer").get(f"{BOARD}days.csv").status_code == 404


def test_a_month_leads_to_its_people_and_the_read_is_kept(august, client_of):
    page = client_of("finance_officer").get(f"{BOARD}2026-08/")

    assert [(number, one.points) for number, one in page.context["rows"]] == [(august.number, 300)]
    assert AccessLog.objects.get(what="expiry:2026-08").subjects == [august.number]


def test_a_month_shows_a_district_only_its_own_people(august, client_of):
    browser = client_of("finance_officer", scope="district", district="중구")

    assert browser.get(f"{BOARD}2026-08/").context["rows"] == []


@pytest.mark.parametrize("path", ["2026-13/", "x/", "2026-08/?after=x"])
def test_a_month_that_is_none_is_not_found(client_of, path):
    assert client_of("finance_officer").get(BOARD + path).status_code == 404


def extension(**changes):
    return {"until": "2026-12-01", "reason": "Typhoon", "districts": [], "round": "", **changes}


def test_two_people_give_more_time(august):
    officer, approver = signed_in("finance_officer"), signed_in("finance_approver")
    officer.post(f"{BOARD}extensions/", extension())
    asked = ExpiryExtension.objects.get()
    approver.post(f"{BOARD}extensions/{asked.pk}/approve/")

    asked.refresh_from_db()
    assert (asked.status, asked.people, asked.points) == ("approved", 1, 300)


def test_an_extension_is_declined_with_a_reason(august):
    officer, approver = signed_in("finance_officer"), signed_in("finance_approver")
    officer.post(f"{BOARD}extensions/", extension())
    asked = ExpiryExtension.objects.get()
    approver.post(f"{BOARD}extensions/{asked.pk}/decline/")
    assert ExpiryExtension.objects.get().status == "requested"

    approver.post(f"{BOARD}extensions/{asked.pk}/decline/", {"why": "No case"})
    assert ExpiryExtension.objects.get().status == "declined"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"until": "2026-06-01"}, 422),
        ({"until": "2028-01-01"}, 422),
        ({"until": "soon"}, 400),
        ({"reason": ""}, 400),
        ({"districts": ["Busan"]}, 400),
        ({"districts": ["중구"]}, 422),
        ({"round": "none"}, 400),
    ],
    ids=["past", "too_late", "no_day", "no_reason", "no_district", "nobody", "no_round"],
)
def test_an_extension_that_makes_no_sense_is_said_so_on_the_form(august, client_of, change, status):
    answer = client_of("finance_officer").post(f"{BOARD}extensions/", extension(**change))

    assert answer.status_code == status
    assert ExpiryExtension.objects.count() == 0


def test_a_run_is_started_by_hand_and_worked_off_by_the_job(walker, client_of):
    give(walker, 300, date(2025, 6, 30))
    client_of("finance_officer").post(f"{BOARD}run/")
    assert ExpiryRun.objects.get().status == "running"

    resume_expiry()
    assert ExpiryRun.objects.get().points == 300


def test_no_run_is_started_in_the_dark(walker, client_of):
    give(walker, 300, date(2025, 6, 30))
    in_force().breaker.move("open", by=JOB, since=clock.now(), next_try_at=clock.now())
    answer = client_of("finance_officer").post(f"{BOARD}run/", follow=True)
    expire_points()
    resume_expiry()

    assert answer.context["dark_since"]
    assert (ExpiryRun.objects.count(), balance(walker)) == (0, 300)


def test_the_jobs_may_run_twice(august):
    for job in (expire_points, count_task, announce_expiry, tell_of_extensions) * 2:
        job()

    assert ExpiryForecast.objects.count() == 3
    assert balance(august) == 300
