import pytest
from django.db import DatabaseError, IntegrityError, transaction

from points.errors import NotEnoughPoints, PostingKeyReused
from points.models import Account, Pot, Reason, Transfer
from points.services import ledger
from points.services.accounts import pot, purse_of
from points.services.earnings import TRANSFERS
from tests.points.builders import ERA, balance, give, take_part

pytestmark = pytest.mark.django_db


def pay(walker, amount, key="k"):
    return ledger.post(
        key,
        source=purse_of(walker),
        target=pot(Pot.IN_TRANSIT),
        amount=amount,
        reason=Reason.PAYOUT,
        business_date=ERA,
    )


def test_a_transfer_moves_points_between_purse_and_pot(saver):
    transfer = pay(saver, 5_000)

    assert balance(saver) == 15_000
    assert (transfer.amount, transfer.source.participant, transfer.target.code) == (
        5_000,
        saver,
        "payouts-in-transit",
    )


def test_a_pot_keeps_no_balance(saver):
    assert set(Account.objects.filter(kind="pot").values_list("balance", flat=True)) == {0}


def test_the_same_key_moves_points_once(saver):
    first = pay(saver, 5_000)
    again = pay(saver, 5_000)

    assert again == first
    assert balance(saver) == 15_000


def test_the_same_key_for_other_terms_is_refused(saver):
    pay(saver, 5_000)

    with pytest.raises(PostingKeyReused):
        pay(saver, 6_000)

    assert balance(saver) == 15_000
    assert Transfer.objects.filter(reason="payout").count() == 1


def test_a_purse_cannot_be_overdrawn(saver):
    with pytest.raises(NotEnoughPoints):
        pay(saver, 20_001)

    assert balance(saver) == 20_000
    assert Transfer.objects.count() == 1


def test_a_reversal_takes_a_transfer_back_once(saver):
    transfer = pay(saver, 5_000)
    ledger.reverse(transfer, reason=Reason.REVERSAL, business_date=ERA)
    ledger.reverse(transfer, reason=Reason.REVERSAL, business_date=ERA)

    assert balance(saver) == 20_000
    assert transfer.reversals.count() == 1


@pytest.mark.parametrize("act", [lambda rows: rows.update(amount=1), lambda rows: rows.delete()])
def test_a_transfer_cannot_be_changed_or_removed(saver, act):
    with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
        act(Transfer.objects.all())

    assert Transfer.objects.get().amount == 20_000


def wanted(walker, *rows):
    return {
        "item": "walking_day",
        "participations": [take_part(walker, status="completed").pk for _ in rows],
        "purses": [purse_of(walker).pk for _ in rows],
        "periods": [ERA for _ in rows],
        "points": list(rows),
    }


def test_many_transfers_share_keys_and_purses_with_the_single_one(walker):
    values = wanted(walker, 100, 200)

    assert ledger.post_many(TRANSFERS, values) == (2, 300)
    assert ledger.post_many(TRANSFERS, values) == (0, 0)
    assert balance(walker) == 300


def test_many_transfers_refuse_a_key_with_other_terms(walker):
    values = wanted(walker, 100)
    ledger.post_many(TRANSFERS, values)

    with pytest.raises(PostingKeyReused):
        ledger.post_many(TRANSFERS, {**values, "points": [150]})

    assert balance(walker) == 100


def test_one_purse_per_participant(walker):
    assert purse_of(walker) == purse_of(walker)
    assert Account.objects.purses().count() == 1


def broken(**changes):
    terms = {"key": "x", "amount": 1, "reason": "reversal", "business_date": ERA}
    return Transfer.objects.create(**{**terms, **changes})


def violates(name, act):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        act()


def test_the_database_refuses_a_transfer_of_nothing(saver):
    purse, fund = purse_of(saver), pot(Pot.FUND)

    violates("a_transfer_moves_something", lambda: broken(source=fund, target=purse, amount=0))
    violates("a_transfer_goes_somewhere", lambda: broken(source=fund, target=fund))


def test_the_database_refuses_a_second_reversal(saver):
    purse, fund, gift = purse_of(saver), pot(Pot.FUND), give(saver, 1)
    broken(source=fund, target=purse, reversal_of=gift)

    violates(
        "a_transfer_is_reversed_once",
        lambda: broken(key="y", source=fund, target=purse, reversal_of=gift),
    )


def test_the_database_refuses_a_purse_below_zero_and_a_pot_with_a_balance(saver):
    violates("purses_are_never_overdrawn", lambda: Account.objects.purses().update(balance=-1))
    violates(
        "a_purse_has_an_owner_and_a_pot_no_balance",
        lambda: Account.objects.filter(code=Pot.FUND).update(balance=1),
    )
    violates(
        "a_purse_has_an_owner_and_a_pot_no_balance",
        lambda: Account.objects.create(kind="purse", code="nobody"),
    )
