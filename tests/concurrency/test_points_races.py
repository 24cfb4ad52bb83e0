"""Money raced on separate connections: the database decides, and it decides once."""

import itertools
import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection, transaction

from devices.models import DaySteps
from devices.services.walking import day_totals
from points.models import Account, Award, LotUse, Payout, Pot, Transfer
from points.services import expiry, ledger, settlement
from points.services.accounts import pot, purse_of
from points.services.awards import judge_days
from points.services.due import ask_day
from points.services.operators import in_force
from points.services.payouts import request_payout
from points.services.proof import prove
from points.services.rulebook import read_rulebook
from points.services.sending import claim_due
from points.services.settlement import plan_settlement, settle, settle_chunk, settle_day
from points.services.syncs import sync_steps
from seoul_health.core import clock
from tests.conftest import JOB
from tests.points.builders import (
    ERA,
    balance,
    give,
    sample,
    take_part,
    upload,
    walk,
)
from tests.race import race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.serial]


@pytest.fixture
def walker(make_participant):
    participant = make_participant()
    take_part(participant)
    return participant


def pay(walker, key, amount):
    return ledger.post(
        key,
        source=purse_of(walker),
        target=pot(Pot.IN_TRANSIT),
        amount=amount,
        reason="payout",
        business_date=ERA,
    )


def test_a_balance_is_not_spent_twice(walker):
    give(walker, 5_000)
    keys = itertools.count()

    assert race(lambda: pay(walker, f"k{next(keys)}", 5_000), runners=4) == [
        "NotEnoughPoints", "NotEnoughPoints", "NotEnoughPoints", "ok",
    ]  # fmt: skip
    assert balance(walker) == 0


def test_one_key_raced_moves_points_once(walker):
    give(walker, 5_000)

    assert race(lambda: pay(walker, "k", 2_000), runners=4) == ["ok"] * 4
    assert balance(walker) == 3_000
    assert Transfer.objects.filter(key="k").count() == 1


def test_one_purse_is_opened_for_one_person(walker):
    assert race(lambda: purse_of(walker), runners=4) == ["ok"] * 4
    assert Account.objects.filter(participant=walker).count() == 1


def test_two_payouts_at_once_cannot_take_more_than_there_is(walker):
    give(walker, 8_000)

    outcomes = race(lambda: request_payout(walker, amount=5_000, key=uuid.uuid4()))
    assert outcomes == ["NotEnoughPoints", "ok"]
    assert balance(walker) == 3_000
    assert Payout.objects.count() == 1


def test_one_payout_asked_for_twice_at_once_is_one(walker):
    give(walker, 20_000)
    key = uuid.uuid4()

    assert race(lambda: request_payout(walker, amount=5_000, key=key), runners=3) == ["ok"] * 3
    assert Payout.objects.count() == 1
    assert balance(walker) == 15_000


def test_one_payout_is_claimed_by_one_worker(walker):
    give(walker, 8_000)
    request_payout(walker, amount=5_000, key=uuid.uuid4())
    claims = []

    assert race(lambda: claims.append(claim_due(in_force(), by=JOB)), runners=4) == ["ok"] * 4
    assert [claim is None for claim in claims].count(False) == 1


def test_a_sync_and_a_sweep_award_one_day_once(walker):
    walk(walker, ERA, 8_000)
    acts = [lambda: judge_days(walker, [ERA], by=JOB), lambda: settle_day(ERA, by=JOB)] * 2
    acts[3] = acts[0]

    assert race(lambda: acts.pop()(), runners=4) == ["ok"] * 4
    assert balance(walker) == 100
    assert Award.objects.count() == 1


def test_two_days_raced_do_not_pass_the_limit_together(walker):
    give(walker, 1)
    from tests.points.test_awards import fill

    fill(walker, 50, points=1_249)  # 62,450 of 62,500.
    for n in range(4):
        walk(walker, ERA + timedelta(days=n), 8_000)
    days = [ERA + timedelta(days=n) for n in range(4)]
    acts = [
        lambda: settle_day(days[0], by=JOB),
        lambda: judge_days(walker, [days[1]], by=JOB),
        lambda: settle_day(days[2], by=JOB),
        lambda: judge_days(walker, [days[3]], by=JOB),
    ]

    assert race(lambda: acts.pop()(), runners=4) == ["ok"] * 4
    assert balance(walker) == 62_501
    late = Award.objects.filter(period__gte=ERA).values_list("points", flat=True)
    assert sorted(late) == [0, 0, 0, 50]


