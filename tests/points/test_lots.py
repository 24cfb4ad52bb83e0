"""Each debit says which credits it used, oldest first; what comes back goes back to them."""

import importlib
import uuid
from datetime import date

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from psycopg import sql

from points.models import LotUse, Pot, Reason, Transfer
from points.services import ledger
from points.services.accounts import pot, purse_of
from points.services.payouts import request_payout
from tests.conftest import JOB
from tests.points.builders import ERA, balance, give
from tests.points.payout_ends import refuse_next

pytestmark = pytest.mark.django_db
JANUARY, FEBRUARY, MARCH = date(2026, 1, 10), date(2026, 2, 10), date(2026, 3, 10)


def spend(person, amount, **terms):
    return ledger.post(
        f"spend:{uuid.uuid4()}",
        source=purse_of(person),
        target=pot(Pot.IN_TRANSIT),
        amount=amount,
        reason=Reason.PAYOUT,
        business_date=ERA,
        **terms,
    )


def uses(transfer):
    return list(transfer.lot_uses.order_by("lot__business_date").values_list("lot", "amount"))


def test_a_credit_is_a_lot_and_uses_none(walker):
    give(walker, 300)

    assert LotUse.objects.count() == 0


def test_a_spend_uses_the_oldest_lots_first(walker):
    young = give(walker, 300, MARCH)
    old, middle = give(walker, 100, JANUARY), give(walker, 200, FEBRUARY)

    assert uses(spend(walker, 250)) == [(old.pk, 100), (middle.pk, 150)]
    assert uses(spend(walker, 350)) == [(middle.pk, 50), (young.pk, 300)]
    assert balance(walker) == 0


def test_a_refused_payout_gives_its_points_back_to_their_lots(walker):
    old, young = give(walker, 4_000, JANUARY), give(walker, 4_000, MARCH)
    request_payout(walker, amount=5_000, key=uuid.uuid4())
    refuse_next()
    back = Transfer.objects.get(reason="payout_refused")

    assert uses(back) == [(old.pk, -4_000), (young.pk, -1_000)]
    assert uses(spend(walker, 4_500)) == [(old.pk, 4_000), (young.pk, 500)]


def test_taking_a_credit_back_takes_its_own_lot_first(walker):
    old, wrong = give(walker, 400, JANUARY), give(walker, 300, MARCH)
    spend(walker, 450)  # All of the old one, 50 of the wrong one.
    late = give(walker, 100, FEBRUARY)

    reversal = ledger.reverse(wrong, reason=Reason.REVERSAL, business_date=ERA)
    assert uses(reversal) == [(late.pk, 50), (wrong.pk, 250)]
    assert old.uses.get().amount == 400


def test_what_was_given_back_can_be_taken_again(walker):
    old, young = give(walker, 300, JANUARY), give(walker, 300, MARCH)
    spent = spend(walker, 400)
    back = ledger.reverse(spent, reason=Reason.REVERSAL, business_date=ERA)
    late = give(walker, 100, date(2025, 12, 1))

    again = ledger.reverse(back, reason=Reason.REVERSAL, business_date=ERA)
    assert uses(again) == [(old.pk, 300), (young.pk, 100)]
    assert late.uses.count() == 0


def test_many_transfers_use_lots_like_the_single_one(walker):
    old, young = give(walker, 300, JANUARY), give(walker, 300, MARCH)
    wanted = sql.SQL("""
        SELECT 'many:' || n AS key, {purse} AS source_id, {pot} AS target_id, n * 100::bigint AS
            amount, 'reversal' AS reason, {day}::date AS business_date, '' AS "case",
            NULL::bigint AS reversal_of_id FROM generate_series(1, 3) AS n
    """).format(purse=purse_of(walker).pk, pot=pot(Pot.FUND).pk, day=ERA)

    assert ledger.post_many(wanted, {}) == (3, 600)
    assert [uses(row) for row in Transfer.objects.filter(reason="reversal").order_by("pk")] == [
        [(old.pk, 100)],
        [(old.pk, 200)],
        [(young.pk, 300)],
    ]
    assert ledger.post_many(wanted, {}) == (0, 0)


