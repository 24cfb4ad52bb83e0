import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from points.errors import BelowMinimum, NotEnoughPoints, NotVerified, PostingKeyReused
from points.models import Payout, Transfer
from points.services import sending
from points.services.operators import in_force
from points.services.payouts import next_pause, request_payout
from points.services.sending import resolve_unknown, send_due_payouts
from points.services.settlement import pot_sums
from seoul_health.core import clock
from seoul_health.core.models import AuditEvent
from tests.conftest import JOB
from tests.points.builders import balance, give

pytestmark = pytest.mark.django_db


def ask(saver, amount=5_000, key=None):
    return request_payout(saver, amount=amount, key=key or uuid.uuid4())


def send(wallet):
    return send_due_payouts(in_force(), wallet=wallet, by=JOB)


def resolve(wallet):
    Payout.objects.update(next_at=clock.now() - timedelta(seconds=1))
    return resolve_unknown(in_force(), wallet=wallet, by=JOB)


def state(saver):
    pots = pot_sums()
    return (
        Payout.objects.get().status,
        balance(saver),
        pots["payouts-in-transit"],
        pots["paid-out"],
    )


def paid_by(simulators):
    return [payment.amount for payment in simulators.wallet._book.values()]


def test_points_are_set_aside_when_a_payout_is_asked_for(
    saver, queued, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        payout = ask(saver)

    assert state(saver) == ("requested", 15_000, 5_000, 0)
    assert queued == [("points.send_due_payouts",)]
    assert AuditEvent.objects.get(subject=f"points.payout:{payout.pk}").verb == "requested"


def test_the_same_key_asks_once(saver):
    key = uuid.uuid4()

    assert ask(saver, key=key) == ask(saver, key=key)
    assert balance(saver) == 15_000


def test_the_same_key_for_another_amount_is_refused(saver):
    key = uuid.uuid4()
    ask(saver, key=key)

    with pytest.raises(PostingKeyReused):
        ask(saver, 6_000, key=key)

    assert balance(saver) == 15_000


@pytest.mark.parametrize(
    ("amount", "refusal"), [(4_999, BelowMinimum), (20_001, NotEnoughPoints), (-1, BelowMinimum)]
)
def test_a_payout_outside_its_limits_is_refused(saver, amount, refusal):
    with pytest.raises(refusal):
        ask(saver, amount)

    assert balance(saver) == 20_000
    assert not Payout.objects.exists()


def test_points_of_the_unverified_are_not_payable(make_participant):
    person = make_participant(verified=False)
    give(person, 9_000)

    with pytest.raises(NotVerified):
        ask(person)

    assert balance(person) == 9_000


def test_a_payout_is_paid_once(saver, simulators, wallet):
    ask(saver)

    assert (send(wallet), send(wallet)) == (1, 0)
    assert state(saver) == ("paid", 15_000, 0, 5_000)
    assert paid_by(simulators) == [5_000]
    payout = Payout.objects.get()
    assert payout.receipt_no == "A000000000001"
    assert payout.attempts == 1


def test_a_definite_no_gives_the_points_back(saver, simulators, wallet):
    saver.number = "blocked-1"
    saver.save(update_fields=["number"])
    ask(saver)
    send(wallet)

    assert state(saver) == ("refused", 20_000, 0, 0)
    assert Payout.objects.get().refusal == "member_blocked"
    assert paid_by(simulators) == []


@pytest.mark.parametrize("mood", ["timeout_after_success", "5xx_after_success", "dark", "5xx"])
def test_silence_is_unknown_and_keeps_the_points_aside(saver, simulators, wallet, mood):
    ask(saver)
    simulators.wallet.mode = mood
    send(wallet)

    assert state(saver) == ("unknown", 15_000, 5_000, 0)
    assert send(wallet) == 0


@pytest.mark.parametrize("mood", ["timeout_after_success", "5xx_after_success", "dark", "5xx"])
def test_an_inquiry_resolves_silence_and_pays_once(saver, simulators, wallet, mood):
    ask(saver)
    simulators.wallet.mode = mood
    send(wallet)
    simulators.wallet.mode = "ok"

    assert resolve(wallet) == 1
    assert state(saver) == ("paid", 15_000, 0, 5_000)
    assert paid_by(simulators) == [5_000]


def test_a_payout_without_an_answer_is_asked_about_less_and_less_often():
    lows = [next_pause(attempts) for attempts in range(1, 12)]

    for attempts, pause in enumerate(lows, start=1):
        whole = min(timedelta(seconds=30) * 2**attempts, timedelta(hours=1))
        assert whole / 2 <= pause <= whole


def test_a_dark_partner_leaves_the_rest_of_the_queue_alone(saver, simulators, wallet):
    ask(saver)
    ask(saver)
    simulators.wallet.mode = "dark"

    assert send(wallet) == 1
    assert sorted(Payout.objects.values_list("status", flat=True)) == ["requested", "unknown"]


def test_a_worker_that_died_after_claiming_leaves_an_unknown(saver, simulators, wallet):
    ask(saver)
    sending.claim_due(in_force(), by=JOB)
    Payout.objects.update(claimed_at=clock.now() - timedelta(minutes=3))
    sending.release_abandoned(in_force(), by=JOB)
    assert state(saver)[0] == "unknown"

    resolve(wallet)

    assert state(saver) == ("paid", 15_000, 0, 5_000)


def test_a_contradiction_waits_for_a_person(saver, simulators, wallet):
    payout = ask(saver)
    wallet.pay(payout.reference, 9_000, "somebody")
    send(wallet)

    assert state(saver) == ("unknown", 15_000, 5_000, 0)
    assert Payout.objects.get().problem == "duplicate_mismatch"
    assert resolve(wallet) == 0


def test_an_inquiry_with_another_amount_waits_for_a_person(saver, simulators, wallet):
    payout = ask(saver)
    simulators.wallet.mode = "dark"
    send(wallet)
    simulators.wallet.mode = "ok"
    wallet.pay(payout.reference, 9_000, "somebody")
    resolve(wallet)

    assert state(saver) == ("unknown", 15_000, 5_000, 0)
    assert Payout.objects.get().problem == "other_amount"


def test_a_partner_that_says_everything_twice_is_paid_once(saver, simulators, wallet):
    ask(saver)
    simulators.wallet.mode = "duplicate"
    send(wallet)

    assert state(saver) == ("paid", 15_000, 0, 5_000)


def violates(name, act):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        act()


def test_the_database_keeps_payouts_in_shape(saver):
    ask(saver)

    violates("a_paid_payout_has_its_receipt", lambda: Payout.objects.update(status="paid"))
    violates("a_paid_payout_has_its_receipt", lambda: Payout.objects.update(paid_at=clock.now()))
    violates("a_payout_pays_something", lambda: Payout.objects.update(amount=0))
    assert Transfer.objects.count() == 2
