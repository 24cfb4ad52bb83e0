"""What is old expires lot by lot, once, and never while the partner pays nobody."""

import uuid
from datetime import date, timedelta

import pytest
import time_machine

from points.errors import ExpiryNotDue, PartnerIsDown
from points.models import ExpiryRun, LotUse, Outage, Transfer
from points.services import expiry
from points.services.expiry import expire_points, expiring_soon, start_run
from points.services.operators import in_force
from points.services.partner_health import begin_outage
from points.services.payouts import request_payout
from points.services.proof import prove
from points.services.settlement import pot_sums
from seoul_health.core import clock
from tests.conftest import JOB
from tests.points.builders import balance, give
from tests.points.payout_ends import refuse_next

pytestmark = pytest.mark.django_db
TODAY = date(2026, 7, 1)
OLD, YOUNG = date(2025, 6, 30), date(2025, 7, 1)


def expire(day=TODAY):
    run = expire_points(by=JOB, day=day)
    return run.people, run.points


def test_points_older_than_their_validity_expire(walker):
    give(walker, 300, OLD)
    give(walker, 200, YOUNG)

    assert expire() == (1, 300)
    assert balance(walker) == 200
    assert pot_sums()["expired"] == 300


def test_who_lost_points_is_told_once_how_many_and_what_is_left(walker):
    give(walker, 300, date(2025, 6, 1))
    give(walker, 50, OLD)
    give(walker, 200, YOUNG)

    expire()
    expire()

    told = walker.notifications.get(template__code="points_expired")
    assert told.values == {"day": "2026년 7월 1일", "points": "350", "balance": "200"}


def test_nobody_is_told_of_points_that_stay(walker):
    give(walker, 200, YOUNG)

    expire()

    assert not walker.notifications.exists()


def test_each_lot_expires_under_a_key_of_its_own(walker):
    first, second = give(walker, 300, date(2025, 6, 1)), give(walker, 200, OLD)
    run = expire_points(by=JOB, day=TODAY)

    assert (run.people, run.lots, run.points) == (1, 2, 500)
    assert set(Transfer.objects.filter(reason="expiry").values_list("key", "lot_uses__lot")) == {
        (f"expiry:{first.pk}:0", first.pk),
        (f"expiry:{second.pk}:0", second.pk),
    }


def test_expiring_again_takes_nothing_more(walker):
    give(walker, 300, OLD)
    expire()

    assert expire() == (0, 0)
    assert ExpiryRun.objects.filter(status="done").count() == 2


def test_what_was_spent_came_out_of_the_oldest_points(walker):
    give(walker, 6_000, OLD)
    give(walker, 6_000, date(2025, 12, 1))
    request_payout(walker, amount=5_500, key=uuid.uuid4())

    assert expire() == (1, 500)
    assert balance(walker) == 6_000


def test_points_given_back_by_a_refusal_are_as_old_as_before(walker):
    give(walker, 6_000, OLD)
    request_payout(walker, amount=6_000, key=uuid.uuid4())
    assert expire() == (0, 0)
    refuse_next()

    assert expire() == (1, 6_000)
    assert balance(walker) == 0


def test_what_comes_back_to_a_lot_that_has_expired_expires_under_the_next_number(walker):
    lot = give(walker, 9_000, OLD)
    request_payout(walker, amount=6_000, key=uuid.uuid4())
    assert expire() == (1, 3_000)
    refuse_next()

    assert expire() == (1, 6_000)
    assert Transfer.objects.filter(key=f"expiry:{lot.pk}:1", amount=6_000).exists()


@pytest.fixture
def dark():
    operator = in_force()

    def begin(moment):
        begin_outage(operator, Outage.Cause.SILENCE, why="timeout", began_at=moment)
        operator.breaker.move("open", by=JOB, since=moment, next_try_at=moment)

    return begin


def test_nothing_expires_while_the_partner_is_down(walker, dark):
    give(walker, 12_000, OLD)
    dark(clock.now() - timedelta(hours=2))

    with pytest.raises(PartnerIsDown):
        expire()
    assert balance(walker) == 12_000
    assert ExpiryRun.objects.count() == 0


def test_a_run_stops_when_the_partner_goes_down_and_carries_on_afterwards(walker, dark):
    give(walker, 300, OLD)
    run = start_run(TODAY, by=JOB)
    dark(clock.now())
    with pytest.raises(PartnerIsDown):
        expiry.carry_on(run, by=JOB)
    in_force().breaker.move("half_open", by=JOB)
    in_force().breaker.move("closed", by=JOB)

    assert expiry.carry_on(run, by=JOB).points == 300


def test_dark_days_give_as_many_days_more(walker):
    give(walker, 300, date(2025, 7, 4))  # Would be gone on 5 July.
    began = clock.day_starts(date(2026, 7, 1)) + timedelta(hours=1)
    Outage.objects.create(
        operator=in_force(), cause="silence", began_at=began, ended_at=began + timedelta(days=7)
    )

    with time_machine.travel(clock.day_starts(date(2026, 7, 12)), tick=False):
        assert expire(date(2026, 7, 12)) == (0, 0)
        assert expiring_soon(walker, until=date(2026, 7, 31)) == [(date(2026, 7, 13), 300)]
    with time_machine.travel(clock.day_starts(date(2026, 7, 13)), tick=False):
        assert expire(date(2026, 7, 13)) == (1, 300)


def test_a_blink_of_the_partner_moves_nothing(walker):
    give(walker, 300, OLD)
    began = clock.day_starts(TODAY)
    Outage.objects.create(
        operator=in_force(), cause="silence", began_at=began, ended_at=began + timedelta(minutes=9)
    )

    assert expire() == (1, 300)


def test_points_do_not_expire_before_their_day():
    tomorrow = clock.today() + timedelta(days=1)

    with pytest.raises(ExpiryNotDue):
        start_run(tomorrow, by=JOB)


def test_a_run_that_was_killed_goes_on_where_it_was(make_participant, monkeypatch):
    people = [make_participant() for _ in range(5)]
    for person in people:
        give(person, 300, OLD)
    monkeypatch.setattr(expiry, "PURSES_PER_CHUNK", 2)
    run = start_run(TODAY, by=JOB)
    assert expiry.expire_chunk(run, by=JOB)  # And here its worker dies.

    again = expire_points(by=JOB)
    assert (again.pk, again.day, again.people, again.points) == (run.pk, TODAY, 5, 1_500)
    assert LotUse.objects.count() == 5
    assert prove(by=JOB).gaps == {}


def test_a_person_is_told_when_points_will_expire(walker):
    give(walker, 300, date(2025, 8, 1))
    give(walker, 200, date(2026, 2, 1))

    assert expiring_soon(walker, until=date(2026, 9, 30)) == [(date(2026, 8, 2), 300)]
    assert Transfer.objects.count() == 2


def test_what_was_spent_is_not_told_to_expire(walker, django_assert_num_queries):
    give(walker, 6_000, date(2025, 8, 1))
    give(walker, 6_000, date(2025, 8, 2))
    request_payout(walker, amount=7_000, key=uuid.uuid4())

    with django_assert_num_queries(4):
        assert expiring_soon(walker, until=date(2026, 9, 30)) == [(date(2026, 8, 3), 5_000)]
