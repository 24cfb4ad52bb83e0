import json
import uuid
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from points.models import Account, Award, Payout, Proof, Transfer
from points.services.awards import judge_days
from points.services.operators import in_force
from points.services.payouts import refuse_payout, request_payout
from points.services.proof import prove
from points.services.sending import send_due_payouts
from points.services.settlement import settle_day
from seoul_health.core import clock
from tests.conftest import JOB
from tests.points.builders import ERA, give, take_part, walk

pytestmark = pytest.mark.django_db
AT_ONCE = timedelta(0)
UNGUARDED = """
DO $$ DECLARE tie record; guarded text; BEGIN
    FOREACH guarded IN ARRAY ARRAY[
        'points_transfer', 'points_award', 'points_payout', 'points_lotuse'
    ] LOOP
        EXECUTE format('ALTER TABLE %I DISABLE TRIGGER USER', guarded);
        FOR tie IN SELECT conname, conrelid::regclass AS owner FROM pg_constraint
            WHERE contype = 'f' AND guarded::regclass IN (conrelid, confrelid) LOOP
            EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', tie.owner, tie.conname);
        END LOOP;
    END LOOP;
END $$
"""


@pytest.fixture
def city(walker, wallet, make_participant):
    """Days, a week, a limit, a gift and payouts paid, refused and open."""
    with time_machine.travel(f"{ERA + timedelta(days=9)} 12:00+09:00", tick=False):
        for n in (0, 1, 2, 3, 5):
            walk(walker, ERA + timedelta(days=n), 8_000)
        judge_days(walker, [ERA + timedelta(days=n) for n in range(6)], by=JOB)
    give(walker, 30_000)
    request_payout(walker, amount=5_000, key=uuid.uuid4())
    send_due_payouts(in_force(), wallet=wallet, by=JOB)
    refused = request_payout(walker, amount=6_000, key=uuid.uuid4())
    refused.move("sending", by=JOB, claimed_at=clock.now())
    refuse_payout(refused, by=JOB, code="blocked")
    request_payout(walker, amount=7_000, key=uuid.uuid4())
    other = make_participant()
    take_part(other)
    walk(other, ERA, 100)
    return walker


def gaps():
    return prove(by=JOB, settled_for=AT_ONCE).gaps


