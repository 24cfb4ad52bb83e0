"""Any order of earning, spending, taking back, giving time and expiring keeps the lots true."""

from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st

from points.errors import NobodyExtended
from points.models import Pot, Reason, Transfer
from points.rules.expiry import expires_on
from points.services import ledger
from points.services.accounts import pot, purse_of
from points.services.expiry import expire_points, expiring_soon
from points.services.extensions import approve_extension, request_extension
from points.services.proof import scalar
from points.services.proof_lots import GAPS
from seoul_health.core import clock
from tests.conftest import JOB
from tests.points.builders import balance, give

TODAY = date(2026, 7, 1)
EVERYBODY = {"of": "everybody"}

amounts, places = st.integers(1, 900), st.integers(0, 20)
acts = st.lists(
    st.one_of(
        st.tuples(st.just("credit"), st.integers(300, 430), amounts),
        st.tuples(st.just("spend"), amounts, st.none()),
        st.tuples(st.just("refuse"), places, st.none()),
        st.tuples(st.just("reverse"), places, st.none()),
        st.tuples(st.just("extend"), st.integers(1, 200), st.none()),
        st.tuples(st.just("expire"), st.integers(0, 60), st.none()),
    ),
    min_size=1,
    max_size=14,
)


@dataclass
class Pocket:
    """The simplest purse that could be right, beside the real one."""

    person: object
    clerks: tuple
    lots: dict[int, tuple[date, int]] = field(default_factory=dict)
    left: dict[int, int] = field(default_factory=dict)
    spends: list[tuple[Transfer, dict[int, int]]] = field(default_factory=list)
    until: date = date.min
    asked: int = 0

    def oldest_first(self, amount, own=None):
        used = {}
        for lot in sorted(self.lots, key=lambda lot: (lot != own, self.lots[lot][0], lot)):
            taken = min(self.left[lot], amount)
            amount -= taken
            self.left[lot] -= taken
            if taken:
                used[lot] = taken
        return used

    def credit(self, days_ago, amount):
        day = TODAY - timedelta(days=days_ago)
        lot = give(self.person, amount, day).pk
        self.lots[lot], self.left[lot] = (day, amount), amount

    def spend(self, amount, _):
        if sum(self.left.values()) >= amount:
            self.asked += 1
            key = f"spend:{self.person.pk}:{self.asked}"
            transfer = ledger.post(
                key, source=purse_of(self.person), target=pot(Pot.IN_TRANSIT), amount=amount,
                reason=Reason.REVERSAL, business_date=TODAY,
            )  # fmt: skip
            self.spends.append((transfer, self.oldest_first(amount)))

    def refuse(self, place, _):
        if self.spends:
            transfer, used = self.spends.pop(place % len(self.spends))
            ledger.reverse(transfer, reason=Reason.PAYOUT_REFUSED, business_date=TODAY)
            for lot, amount in used.items():
                self.left[lot] += amount

    def reverse(self, place, _):
        standing = Transfer.objects.filter(pk__in=self.lots, reversals=None)
        given_so_far = list(standing.order_by("pk"))
        if not given_so_far:
            return
        lot = given_so_far[place % len(given_so_far)]
        if sum(self.left.values()) >= lot.amount:
            ledger.reverse(lot, reason=Reason.REVERSAL, business_date=TODAY)
            self.oldest_first(lot.amount, own=lot.pk)

    def extend(self, days, _):
        until = TODAY + timedelta(days=days)
        one, other = self.clerks
        try:
            asked = request_extension(EVERYBODY, until=until, reason="Typhoon", by=one)
        except NobodyExtended:
            return
        approve_extension(asked, by=other)
        self.until = max(self.until, until)

    def expire(self, days_ago, _):
        day = TODAY - timedelta(days=days_ago)
        expire_points(by=JOB, day=day)
        for lot in self.lots:
            if self.ends(lot) <= day:
                self.left[lot] = 0

    def ends(self, lot):
        return max(expires_on(self.lots[lot][0], months=12), self.until)


def left_in_lots(person):
    lots = Transfer.objects.filter(target__participant=person, reversal_of=None)
    return {lot.pk: lot.amount - sum(lot.uses.values_list("amount", flat=True)) for lot in lots}


@pytest.mark.django_db
@settings(max_examples=40)
@given(acts)
def test_lots_add_up_and_the_oldest_go_first(make_participant, make_staff, history):
    with time_machine.travel(clock.day_starts(TODAY) + timedelta(hours=9), tick=False):
        clerks = (make_staff("finance_officer"), make_staff("finance_approver"))
        pocket = Pocket(make_participant(), clerks)
        purse_of(pocket.person)
        for act, first, second in history:
            getattr(pocket, act)(first, second)

            assert left_in_lots(pocket.person) == pocket.left
            assert sum(pocket.left.values()) == balance(pocket.person)
        told = dict(expiring_soon(pocket.person, until=date(2027, 12, 31)))
    expected = {}
    for lot, points in pocket.left.items():
        if points:
            expected[pocket.ends(lot)] = expected.get(pocket.ends(lot), 0) + points
    assert told == expected
    assert {name: scalar(query) for name, query in GAPS.items() if scalar(query)} == {}
