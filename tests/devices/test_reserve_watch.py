import pytest

from devices.errors import AlreadyHoldsWatch, NoWatchInStock, ParticipationOver
from devices.models import Device, Loan
from devices.services.allocation import reserve_waiting
from devices.services.loans import cancel_reservation, reserve_watch
from participants.models import Participation
from participants.signals import participation_ended, participation_started
from seoul_health.core import clock
from seoul_health.core.models import AuditEvent
from tests.conftest import JOB

from .builders import fresh, join, live_loan, make_watch, reserved_loan, standing


def test_the_oldest_watch_in_stock_is_reserved(walker):
    oldest, newest = make_watch(), make_watch()

    loan = reserve_watch(join(walker), by=JOB)

    assert loan.device == oldest
    assert standing(loan) == ("reserved", "allocated")
    assert loan.due_on == clock.add_months(clock.today(), 6)
    assert Device.objects.get(pk=newest.pk).status == Device.Status.IN_STOCK
    assert AuditEvent.objects.get(verb="reserved").subject == f"devices.loan:{loan.pk}"


def test_without_stock_nothing_is_reserved_and_the_participation_waits(walker):
    make_watch(status=Device.Status.QUARANTINED)
    participation = join(walker)

    with pytest.raises(NoWatchInStock):
        reserve_watch(participation, by=JOB)

    assert not Loan.objects.exists()
    assert list(Loan.objects.without_watch()) == [participation]


def test_somebody_who_holds_a_watch_gets_no_second_one(walker):
    loan = live_loan(walker)
    spare = make_watch()

    with pytest.raises(AlreadyHoldsWatch):
        reserve_watch(loan.participation, by=JOB)

    assert Loan.objects.count() == 1
    assert Device.objects.get(pk=spare.pk).status == Device.Status.IN_STOCK


@pytest.mark.parametrize(
    "change", [{"status": "withdrawn"}, {"status": "completed"}, {"needs_watch": False}]
)
def test_a_participation_that_needs_none_gets_none(walker, change):
    watch, participation = make_watch(), join(walker)
    Participation.objects.filter(pk=participation.pk).update(**change)

    with pytest.raises(ParticipationOver):
        reserve_watch(participation, by=JOB)

    assert Device.objects.get(pk=watch.pk).status == Device.Status.IN_STOCK
    assert not Loan.objects.exists()


def test_a_newcomer_is_given_a_watch_at_once(walker):
    make_watch()
    participation = join(walker)

    participation_started.send(None, participation=participation, by=JOB)

    assert Loan.objects.get().participation == participation


def test_a_newcomer_without_stock_still_takes_part(walker):
    participation_started.send(None, participation=join(walker), by=JOB)

    assert not Loan.objects.exists()


def test_a_newcomer_with_an_own_watch_is_lent_none(walker):
    watch = make_watch()

    participation_started.send(None, participation=join(walker, needs_watch=False), by=JOB)

    assert Device.objects.get(pk=watch.pk).status == Device.Status.IN_STOCK


def test_the_sweep_serves_those_who_wait_in_their_order(make_participant):
    first, second = join(make_participant()), join(make_participant())
    make_watch()

    assert reserve_waiting(by=JOB) == 1

    assert Loan.objects.get().participation == first
    assert list(Loan.objects.without_watch()) == [second]


def test_the_sweep_may_run_twice(walker):
    join(walker)
    make_watch()
    make_watch()

    assert [reserve_waiting(by=JOB), reserve_waiting(by=JOB)] == [1, 0]


def test_the_sweep_passes_over_those_who_still_hold_a_watch(make_participant):
    holder = make_participant()
    live_loan(holder)
    Participation.objects.update(status="completed")
    join(holder)
    other = join(make_participant())
    make_watch()

    assert reserve_waiting(by=JOB) == 1

    assert Loan.objects.get(status="reserved").participation == other


def test_a_cancelled_reservation_puts_the_watch_back(walker):
    loan = reserved_loan(walker)

    cancel_reservation(loan, by=JOB, why="moved away")

    assert standing(loan) == ("cancelled", "in_stock")


def test_a_participation_that_ends_frees_its_reservation(walker):
    loan = reserved_loan(walker)

    participation_ended.send(None, participation=loan.participation, by=JOB)

    assert standing(loan) == ("cancelled", "in_stock")


def test_a_participation_that_ends_asks_for_its_watch(walker):
    loan = live_loan(walker)

    participation_ended.send(None, participation=loan.participation, by=JOB)

    assert standing(loan) == ("recall_requested", "on_loan")
    assert fresh(loan).recovery.get().taken_by == JOB.actor_name


def test_a_participation_without_a_watch_ends_quietly(walker):
    participation_ended.send(None, participation=join(walker), by=JOB)

    assert not Loan.objects.exists()
