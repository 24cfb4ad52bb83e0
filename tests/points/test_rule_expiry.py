"""The oldest points are spent first, and only what is left of them expires."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.rules.expiry import Lot, expiring, lots_left, lots_used

JANUARY, FEBRUARY, MARCH = (Lot(date(2026, month, 28), 100) for month in (1, 2, 3))
LOTS = [MARCH, JANUARY, FEBRUARY]


@pytest.mark.parametrize(
    ("spent", "amount"), [(0, 200), (50, 150), (100, 100), (199, 1), (200, 0), (300, 0)]
)
def test_only_what_is_left_of_the_old_lots_expires(spent, amount):
    assert expiring(LOTS, spent, cutoff=FEBRUARY.earned_on) == amount


def test_a_lot_of_the_cutoff_day_expires_and_the_next_does_not():
    assert expiring([JANUARY], 0, cutoff=date(2026, 1, 27)) == 0
    assert expiring([JANUARY], 0, cutoff=date(2026, 1, 28)) == 100


def test_a_spend_names_the_lots_it_used():
    assert lots_used(LOTS, 50, 120) == [Lot(JANUARY.earned_on, 50), Lot(FEBRUARY.earned_on, 70)]


def test_more_than_there_is_cannot_be_spent():
    with pytest.raises(ValueError, match="ever earned"):
        lots_left(LOTS, 301)
    with pytest.raises(ValueError, match="is left"):
        lots_used(LOTS, 200, 101)


lots = st.lists(st.builds(Lot, st.dates(), st.integers(1, 1000)), max_size=10)


@given(lots, st.data())
def test_spends_one_by_one_use_up_the_same_lots_as_all_at_once(earned, data):
    total = sum(lot.amount for lot in earned)
    first = data.draw(st.integers(0, total))
    second = data.draw(st.integers(0, total - first))

    left = lots_left(earned, first + second)

    assert lots_left(lots_left(earned, first), second) == left
    assert sum(lot.amount for lot in lots_used(earned, first, second)) == second
    assert sum(lot.amount for lot in left) == total - first - second
