from datetime import timedelta

import pytest

from devices.lending_errors import NobodySilent
from devices.models import DaySteps, Loan, RecoveryStep, RecoveryTask, SilentLoan, SilentStep
from devices.services import loans, silent
from participants.models import Notification
from seoul_health.core import clock
from tests.conftest import JOB

from .builders import live_loan

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(make_staff):
    return make_staff("device_officer")


@pytest.fixture
def silent_for(make_participant):
    """Somebody whose watch was accepted so many days ago, and walked with until so many ago."""

    def made(days, *, walked=None):
        loan = live_loan(make_participant())
        Loan.objects.filter(pk=loan.pk).update(accepted_at=clock.now() - timedelta(days=days))
        if walked is not None:
            walk(loan, walked)
        return loan

    return made


def walk(loan, ago):
    DaySteps.objects.create(
        participant=loan.participant,
        activity_date=clock.today() - timedelta(days=ago),
        source="watch",
        hours=[0] * 24,
        steps=500,
    )


def found():
    silent.find_silent(by=JOB)
    return dict(SilentLoan.objects.values_list("loan", "silent_since"))


def test_silence_begins_with_the_last_step_or_with_the_loan(silent_for):
    never, once = silent_for(40), silent_for(90, walked=61)
    silent_for(29)
    silent_for(90, walked=29)

    day = clock.today()
    assert found() == {
        never.pk: day - timedelta(days=40),
        once.pk: day - timedelta(days=61),
    }


def test_blocks_follow_one_another(silent_for, monkeypatch):
    monkeypatch.setattr(silent, "CHUNK", 1)
    for _ in range(3):
        silent_for(40)

    assert len(found()) == 3
    assert len(found()) == 3


def test_whoever_walks_again_or_gave_back_is_no_longer_listed(silent_for):
    walks, gave = silent_for(40), silent_for(40)
    assert len(found()) == 2

    walk(walks, 0)
    loans.scan_in(gave.device.serial, by=JOB)

    assert found() == {}


def test_each_is_told_once_in_a_silence(silent_for, officer):
    loan = silent_for(65)
    found()
    rows = SilentLoan.objects.all()

    assert silent.tell(rows, days=60, by=officer) == 1
    for days in (30, 60):
        with pytest.raises(NobodySilent):
            silent.tell(rows, days=days, by=officer)

    step = RecoveryStep.objects.get()
    assert (step.loan, step.kind, step.cost) == (loan, "message", 20)
    told = Notification.objects.get(template__code="watch_silent_60")
    assert told.values == {"serial": loan.device.serial, "days": 60}


def test_a_new_silence_is_told_of_again(silent_for, officer):
    loan = silent_for(100)
    found()
    silent.tell(SilentLoan.objects.all(), days=30, by=officer)
    walk(loan, 35)
    found()

    assert silent.tell(SilentLoan.objects.all(), days=30, by=officer) == 1

    assert SilentStep.objects.count() == 2


def test_a_call_is_put_into_the_queue(silent_for, officer):
    loan = silent_for(65)
    found()

    assert silent.have_called(SilentLoan.objects.all(), days=60, by=officer) == 1

    task = RecoveryTask.objects.get()
    assert (task.loan, task.kind, task.status) == (loan, "call", "open")
    assert silent.tell(SilentLoan.objects.all(), days=60, by=officer) == 1


def test_whoever_is_not_silent_long_enough_is_left_alone(silent_for, officer):
    silent_for(45)
    found()

    with pytest.raises(NobodySilent):
        silent.tell(SilentLoan.objects.all(), days=60, by=officer)

    assert Notification.objects.filter(template__code="watch_silent_60").count() == 0
