"""Points that make an incident good, under workers and requests at once: each person once."""

import pytest
from django.db import connection

from complaints.models import MakeGoodItem, MakeGoodRun, Promise
from complaints.services import incidents, making_good, promises
from seoul_health.core import clock
from seoul_health.core.models import StaffUser
from tests.complaints.builders import AGENT
from tests.complaints.incidents import HOUR, given, opened, requested, touched
from tests.conftest import JOB
from tests.points.builders import balance
from tests.race import race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.serial]


@pytest.fixture
def lead(make_staff):
    return make_staff("supervisor", username="lead", **AGENT)


@pytest.fixture
def approver(make_staff):
    return make_staff("finance_approver", username="approver")


@pytest.fixture
def people(make_participant):
    return [make_participant() for _ in range(20)]


@pytest.fixture
def run(lead, people):
    return requested(touched(opened(lead), people), lead)


def test_four_workers_give_everybody_their_points_once(run, people, approver, monkeypatch):
    monkeypatch.setattr(making_good, "AT_ONCE", 3)
    making_good.approve_run(run, by=approver)

    told = race(lambda: making_good.carry_on_all(by=JOB), runners=4)

    assert told == ["ok"] * 4
    assert [amount for _key, amount in given()] == [100] * 20
    assert [balance(each) for each in people] == [100] * 20
    assert MakeGoodRun.objects.get().status == "done"


def test_a_killed_worker_and_its_successors_give_everybody_once(run, people, approver, monkeypatch):
    monkeypatch.setattr(making_good, "AT_ONCE", 4)
    making_good.approve_run(run, by=approver)
    whole, killed = making_good.notices.plan, []

    def die_once(*terms):
        if not killed:
            killed.append(True)
            # The server ends this worker's connection after the points were posted.
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return whole(*terms)

    monkeypatch.setattr(making_good.notices, "plan", die_once)
    told = race(lambda: making_good.carry_on_all(by=JOB), runners=3)
    making_good.carry_on_all(by=JOB)

    assert killed == [True]
    assert "OperationalError" in told
    assert [balance(each) for each in people] == [100] * 20
    assert len(given()) == 20


def test_of_two_who_ask_for_the_same_people_one_is_refused(lead, people):
    check = touched(opened(lead), people)

    told = race(lambda: requested(check, StaffUser.objects.get(pk=lead.pk)))

    assert told == ["NobodyAffected", "ok"]
    assert MakeGoodItem.objects.count() == 20


def test_two_approvals_at_once_are_one(run, approver):
    told = race(lambda: making_good.approve_run(MakeGoodRun.objects.get(pk=run.pk), by=approver))

    assert told == ["IllegalMove", "ok"]


def test_two_words_at_once_leave_one_promise(lead):
    incident = opened(lead)
    later = clock.now() + 2 * HOUR

    race(
        lambda: incidents.tell(
            type(incident).objects.get(), status="identified", text="확인", next_at=later, by=lead
        )
    )

    assert Promise.objects.filter(status="promised").count() == 1
    assert promises.tend_promises(by=JOB) == {"early": 0, "late": 0, "missed": 0}
