from datetime import timedelta

import pytest

from points.models import Account, Pot
from points.services.accounts import pot, purse_of
from points.services.as_of import balance_at, city_at, is_final
from points.services.pots import checkpoint_pots
from seoul_health.core import clock
from tests.conftest import JOB
from tests.points.moments import moment, move

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture
def saver(walker):
    """Somebody with 700 points from 3 January on, 500 from the 10th and 900 from the 20th."""
    move(walker, 700, moment(1, 3))
    move(walker, 400, moment(1, 20))  # Its number is taken before an earlier one's.
    move(walker, -200, moment(1, 10))
    return walker


@pytest.mark.parametrize(
    ("day", "held"), [(2, 0), (4, 700), (11, 500), (21, 900)], ids=["before", "1st", "2nd", "3rd"]
)
def test_a_purse_held_what_had_been_moved_by_then(saver, day, held):
    assert balance_at(purse_of(saver), moment(1, day)) == held


def test_a_moment_holds_what_is_dated_with_it_and_not_a_second_less(saver):
    purse = purse_of(saver)

    assert balance_at(purse, moment(1, 10)) == 500
    assert balance_at(purse, moment(1, 10) - SECOND) == 700


def test_now_is_todays_balance(saver):
    purse = purse_of(saver)

    assert balance_at(purse, clock.now() + SECOND) == purse.balance == 900


@pytest.mark.parametrize("with_checkpoint", [False, True], ids=["by transfers", "by checkpoint"])
def test_a_pot_held_what_had_been_moved_by_then(saver, with_checkpoint):
    if with_checkpoint:
        checkpoint_pots(by=JOB)
    gifts, expired = pot(Pot.COMPENSATION), pot(Pot.EXPIRED)

    assert [balance_at(gifts, moment(1, day)) for day in (2, 4, 21)] == [0, -700, -1_100]
    assert [balance_at(expired, moment(1, day)) for day in (4, 11)] == [0, 200]


def test_a_checkpoint_serves_moments_after_all_it_counts(saver):
    checkpoint_pots(by=JOB)
    move(saver, 50, moment(2, 1))

    assert balance_at(pot(Pot.COMPENSATION), moment(1, 25)) == -1_100
    assert balance_at(pot(Pot.COMPENSATION), moment(2, 2)) == -1_150


def test_all_purses_are_what_the_pots_are_short_of(saver, make_participant):
    move(make_participant(), 80, moment(1, 15))
    found = city_at(moment(1, 16))

    purses = [balance_at(purse, moment(1, 16)) for purse in Account.objects.purses()]
    assert found.purses == sum(purses) == 580
    assert found.pots["compensation"] == -780
    assert city_at(moment(1, 2)).purses == 0


def test_the_past_is_final_and_the_last_minutes_are_not():
    assert is_final(clock.now() - timedelta(minutes=11))
    assert not is_final(clock.now() - timedelta(minutes=9))


def test_a_balance_of_the_past_is_one_query(saver, django_assert_num_queries):
    purse = purse_of(saver)
    with django_assert_num_queries(1):
        balance_at(purse, moment(1, 10))
    with django_assert_num_queries(3):
        city_at(moment(1, 10))
