"""No order of the statements of two money functions leaves the book wrong; a naive twin does."""

import itertools
import os

import pytest

from tests.faults import money
from tests.faults.interleave import interleave, orders
from tests.points.builders import lay_ground

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.serial]
EVERY = [tuple(sorted(pair)) for pair in itertools.combinations_with_replacement(money.ACTS, 2)]
WEIGHTY = [
    ("award", "settle"), ("award", "sync"), ("request", "request"),
    ("request_again", "request_again"), ("expire", "request"), ("pay", "refuse"),
    ("refuse", "request"), ("request", "reverse"), ("claim", "claim"), ("expire", "refuse"),
]  # fmt: skip
PAIRS = EVERY if os.environ.get("ALL_PAIRS") else WEIGHTY
STEPS = 4 if os.environ.get("ALL_PAIRS") else 3


@pytest.fixture
def lay(transactional_db, make_participant):
    lay_ground()
    return lambda: money.lay_purse(make_participant())


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_no_order_of_two_money_functions_spoils_the_book(lay, first, second):
    report = interleave(lay, money.ACTS[first], money.ACTS[second], money.wrong_with, steps=STEPS)

    print(first, second, report.orders, "orders", report.waits, "waits", dict(report.outcomes))
    assert report.anomalies == []
    assert report.orders == len(list(orders(STEPS)))
    assert report.refusals("DeadlockDetected") == 0
    assert report.refusals("AssertionError") == 0


def test_control_looking_before_acting_spoils_the_book(lay):
    def look(ground):
        wrong = money.wrong_with(ground)
        money.sweep_up(ground)
        return wrong

    report = interleave(lay, money.spend_naively, money.spend_naively, look)

    assert report.orders == 20
    assert len(report.anomalies) > 0
