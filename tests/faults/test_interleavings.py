"""No order of the statements of two functions leaves book, seats or shelf wrong; naive twins do."""

import itertools
import os

import pytest

from devices.models import Shipment
from tests.faults import money, scarce
from tests.faults.interleave import interleave, orders

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.serial]
ALL = bool(os.environ.get("ALL_PAIRS"))
STEPS = int(os.environ.get("STEPS", "3"))
MONEY = [
    ("award", "settle"), ("request", "request"), ("request_again", "request_again"),
    ("expire", "request"), ("pay", "refuse"), ("request", "reverse"),
]  # fmt: skip
DOUBTS = [("settle", "hold"), ("award", "release"), ("request", "take_back")]
SEATS = [("accept", "lapse"), ("select", "withdraw"), ("decline", "select"), ("accept", "withdraw")]
WATCHES = [("reserve", "reserve_for_other"), ("cancel", "ship"), ("reserve", "sweep")]


def pairs(acts, weighty):
    """Give every pair in the long form, and those that matter most in the short one."""
    return list(itertools.combinations_with_replacement(acts, 2)) if ALL else weighty


def report_of(lay, acts, first, second, look):
    report = interleave(lay, acts[first], acts[second], look, steps=STEPS)
    print(first, second, report.orders, "orders", report.waits, "waits", dict(report.outcomes))
    assert report.orders == len(list(orders(STEPS)))
    assert report.refusals("AssertionError") == 0
    return report


@pytest.mark.parametrize(("first", "second"), pairs(money.ACTS, MONEY))
def test_no_order_of_two_money_functions_spoils_the_book(make_participant, first, second):
    def lay():
        return money.lay_purse(make_participant())

    report = report_of(lay, money.ACTS, first, second, money.wrong_with)

    assert report.anomalies == []
    assert report.refusals("DeadlockDetected") == 0


@pytest.mark.parametrize(
    ("first", "second"),
    list(itertools.product(money.ACTS | money.DOUBTS, money.DOUBTS)) if ALL else DOUBTS,
)
def test_no_order_with_a_doubt_spoils_the_book(make_participant, first, second):
    def lay():
        return money.lay_doubts(make_participant())

    report = report_of(lay, money.ACTS | money.DOUBTS, first, second, money.wrong_with)

    assert report.anomalies == []
    assert report.refusals("DeadlockDetected") == 0


@pytest.mark.parametrize(("first", "second"), pairs(scarce.SEAT_ACTS, SEATS))
def test_no_order_of_two_acts_gives_a_seat_wrongly(make_participant, first, second):
    def lay():
        return scarce.lay_counter(make_participant)

    report = report_of(lay, scarce.SEAT_ACTS, first, second, scarce.wrong_with_seats)

    assert report.anomalies == []


@pytest.mark.parametrize(("first", "second"), pairs(scarce.WATCH_ACTS, WATCHES))
def test_no_order_of_two_acts_loses_a_watch(make_participant, first, second):
    def lay():
        return scarce.lay_shelf(make_participant)

    report = report_of(lay, scarce.WATCH_ACTS, first, second, scarce.wrong_with_watches)

    assert report.anomalies == []


def test_control_spending_what_was_seen_spoils_the_book(make_participant):
    def look(ground):
        wrong = money.wrong_with(ground)
        money.sweep_up(ground)
        return wrong

    def lay():
        return money.lay_purse(make_participant())

    report = interleave(lay, money.spend_naively, money.spend_naively, look)

    assert report.orders == 20
    assert len(report.anomalies) > 0


def test_control_putting_back_what_was_seen_loses_a_watch(make_participant):
    def look(ground):
        wrong = scarce.wrong_with_watches(ground)
        Shipment.objects.all().delete()
        return wrong

    def lay():
        return scarce.lay_shelf(make_participant)

    report = interleave(lay, scarce.cancel_naively, scarce.ship, look)

    assert report.orders == 20
    assert len(report.anomalies) > 0
