from datetime import timedelta

import pytest
from django.urls import reverse

from devices.models import (
    CompensationCase,
    CompensationPolicy,
    Loan,
    RecallCampaign,
    RecoveryTask,
)
from devices.services import compensation, ladder, loans, recovery_tasks
from seoul_health.core import clock
from seoul_health.core.models import AccessLog
from tests.conftest import JOB

from .builders import fresh, live_loan

LISTS = ["stations:calls", "stations:campaigns", "stations:cases", "stations:measures"]
FILES = ["stations:measures-file", "stations:council-pack"]


@pytest.fixture
def task(walker):
    loan = live_loan(walker)
    Loan.objects.update(due_on=clock.today() - timedelta(days=14))
    ladder.climb(by=JOB)
    return RecoveryTask.objects.get(loan=loan)


@pytest.fixture
def case(walker):
    loan = live_loan(walker)
    loans.mark_lost(loan, by=JOB, why="Gone")
    CompensationPolicy.objects.create(cause="lost", percent=60, effective_from="2026-01-01")
    return compensation.open_case(fresh(loan), by=JOB)


@pytest.mark.parametrize("name", [*LISTS, *FILES])
def test_the_pages_are_for_those_who_may(client, client_of, name):
    page = reverse(name)

    assert client.get(page).status_code == 302
    assert client_of("finance_officer").get(page).status_code == 403
    assert client_of("device_officer").get(page).status_code == 200


def test_a_caller_takes_the_next_and_writes_down_a_promise(task, client_of):
    browser = client_of("device_officer")
    page = reverse("stations:call", args=[task.pk])

    assert browser.post(reverse("stations:calls")).headers["Location"] == page
    day = clock.today() + timedelta(days=2)
    browser.post(page, {"outcome": "promised", "promised_on": day, "note": "Comes by"})

    task.refresh_from_db()
    assert (task.status, task.promised_on) == ("promised", day)


def test_a_promise_without_a_day_is_asked_again(task, client_of):
    browser = client_of("device_officer")
    recovery_tasks.take_next(by=browser.user)

    answer = browser.post(reverse("stations:call", args=[task.pk]), {"outcome": "promised"})

    assert answer.status_code == 400
    assert not task.calls.exists()


def test_the_number_is_shown_to_the_caller_only_and_written_down(task, client_of):
    browser, other = client_of("device_officer"), client_of("device_officer", username="other")
    recovery_tasks.take_next(by=browser.user)
    page = reverse("stations:call-phone", args=[task.pk])
    phone = task.loan.participant.profile.phone

    assert other.post(page, {"why": "Curious"}).status_code == 403
    assert phone not in browser.get(reverse("stations:call", args=[task.pk])).content.decode()
    assert phone in browser.post(page, {"why": "Calling"}).content.decode()

    assert AccessLog.objects.filter(action="reveal", reason="Calling").count() == 1


def test_a_task_of_another_district_is_not_found(task, client_of):
    elsewhere = client_of("device_officer", scope="district", district="강서구")

    assert elsewhere.get(reverse("stations:call", args=[task.pk])).status_code == 404


def test_a_case_is_demanded_waived_and_its_letter_printed(case, client_of):
    officer, second = client_of("device_officer"), client_of("device_officer", username="second")
    act = lambda verb: reverse("stations:case-act", args=[case.pk, verb])  # noqa: E731

    letter = officer.get(reverse("stations:case-letter", args=[case.pk]))
    officer.post(act("demand"), {"pay_by": "2027-01-31", "instalments": 1})
    officer.post(act("waive"), {"reason": "Fire"})
    officer.post(act("approve"))
    assert CompensationCase.objects.get().status == "demanded"
    second.post(act("approve"))

    assert letter.content.startswith(b"%PDF")
    assert CompensationCase.objects.get().status == "waived"
    assert officer.get(reverse("stations:case", args=[case.pk])).status_code == 200


def test_a_campaign_is_proposed_and_decided_on_its_pages(task, client_of):
    officer, second = client_of("device_officer"), client_of("device_officer", username="second")
    terms = {
        "code": "autumn", "name": "Autumn", "overdue_days": 7, "silent_days": 0, "kind": "letter",
        "cost": 3100, "unit_worth": 50000, "waves": 2, "reason": "Stock",
    }  # fmt: skip

    officer.post(reverse("stations:campaigns"), terms)
    page = reverse("stations:campaign", args=["autumn"])
    assert officer.get(page).status_code == 200
    second.post(reverse("stations:campaign-act", args=["autumn", "approve"]))

    assert RecallCampaign.objects.get().status == "running"
    assert officer.get(page).status_code == 200


@pytest.mark.parametrize("by", ["round", "lot", "district", "supplier"])
def test_every_figure_leads_to_its_rows(task, client_of, by):
    browser = client_of("device_officer")
    page = browser.get(reverse("stations:measures"), {"by": by})

    url = page.context["lines"][0]["url"]

    rows = browser.get(url)
    assert rows.status_code == 200
    assert task.loan.device.serial in rows.content.decode()
