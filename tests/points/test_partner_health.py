import uuid
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction

from points.models import Breaker, Operator, Outage, Payout
from points.rules.backoff import pause_after
from points.services import partner_health, sending
from points.services.operators import in_force
from points.services.partner_health import dark_since, is_dark, pause_operator, resume_operator
from points.services.payouts import request_payout
from points.services.sending import resolve_unknown, send_due_payouts
from seoul_health.core import clock
from seoul_health.core.errors import IllegalMove
from seoul_health.core.models import AuditEvent
from tests.conftest import JOB
from tests.points.builders import give

pytestmark = pytest.mark.django_db


@pytest.fixture
def rich(saver):
    give(saver, 500_000)
    return saver


def ask(person, count=1):
    return [request_payout(person, amount=5_000, key=uuid.uuid4()) for _ in range(count)]


def send(wallet):
    return send_due_payouts(in_force(), wallet=wallet, by=JOB)


def counts():
    return {status: Payout.objects.filter(status=status).count()
            for status in ("requested", "unknown", "paid")}  # fmt: skip


def breaker():
    return Breaker.objects.get(operator=in_force())


def fall_silent(wallet, simulators, mode="dark"):
    simulators.wallet.mode = mode
    for _ in range(3):
        send(wallet)


@pytest.mark.parametrize(
    ("tries", "luck", "seconds"),
    [(0, 0.0, 15), (0, 1.0, 30), (1, 1.0, 60), (4, 1.0, 480), (5, 1.0, 900), (60, 0.5, 675)],
)
def test_pauses_double_up_to_a_ceiling_and_are_spread(tries, luck, seconds):
    first, longest = timedelta(seconds=30), timedelta(minutes=15)

    assert pause_after(tries, first=first, longest=longest, luck=luck) == timedelta(seconds=seconds)


@pytest.mark.parametrize("mode", ["dark", "5xx", "timeout_after_success", "5xx_after_success"])
def test_the_third_silence_in_a_row_stops_the_sending(rich, simulators, wallet, mode):
    ask(rich, 9)
    fall_silent(wallet, simulators, mode)

    assert (breaker().status, breaker().failures) == ("open", 3)
    assert send(wallet) == 0
    assert counts() == {"requested": 6, "unknown": 3, "paid": 0}
    assert is_dark()
    assert is_dark("seoulpay")
    assert Outage.objects.get().ended_at is None


def test_requests_are_taken_while_the_operator_is_silent(rich, simulators, wallet):
    ask(rich, 3)
    fall_silent(wallet, simulators)

    assert ask(rich)[0].status == "requested"


def test_silence_dates_from_the_first_call_without_an_answer(rich, simulators, wallet):
    ask(rich, 3)
    simulators.wallet.mode = "dark"
    with time_machine.travel(clock.now(), tick=False) as hands:
        first = clock.now()
        for _ in range(3):
            send(wallet)
            hands.shift(60)
        assert dark_since() == first
        assert Outage.objects.get().began_at == first


def test_an_answer_between_silences_forgets_them(rich, simulators, wallet):
    ask(rich, 5)
    for mode in ("dark", "dark", "ok"):
        simulators.wallet.mode = mode
        send(wallet)

    assert (breaker().status, breaker().failures, breaker().failing_since) == ("closed", 0, None)
    assert not is_dark()


def test_the_refusal_of_a_person_is_an_answer(rich, simulators, wallet):
    rich.number = "blocked-9"
    rich.save(update_fields=["number"])
    ask(rich, 5)

    assert send(wallet) == 5
    assert breaker().status == "closed"
    assert set(Payout.objects.values_list("status", flat=True)) == {"refused"}


def test_a_silent_operator_is_tried_with_one_inquiry_and_pauses_longer(rich, simulators, wallet):
    ask(rich, 9)
    fall_silent(wallet, simulators)
    with time_machine.travel(clock.now() + timedelta(minutes=1), tick=False) as hands:
        for tries in (1, 2, 3):
            assert send(wallet) == 0
            assert (breaker().status, breaker().tries) == ("open", tries)
            pause = breaker().next_try_at - clock.now()
            whole = timedelta(seconds=30) * 2**tries
            assert whole / 2 <= pause <= whole
            hands.move_to(breaker().next_try_at)
        assert counts() == {"requested": 6, "unknown": 3, "paid": 0}
        assert Outage.objects.get().tries == 3