def test_the_balance_does_not_collapse_when_old_credits_are_gone(walker):
    """An old credit spent long ago takes nothing from today's points when its day is over."""
    from points.services.expiry import expire_points

    give(walker, 10_000, date(2025, 1, 1))
    spend(walker, 10_000)
    give(walker, 3_000, date(2025, 12, 1))

    assert expire_points(by=JOB, day=date(2026, 7, 1)).points == 0
    assert balance(walker) == 3_000


def violates(name, act):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        act()


def test_the_database_refuses_more_uses_than_a_lot_holds(walker):
    lot = give(walker, 300)
    first, second = spend(walker, 300), spend_unlinked(walker)

    violates(
        "a_lot_gives_no_more_than_it_holds",
        lambda: LotUse.objects.create(transfer=second, lot=lot, amount=1),
    )
    back = ledger.reverse(first, reason=Reason.REVERSAL, business_date=ERA)
    assert lot.uses.count() == 2
    violates(
        "one_use_per_transfer_and_lot",
        lambda: LotUse.objects.create(transfer=back, lot=lot, amount=-1),
    )


def spend_unlinked(person):
    return Transfer.objects.create(
        key=f"raw:{uuid.uuid4()}", source=purse_of(person), target=pot(Pot.FUND), amount=5,
        reason="reversal", business_date=ERA,
    )  # fmt: skip


def test_the_database_refuses_to_give_back_more_than_was_taken(walker):
    lot = give(walker, 300)
    back = Transfer.objects.create(
        key="raw", source=pot(Pot.FUND), target=purse_of(walker), amount=5, reason="reversal",
        business_date=ERA,
    )  # fmt: skip

    violates(
        "a_lot_gives_no_more_than_it_holds",
        lambda: LotUse.objects.create(transfer=back, lot=lot, amount=-5),
    )


def test_the_database_refuses_a_use_of_nothing_or_of_another_purse(walker, make_participant):
    mine, theirs = give(walker, 300), give(make_participant(), 300)
    spent = spend_unlinked(walker)
    for lot in (theirs.pk, 0, spent.pk):
        violates(
            "a_use_is_of_a_lot_of_its_purse",
            lambda lot=lot: LotUse.objects.create(transfer=spent, lot_id=lot, amount=1),
        )
    violates(
        "a_use_is_of_a_lot_of_its_purse",
        lambda: LotUse.objects.create(transfer_id=0, lot=mine, amount=1),
    )
    violates(
        "a_use_takes_something",
        lambda: LotUse.objects.create(transfer=spent, lot=mine, amount=0),
    )


def test_a_use_cannot_be_changed_or_removed(walker):
    give(walker, 300)
    spend(walker, 200)
    for act in (lambda rows: rows.update(amount=1), lambda rows: rows._raw_delete("default")):
        with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
            act(LotUse.objects.all())

    assert LotUse.objects.get().amount == 200


def test_the_migration_ties_what_was_posted_before(walker, make_participant):
    other = make_participant()
    for person in (walker, other):
        give(person, 6_000, JANUARY), give(person, 6_000, MARCH)
        request_payout(person, amount=7_000, key=uuid.uuid4())
        refuse_next()
        spend(person, 2_000)
        ledger.reverse(give(person, 50, FEBRUARY), reason=Reason.REVERSAL, business_date=ERA)
    told = sorted(LotUse.objects.values_list("transfer", "lot", "amount"))
    link = importlib.import_module("points.migrations.0007_link_lots").LINK
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE points_lotuse")
        cursor.execute(link)

    assert sorted(LotUse.objects.values_list("transfer", "lot", "amount")) == told
    assert len(told) == 12