def test_two_sources_at_once_are_judged_on_both(walker):
    today = clock.today() - timedelta(days=1)
    uploads = [
        upload(sample(today, 5_000, hour=6), source="phone"),
        upload(sample(today, 5_000, hour=12), source="watch"),
    ]

    assert race(lambda: sync_steps(walker, uploads.pop())) == ["ok", "ok"]
    assert day_totals(walker, [today]) == {today: 10_000}
    assert balance(walker) == 100


def test_one_batch_sent_at_once_from_everywhere_counts_once(walker):
    sent = upload(sample(clock.today() - timedelta(days=1), 8_000))
    receipts = []

    outcomes = race(
        lambda: receipts.append(sync_steps(walker, sent).received.receipt_no), runners=4
    )
    assert outcomes == ["ok"] * 4
    assert len(set(receipts)) == 1
    assert DaySteps.objects.count() == 1
    assert balance(walker) == 100


def test_workers_share_one_sweep(walker, make_participant, monkeypatch):
    people = [walker, *(make_participant() for _ in range(11))]
    for person in people[1:]:
        take_part(person)
    for person in people:
        walk(person, ERA, 8_000)
    monkeypatch.setattr(settlement, "PEOPLE_PER_CHUNK", 2)
    run = plan_settlement("day", ERA, by=JOB)

    assert race(lambda: settle(run, by=JOB), runners=3) == ["ok"] * 3
    run.refresh_from_db()
    assert (run.status, run.posted, run.points) == ("done", 12, 1_200)
    assert prove(by=JOB).ok


def test_a_range_whose_worker_died_is_settled_by_another(walker):
    walk(walker, ERA, 8_000)
    run = plan_settlement("day", ERA, by=JOB)
    died = threading.Thread(target=die_in_the_middle, args=(run,))
    died.start()
    died.join()
    assert (balance_or_none(walker), run.chunks.filter(done_at=None).count()) == (None, 1)

    assert settle(run, by=JOB).posted == 1


def die_in_the_middle(run):
    with transaction.atomic():
        settle_chunk(run, ask_day(read_rulebook(), ERA))
        connection.connection.close()  # As the server sees a killed worker.
        transaction.set_rollback(True)


def balance_or_none(walker):
    return Account.objects.filter(participant=walker).values_list("balance", flat=True).first()


def test_two_spends_at_once_use_no_lot_twice(walker):
    for n in range(4):
        give(walker, 2_500, ERA + timedelta(days=n))
    keys = itertools.count()

    assert race(lambda: pay(walker, f"k{next(keys)}", 2_000), runners=5) == ["ok"] * 5
    left = {
        lot.pk: lot.amount - sum(lot.uses.values_list("amount", flat=True))
        for lot in Transfer.objects.filter(target=purse_of(walker))
    }
    assert set(left.values()) == {0}
    assert balance(walker) == 0


def test_uses_written_past_the_ledger_at_once_do_not_pass_what_a_lot_holds(walker):
    lot = give(walker, 1_000)
    spends = [
        Transfer.objects.create(
            key=f"raw:{n}", source=purse_of(walker), target=pot(Pot.FUND), amount=600,
            reason="reversal", business_date=ERA,
        )
        for n in range(4)
    ]  # fmt: skip

    outcomes = race(
        lambda: LotUse.objects.create(transfer=spends.pop(), lot=lot, amount=600), runners=4
    )
    assert outcomes == ["IntegrityError"] * 3 + ["ok"]


def test_workers_share_one_expiry_and_no_lot_expires_twice(make_participant, monkeypatch):
    monkeypatch.setattr(expiry, "PURSES_PER_CHUNK", 2)
    people = [make_participant() for _ in range(6)]
    for person in people:
        give(person, 300, ERA - timedelta(days=500))

    assert race(lambda: expiry.expire_points(by=JOB), runners=3) == ["ok"] * 3
    assert [balance(person) for person in people] == [0] * 6
    assert Transfer.objects.filter(reason="expiry").count() == 6
    assert prove(by=JOB).gaps == {}


def test_points_are_paid_out_or_expire_and_never_both(walker):
    give(walker, 5_000, ERA - timedelta(days=500))
    acts = [
        lambda: expiry.expire_points(by=JOB),
        lambda: request_payout(walker, amount=5_000, key=uuid.uuid4()),
    ]

    race(lambda: acts.pop()())
    assert balance(walker) == 0
    assert Transfer.objects.filter(source=purse_of(walker)).count() == 1
    assert prove(by=JOB).gaps == {}
