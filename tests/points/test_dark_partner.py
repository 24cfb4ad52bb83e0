"""A wallet operator that is dark for eight days loses nothing and pays nobody twice."""

import os
import uuid
from collections import Counter
from datetime import timedelta

import pytest
import time_machine

from points.models import Difference, Operator, Outage, Payout, Pot, Reason, Transfer
from points.services import ledger, partner_health
from points.services.accounts import pot, purse_of
from points.services.operators import in_force
from points.services.payouts import request_payout
from points.services.pots import pot_sums
from points.services.proof import prove
from points.services.reconciliation import reconcile
from points.services.sending import resolve_unknown, send_due_payouts
from seoul_health.core import clock
from tests.conftest import JOB
from tests.points.builders import balance

pytestmark = pytest.mark.django_db

DAYS = 8
A_DAY = int(os.environ.get("DARK_PAYOUTS_A_DAY", "40"))  # 360 in all; thousands at leisure.
PRICE = 5_000
PER_MINUTE = A_DAY // 2
MOODS = ("timeout_after_success", "5xx_after_success", "5xx", "dark")


@pytest.fixture
def people(make_participant):
    made = [make_participant() for _ in range(10)]
    for person in made:
        ledger.post(
            f"gift:{person.pk}",
            source=pot(Pot.COMPENSATION),
            target=purse_of(person),
            amount=PRICE * (DAYS + 2) * A_DAY // 10,
            reason=Reason.COMPENSATION,
            business_date=clock.today(),
        )
    return made


def ask(people, count):
    for number in range(count):
        request_payout(people[number % len(people)], amount=PRICE, key=uuid.uuid4())


def work(wallet):
    """What beat does again and again."""
    operator = in_force()
    return send_due_payouts(operator, wallet=wallet, by=JOB), resolve_unknown(
        operator, wallet=wallet, by=JOB
    )


def test_eight_dark_days(people, simulators, wallet):
    Operator.objects.update(per_minute=PER_MINUTE)
    with time_machine.travel("2026-04-15 00:00+09:00", tick=False) as hands:
        # The last evening: the operator fails in every way it can.
        ask(people, A_DAY)
        Payout.objects.update(next_at=clock.now())
        work(wallet)
        assert Payout.objects.filter(status="paid").count() == PER_MINUTE
        for mood in MOODS:
            simulators.wallet.mode = mood
            hands.shift(60)
            work(wallet)
        for _minute in range(3):
            hands.shift(60)
            work(wallet)
        began = Outage.objects.get().began_at
        settled = Payout.objects.filter(status="paid").count()
        assert PER_MINUTE <= settled <= PER_MINUTE + len(MOODS)

        # Eight days without a word: citizens go on asking, workers go on trying.
        for _day in range(DAYS):
            ask(people, A_DAY)
            for _hour in range(24):
                hands.shift(3600)
                work(wallet)
            assert partner_health.dark_since() == began
        unsettled = Counter(Payout.objects.values_list("status", flat=True))
        assert unsettled["paid"] == settled
        assert unsettled["unknown"] <= 8
        assert sum(unsettled.values()) == (DAYS + 1) * A_DAY
        tries = Outage.objects.get().tries
        assert tries >= DAYS * 24

        # It comes back, and what waited goes out at the rate it can bear.
        simulators.wallet.mode = "ok"
        hands.shift(3600)
        minutes = drain(wallet, hands)
        waited = (DAYS + 1) * A_DAY - settled
        assert minutes >= (waited - unsettled["unknown"]) // PER_MINUTE

        today = clock.today()
        days = [today - timedelta(days=back) for back in range(DAYS + 1, -1, -1)]
        runs = [reconcile(day, in_force(), wallet=wallet, by=JOB) for day in days]
        check_everybody_was_paid_once(people, simulators, runs)


def drain(wallet, hands):
    """Work minute by minute until nothing waits; no minute goes above the rate."""
    minutes = 0
    while Payout.objects.open().exists():
        before = Payout.objects.filter(status="paid").count()
        work(wallet)
        work(wallet)
        paid = Payout.objects.filter(status="paid").count() - before
        # What had been paid in silence is found by asking, which is no payment.
        assert paid <= PER_MINUTE + 8
        hands.shift(60)
        minutes += 1
        assert minutes < 60
    return minutes


def check_everybody_was_paid_once(people, simulators, runs):
    asked = (DAYS + 1) * A_DAY
    book = simulators.wallet._book
    assert set(Payout.objects.values_list("status", flat=True)) == {"paid"}
    assert set(Payout.objects.values_list("reference", flat=True)) == set(book)
    assert len(book) == asked == Payout.objects.count()
    assert sum(payment.amount for payment in book.values()) == asked * PRICE
    assert Transfer.objects.filter(reason="payout_paid").count() == asked
    assert Transfer.objects.filter(reason="payout_refused").count() == 0
    assert {balance(person) for person in people} == {PRICE * A_DAY // 10}
    pots = pot_sums()
    assert (pots["payouts-in-transit"], pots["paid-out"]) == (0, asked * PRICE)
    assert all(run.is_clean for run in runs)
    assert sum(run.matched for run in runs) == asked
    assert sum(run.their_total for run in runs) == asked * PRICE
    assert not Difference.objects.exists()
    assert Outage.objects.get().ended_at is not None
    assert not partner_health.is_dark()
    assert prove(by=JOB).ok