def test_the_first_answer_lets_everything_go_on(rich, simulators, wallet):
    ask(rich, 9)
    fall_silent(wallet, simulators, "timeout_after_success")
    simulators.wallet.mode = "ok"
    with time_machine.travel(breaker().next_try_at, tick=False):
        send(wallet)
        resolve_unknown(in_force(), wallet=wallet, by=JOB)

    assert counts() == {"requested": 0, "unknown": 0, "paid": 9}
    assert len(simulators.wallet._book) == 9
    assert breaker().status == "closed"
    assert Outage.objects.get().ended_at is not None
    assert not is_dark()


def test_an_operator_that_owes_nothing_is_only_greeted(rich, simulators, wallet):
    ask(rich, 3)
    fall_silent(wallet, simulators)
    Payout.objects.update(status="refused")
    simulators.wallet.mode = "ok"
    with time_machine.travel(breaker().next_try_at, tick=False):
        assert send(wallet) == 0

    assert breaker().status == "closed"
    assert simulators.wallet._book == {}


def test_staff_pause_and_resume_with_a_reason(rich, simulators, wallet, make_staff, queued):
    officer = make_staff("finance_officer")
    ask(rich, 3)
    pause_operator(in_force(), why="wrong amounts reported", by=officer)

    assert send(wallet) == 0
    assert is_dark()
    assert dark_since() == breaker().since
    assert Outage.objects.get().cause == "pause"
    with pytest.raises(IllegalMove):
        pause_operator(in_force(), why="again", by=officer)
    resume_operator(in_force(), why="corrected", by=officer)
    assert send(wallet) == 3
    assert breaker().status == "closed"
    said = AuditEvent.objects.filter(subject=f"points.breaker:{breaker().pk}", verb="paused")
    assert said.get().detail["why"] == "wrong amounts reported"


def test_all_workers_together_keep_to_the_rate_of_a_minute(rich, wallet):
    Operator.objects.update(per_minute=4)
    ask(rich, 9)
    with time_machine.travel("2026-11-22 12:00:30+09:00", tick=False) as hands:
        Payout.objects.update(next_at=clock.now())
        sent = [send(wallet), send(wallet)]
        hands.shift(30)
        sent += [send(wallet), send(wallet)]

    assert sent == [4, 0, 4, 0]


def test_a_try_whose_worker_died_is_taken_over(rich, simulators, wallet):
    ask(rich, 3)
    fall_silent(wallet, simulators)
    simulators.wallet.mode = "ok"
    with time_machine.travel(breaker().next_try_at, tick=False) as hands:
        assert partner_health.take_try(in_force(), by=JOB)
        assert not partner_health.take_try(in_force(), by=JOB)
        hands.shift(partner_health.TRY_LASTS)
        assert partner_health.take_try(in_force(), by=JOB)


def test_nobody_is_paid_between_two_operators():
    now = clock.now()
    Operator.objects.update(ends_at=now - timedelta(hours=3))

    assert is_dark()
    assert dark_since() == now - timedelta(hours=3)


def test_a_late_silence_does_not_lengthen_the_pause(rich, simulators, wallet):
    ask(rich, 3)
    fall_silent(wallet, simulators)
    before = breaker().next_try_at
    partner_health.note_silence(in_force(), why="late", by=JOB)

    assert breaker().next_try_at == before
    assert sending.claim_due(in_force(), by=JOB) is None


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("a_silent_operator_is_tried_again", {"status": "open"}),
        ("a_pause_has_its_reason", {"status": "paused"}),
    ],
)
def test_the_database_keeps_breakers_in_shape(name, changes):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Breaker.objects.update(**changes)


def test_the_database_keeps_outages_in_shape():
    now, operator = clock.now(), in_force()
    Outage.objects.create(operator=operator, cause="silence", began_at=now)
    for name, terms in (
        ("one_outage_at_a_time", {"ended_at": None}),
        ("an_outage_ends_after_it_begins", {"ended_at": now - timedelta(hours=1)}),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Outage.objects.create(operator=operator, cause="silence", began_at=now, **terms)
