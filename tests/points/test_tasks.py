import uuid
from datetime import timedelta

import pytest
import time_machine

from points import tasks
from points.models import Payout, Proof, Reconciliation, Settlement, Transfer
from points.services.payouts import request_payout
from points.services.settlement import plan_settlement
from seoul_health.core import clock
from tests.conftest import JOB
from tests.points.builders import ERA, balance, give, walk

pytestmark = pytest.mark.django_db


@pytest.fixture
def partner(simulators, settings):
    settings.WALLETS = {"seoulpay": (f"{simulators.url}/wallet", settings.WALLET_SECRET)}
    return simulators.wallet


def test_payouts_are_sent_and_the_silent_ones_resolved(saver, partner):
    request_payout(saver, amount=5_000, key=uuid.uuid4())
    partner.mode = "5xx_after_success"
    tasks.send_due_payouts()
    partner.mode = "ok"
    Payout.objects.update(next_at=clock.now() - timedelta(seconds=1))
    tasks.resolve_unknown_payouts()

    assert Payout.objects.get().status == "paid"


def test_one_payout_can_be_asked_about_at_once(saver, partner):
    payout = request_payout(saver, amount=5_000, key=uuid.uuid4())
    partner.mode = "5xx_after_success"
    tasks.send_due_payouts()
    partner.mode = "ok"
    tasks.ask_payout(payout.pk)
    tasks.ask_payout(payout.pk)

    assert Payout.objects.get().status == "paid"


@time_machine.travel(f"{ERA + timedelta(days=9)} 02:00+09:00", tick=False)
def test_the_nights_go_over_every_day_late_records_may_change(walker):
    for n in range(1, 10):
        walk(walker, ERA + timedelta(days=9 - n), 8_000)
    tasks.settle_yesterday()
    tasks.settle_last_week()

    assert Settlement.objects.filter(kind="day", status="done").count() == 8
    assert balance(walker) == 8 * 100 + 500
    tasks.settle_yesterday()
    assert Settlement.objects.filter(posted__gt=0, kind="day").count() == 8


def test_a_sweep_left_running_is_taken_up_again(walker, queued, django_capture_on_commit_callbacks):
    walk(walker, ERA, 8_000)
    run = plan_settlement("day", ERA, by=JOB)
    with django_capture_on_commit_callbacks(execute=True):
        tasks.resume_settlements()
    tasks.run_settlement(run.pk)

    assert queued == [("points.run_settlement", run.pk)]
    assert Settlement.objects.get().posted == 1


def test_yesterday_is_reconciled_proved_and_old_points_expire(walker, partner):
    give(walker, 100, clock.today() - timedelta(days=500))
    tasks.reconcile_yesterday()
    tasks.expire_points()
    tasks.prove_points()

    assert Reconciliation.objects.get().day == clock.today() - timedelta(days=1)
    assert Transfer.objects.get(reason="expiry").amount == 100
    assert Proof.objects.get().ok
