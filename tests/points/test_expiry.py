import random
import uuid
from datetime import date, timedelta

import pytest

from points.models import Account, Payout, Transfer
from points.rules.expiry import Lot, expiring
from points.services.expiry import cutoff_of, expire_points, expiring_soon, preview_expiry
from points.services.payouts import refuse_payout, request_payout
from points.services.settlement import pot_sums
from seoul_health.core import clock
from tests.conftest import JOB
from tests.points.builders import balance, give

pytestmark = pytest.mark.django_db
TODAY = date(2026, 7, 1)


def expire():
    return expire_points(by=JOB, day=TODAY)


def test_points_older_than_their_validity_expire(walker):
    give(walker, 300, date(2025, 6, 30))
    give(walker, 200, date(2025, 7, 1))

    assert cutoff_of(TODAY) == date(2025, 6, 30)
    assert expire() == (1, 300)
    assert balance(walker) == 200
    assert pot_sums()["expired"] == 300


def test_expiring_again_takes_nothing_more(walker):
    give(walker, 300, date(2025, 6, 30))
    expire()

    assert expire() == (0, 0)


def test_the_preview_says_what_will_be_taken_and_takes_nothing(walker):
    give(walker, 300, date(2025, 6, 30))
    preview = preview_expiry(TODAY)

    assert (preview.purses, preview.points) == (1, 300)
    assert balance(walker) == 300


def test_what_was_spent_came_out_of_the_oldest_points(walker):
    give(walker, 6_000, date(2025, 6, 30))
    give(walker, 6_000, date(2025, 12, 1))
    request_payout(walker, amount=5_500, key=uuid.uuid4())

    assert expire() == (1, 500)
    assert balance(walker) == 6_000


def test_points_given_back_by_a_refusal_are_as_old_as_before(walker):
    give(walker, 6_000, date(2025, 6, 30))
    payout = request_payout(walker, amount=6_000, key=uuid.uuid4())
    payout.move("sending", by=JOB)
    assert expire() == (0, 0)
    refuse_payout(payout, by=JOB, code="blocked")

    assert expire() == (1, 6_000)
    assert balance(walker) == 0


def test_nothing_expires_while_the_partner_is_down(walker):
    give(walker, 12_000, date(2025, 6, 30))
    request_payout(walker, amount=5_000, key=uuid.uuid4())
    Payout.objects.update(requested_at=clock.now() - timedelta(hours=2))

    assert expire() == (0, 0)
    assert balance(walker) == 7_000


@pytest.mark.parametrize("seed", range(6))
def test_the_sweep_and_the_pure_rule_agree(make_participant, seed):
    dice = random.Random(seed)
    expected = {}
    for _ in range(6):
        person, lots, spent = make_participant(), [], 0
        for _ in range(dice.randrange(1, 6)):
            lot = Lot(
                TODAY - timedelta(days=dice.randrange(200, 600)), dice.randrange(3_000, 9_000)
            )
            give(person, lot.amount, lot.earned_on)
            lots.append(lot)
        if sum(lot.amount for lot in lots) > 10_000:
            spent = dice.randrange(5_000, 10_000)
            request_payout(person, amount=spent, key=uuid.uuid4())
        due = expiring(lots, spent, cutoff=cutoff_of(TODAY))
        expected[person.pk] = sum(lot.amount for lot in lots) - spent - due
    expire()

    purses = Account.objects.purses().values_list("participant_id", "balance")
    assert dict(purses) == expected


def test_a_person_is_told_when_points_will_expire(walker):
    give(walker, 300, date(2025, 8, 1))
    give(walker, 200, date(2026, 2, 1))

    assert expiring_soon(walker, until=date(2026, 9, 30)) == [(date(2026, 8, 2), 300)]
    assert Transfer.objects.count() == 2
