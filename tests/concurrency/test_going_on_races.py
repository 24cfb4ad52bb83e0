"""Going on into the next round while a sweep, or another phone, does something else."""

import itertools
import threading
from datetime import timedelta

import pytest

from participants.models import Application, Participation
from participants.services import continuing, participations, selection
from seoul_health.core import clock
from seoul_health.core.models import AuditEvent
from tests.conftest import JOB
from tests.participants.test_going_on import next_round, taking_part
from tests.race import race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.serial]


@pytest.fixture
def person(make_participant):
    return make_participant(is_resident=True)


def in_turns(*acts):
    """Let every runner of a race do another act."""
    turn, turns = itertools.count(), threading.Lock()

    def act():
        with turns:
            mine = acts[next(turn) % len(acts)]
        mine()

    return act


def test_ten_phones_go_on_once(person):
    into = next_round(taking_part(person))

    outcomes = race(lambda: continuing.go_on(person, into=into, by=person), runners=10)

    assert outcomes == ["ok"] * 10
    assert Application.objects.filter(round=into).count() == 1
    assert AuditEvent.objects.filter(verb="approved").count() == 2


def test_the_sweep_completes_while_somebody_goes_on(person):
    earlier = taking_part(person)
    into = next_round(earlier)
    yesterday = clock.today() - timedelta(days=1)
    Participation.objects.update(starts_on=yesterday - timedelta(days=9), ends_on=yesterday)
    continuing.go_on(person, into=into, by=person)
    selection.select_due_lanes(by=JOB)

    outcomes = race(
        in_turns(
            lambda: continuing.confirm_selected(by=JOB),
            lambda: participations.complete_over(by=JOB),
        ),
        runners=6,
    )

    assert outcomes == ["ok"] * 6
    states = dict(Participation.objects.values_list("round", "status"))
    assert states == {earlier.round_id: "completed", into.pk: "active"}
    assert AuditEvent.objects.filter(verb="completed").count() == 1
    assert AuditEvent.objects.filter(verb="confirmed").count() == 2


def test_a_break_ends_once(person):
    participation = taking_part(person)
    participations.suspend(participation, why="입원", by=JOB)
    Participation.objects.update(suspended_until=clock.today() - timedelta(days=1))

    assert race(lambda: participations.resume_over(by=JOB), runners=4) == ["ok"] * 4
    assert AuditEvent.objects.filter(verb="active").count() == 1