def meddle(statement, *values):
    """Change what nobody may change, as the owner of the tables could."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(UNGUARDED)
        cursor.execute(statement, values)


def test_a_city_in_order_is_proved(city):
    proof = prove(by=JOB)

    assert (proof.ok, proof.gaps) == (True, {})
    assert proof.counts["goal_days"] == 5
    assert proof.counts["awards"] == 6
    assert proof.counts["points_in_purses"] == 1_000 + 30_000 - 5_000 - 7_000
    assert proof.counts["pots"]["payouts-in-transit"] == 7_000
    assert len(proof.root_hash) == 64


def test_the_same_book_has_the_same_root_and_one_more_transfer_another(city):
    first, second = prove(by=JOB).root_hash, prove(by=JOB).root_hash
    give(city, 1)

    assert first == second != prove(by=JOB).root_hash


def test_a_growing_book_keeps_its_sealed_history(city):
    gaps()
    give(city, 1)

    assert gaps() == {}


def test_a_deleted_transfer_is_found(city):
    gaps()
    meddle("DELETE FROM points_transfer WHERE reason = 'walking_week'")

    assert gaps() == {
        "awards_without_their_transfer": 1,
        "wrong_balances": 1,
        "purses_that_differ_from_their_lots": 1,
        "total_is_not_zero": 500,
        "history_changed": 1,
    }


def test_an_edited_amount_is_found(city):
    gaps()
    meddle("UPDATE points_transfer SET amount = 600 WHERE reason = 'walking_week'")

    assert gaps() == {
        "awards_without_their_transfer": 1,
        "wrong_balances": 1,
        "purses_that_differ_from_their_lots": 1,
        "total_is_not_zero": 100,
        "history_changed": 1,
    }


def test_an_edited_amount_with_its_traces_covered_is_found_by_the_seal(city):
    gaps()
    meddle("UPDATE points_transfer SET amount = amount + 1 WHERE reason = 'compensation'")
    meddle("UPDATE points_account SET balance = balance + 1 WHERE kind = 'purse'")

    assert gaps() == {"history_changed": 1}


def test_a_missing_award_is_found(city):
    walk(city, ERA + timedelta(days=14), 9_000)

    assert gaps() == {"days_without_award": 1}

    settle_day(ERA + timedelta(days=14), by=JOB)
    assert gaps() == {}


def test_a_missing_weekly_bonus_is_found(city):
    meddle("DELETE FROM points_award WHERE item = 'walking_week'")

    assert gaps() == {"weeks_without_award": 1, "transfers_without_their_award": 1}


def test_an_award_without_its_day_is_found(city):
    meddle("UPDATE devices_daysteps SET steps = 7999 WHERE activity_date = %s", ERA)

    assert gaps() == {"awards_without_day": 2}


def test_a_double_award_is_found(city):
    second = take_part(city, status="completed")
    award = Award.objects.filter(item="walking_day").earliest("period")
    transfer = award.transfer
    transfer.pk, transfer.key = None, "award:again"
    transfer.save(force_insert=True)
    award.pk, award.participation, award.transfer = None, second, transfer
    award.save(force_insert=True)
    Account.objects.purses().filter(participant=city).update(balance=19_100)

    assert gaps() == {"awarded_twice": 1}


def test_points_of_no_award_are_found(city):
    purse = Account.objects.get(participant=city)
    fund = Account.objects.get(code="programme-fund")
    Transfer.objects.create(
        key="x", source=fund, target=purse, amount=5, reason="walking_day", business_date=ERA
    )
    Account.objects.filter(pk=purse.pk).update(balance=purse.balance + 5)

    assert gaps() == {"transfers_without_their_award": 1}


def test_a_wrong_balance_is_found(city):
    Account.objects.filter(participant=city).update(balance=1)

    assert gaps() == {
        "wrong_balances": 1,
        "purses_that_differ_from_their_lots": 1,
        "total_is_not_zero": 18_999,
    }


def test_a_payout_without_its_transfer_is_found(city):
    meddle("UPDATE points_payout SET transfer_id = 0 WHERE status = 'requested'")

    assert gaps() == {"payouts_without_their_transfer": 1, "transfers_without_their_payout": 1}


def test_a_payout_that_vanished_is_found(city):
    meddle("DELETE FROM points_payout WHERE status = 'requested'")

    assert gaps() == {
        "transfers_without_their_payout": 1,
        "points_in_transit_without_a_payout": 7_000,
    }


def test_a_payout_marked_paid_by_hand_is_found(city):
    meddle(
        "UPDATE points_payout SET status = 'paid', paid_at = now(), receipt_no = 'x'"
        " WHERE status = 'requested'"
    )

    assert gaps() == {
        "payouts_not_booked_as_they_ended": 1,
        "points_in_transit_without_a_payout": 7_000,
    }


def test_the_command_prints_counts_and_the_root_hash(city):
    out = StringIO()
    call_command("prove_points", stdout=out)

    assert "proved" in out.getvalue()
    assert Proof.objects.get().root_hash in out.getvalue()


def test_the_command_fails_on_a_gap(city):
    Account.objects.filter(participant=city).update(balance=1)
    out = StringIO()

    with pytest.raises(SystemExit) as end:
        call_command("prove_points", stdout=out)

    assert end.value.code == 1
    assert "NOT PROVED" in out.getvalue()
    assert "wrong_balances" in out.getvalue()


def test_a_proof_cannot_be_changed(city):
    prove(by=JOB)

    with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
        Proof.objects.update(ok=True)

    assert json.dumps(Proof.objects.get().counts)
    assert Payout.objects.count() == 3
