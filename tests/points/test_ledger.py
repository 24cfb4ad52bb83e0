import pytest
from django.db import DatabaseError, IntegrityError, transaction

from participants.models import Participation
from points.errors import NotEnoughPoints, PostingKeyReused
from points.models import Account, Award, EarningRule, Pot, Reason, Transfer
from points.services import ledger
from points.services.accounts import pot, purse_of
from points.services.earnings import Due, record
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


def due(walker, *points):
    rule, purse = EarningRule.objects.get(code="2025-12-01"), purse_of(walker)
    return [
        Due(
            take_part(walker, status="completed").pk, walker.pk, purse.pk, ERA, each,
            "goal_reached", rule.pk, 8_000, 8_000,
        )
        for each in points
    ]  # fmt: skip


def test_many_transfers_share_keys_and_purses_with_the_single_one(walker):
    facts = due(walker, 100, 200)

    assert record("walking_day", facts) == []
    assert record("walking_day", facts) == []
    assert balance(walker) == 300
    assert Transfer.objects.count() == 2


def test_many_transfers_refuse_a_key_with_other_terms(walker):
    facts = due(walker, 100)
    record("walking_day", facts)

    with pytest.raises(PostingKeyReused):
        record("walking_day", [facts[0]._replace(points=150)])

    assert balance(walker) == 100


def test_an_award_that_is_missing_finds_the_transfer_posted_before(walker):
    facts = due(walker, 100)
    (fact,) = facts
    transfer = ledger.post(
        f"award:{fact.participation}:walking_day:{ERA}",
        source=pot(Pot.FUND),
        target=purse_of(walker),
        amount=100,
        reason=Reason.WALKING_DAY,
        business_date=ERA,
    )

    assert record("walking_day", facts) == []
    assert Award.objects.get().transfer == transfer
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


def test_a_transfer_needs_two_accounts_that_exist(saver):
    purse, fund = purse_of(saver), pot(Pot.FUND)

    for ends in ({"source_id": 0, "target": purse}, {"source": fund, "target_id": 0}):
        violates("a_transfer_joins_two_accounts", lambda ends=ends: broken(**ends))
    violates(
        "a_transfer_joins_two_accounts",
        lambda: broken(source=fund, target=purse, reversal_of_id=0),
    )


def test_an_award_stands_on_a_participation_a_released_rule_and_its_amount(
    walker, make_participant
):
    record("walking_day", due(walker, 100))
    draft = EarningRule.objects.create(code="draft", effective_from=ERA, daily_points=1)
    other = take_part(make_participant())
    gift = give(walker, 7)
    for change in (
        {"participation": other},
        {"participation_id": 0},
        {"rule": draft},
        {"points": 8, "transfer": gift},
        {"points": 7, "transfer_id": 0},
    ):
        award = Award.objects.get()
        award.pk, award.period = None, ERA.replace(day=3)
        award.points, award.transfer = 0, None
        for name, value in change.items():
            setattr(award, name, value)
        violates("an_award_stands_on_its_grounds", lambda award=award: award.save())


def test_what_money_points_at_is_never_deleted(walker):
    record("walking_day", due(walker, 100))
    accounts, rules = Account.objects.all(), EarningRule.objects.all()

    for rows in (accounts, rules):
        with pytest.raises(DatabaseError, match="Cannot delete"), transaction.atomic():
            rows._raw_delete(rows.db)
    violates(
        "has awards cannot be deleted",
        lambda: Participation.objects.filter(awards__isnull=False)._raw_delete("default"),
    )


def test_one_transfer_per_key_and_one_account_per_code(saver):
    purse, fund = purse_of(saver), pot(Pot.FUND)
    broken(source=fund, target=purse)

    violates("one_transfer_per_key", lambda: broken(source=fund, target=purse))
    violates("one_account_per_code", lambda: Account.objects.create(kind="pot", code=Pot.FUND))
