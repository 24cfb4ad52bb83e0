import uuid
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings as django_settings
from django.db import IntegrityError, ProgrammingError, transaction

from points.errors import ChangeTooSoon, OperatorNotConfigured, OperatorsOverlap, OperatorUsed
from points.gateways.wallet import HttpWallet
from points.models import Breaker, Operator, OperatorChange, Payout, Reconciliation, WalletLink
from points.services import operators, sending
from points.services.operators import approve_change, link_wallet, reject_change, request_change
from points.services.payouts import request_payout
from points.services.proof import prove
from points.services.reconciliation import reconcile
from points.services.sending import resolve_unknown, send_due_payouts
from points.tasks import reconcile_day, resolve_unknown_payouts
from points.tasks import send_due_payouts as send_task
from seoul_health.core import clock
from seoul_health.core.errors import SamePerson
from tests.conftest import JOB
from tests.points.builders import balance

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def partners(simulators, settings):
    """Two operators at two addresses, named in the settings."""
    secret = django_settings.WALLET_SECRET
    settings.WALLETS = {
        "seoulpay": (f"{simulators.url}/wallet", secret),
        "next": (f"{simulators.url}/wallet-b", secret),
    }
    return simulators


@pytest.fixture
def clerks(make_staff):
    return make_staff("finance_officer"), make_staff("finance_approver")


def plan(clerks, *, stops_in=2 * HOUR, gap=9 * HOUR, code="next", **terms):
    stops_at = clock.now() + stops_in
    return request_change(
        operators.in_force(), code=code, name="다음 운영사", stops_at=stops_at,
        starts_at=stops_at + gap, needs_link=terms.get("needs_link", False),
        reason="계약 만료", by=clerks[0],
    )  # fmt: skip


def change_operator(clerks, **terms):
    return approve_change(plan(clerks, **terms), by=clerks[1])


def ask(person):
    return request_payout(person, amount=5_000, key=uuid.uuid4())


def books(partners):
    return len(partners.wallet._book), len(partners.wallet_b._book)


def test_two_people_change_the_operator(partners, clerks):
    change = plan(clerks)
    assert Operator.objects.count() == 1
    with pytest.raises(SamePerson):
        approve_change(change, by=clerks[0])
    assert OperatorChange.objects.get().status == "requested"
    heir = approve_change(change, by=clerks[1])

    assert (heir.code, heir.starts_at) == ("next", change.starts_at)
    assert Operator.objects.get(code="seoulpay").ends_at == change.stops_at
    assert Breaker.objects.get(operator=heir).status == "closed"


def test_a_rejected_change_changes_nothing(partners, clerks):
    change = plan(clerks)
    reject_change(change, why="too early", by=clerks[1])

    assert OperatorChange.objects.get().status == "rejected"
    assert Operator.objects.get().ends_at is None


def test_a_change_that_has_not_begun_can_be_moved_either_way(partners, clerks):
    change_operator(clerks, stops_in=5 * HOUR)
    for stops_in in (50 * HOUR, 3 * HOUR):
        change = plan(clerks, stops_in=stops_in)
        approve_change(change, by=clerks[1])
        assert Operator.objects.get(code="seoulpay").ends_at == change.stops_at
        assert Operator.objects.get(code="next").starts_at == change.starts_at

    assert Operator.objects.count() == 2


@pytest.mark.parametrize(
    ("terms", "refusal"),
    [
        ({"stops_in": timedelta(minutes=30)}, ChangeTooSoon),
        ({"gap": -HOUR}, ChangeTooSoon),
        ({"code": "nobody"}, OperatorNotConfigured),
        ({"code": "seoulpay"}, OperatorUsed),
    ],
    ids=["too soon", "starts before the end", "not in the settings", "used before"],
)
def test_a_change_that_cannot_be_is_refused(partners, clerks, terms, refusal):
    with pytest.raises(refusal):
        plan(clerks, **terms)

    assert not OperatorChange.objects.exists()


def test_one_change_is_decided_before_the_next_is_asked_for(partners, clerks):
    plan(clerks)
    with pytest.raises(OperatorsOverlap):
        plan(clerks)

    assert OperatorChange.objects.count() == 1


def test_payouts_wait_in_the_gap_and_go_to_the_new_operator(saver, partners, clerks):
    before = ask(saver)
    heir = change_operator(clerks)
    with time_machine.travel(clock.now() + 3 * HOUR, tick=False) as hands:
        within = ask(saver)
        send_task()
        assert books(partners) == (0, 0)
        assert set(Payout.objects.values_list("status", flat=True)) == {"requested"}
        hands.move_to(heir.starts_at)
        send_task()

    assert books(partners) == (0, 2)
    for payout in (before, within):
        payout.refresh_from_db()
        assert (payout.status, payout.operator) == ("paid", heir)
    assert prove(by=JOB).ok


def test_an_old_silence_is_asked_of_the_old_operator(saver, partners, clerks):
    payout = ask(saver)
    partners.wallet.mode = "5xx_after_success"
    send_task()
    heir = change_operator(clerks)
    partners.wallet.mode = "closed"
    with time_machine.travel(heir.starts_at + HOUR, tick=False):
        Payout.objects.update(next_at=clock.now())
        resolve_unknown_payouts()

    payout.refresh_from_db()
    assert (payout.status, payout.operator.code) == ("paid", "seoulpay")
    assert books(partners) == (1, 0)


def test_what_the_old_operator_never_paid_is_handed_on_once_it_is_closed(saver, partners, clerks):
    payout = ask(saver)
    partners.wallet.mode = "5xx"
    send_task()
    heir = change_operator(clerks, gap=timedelta(0))
    partners.wallet.mode = "closed"
    with time_machine.travel(heir.starts_at + HOUR / 2, tick=False) as hands:
        Payout.objects.update(next_at=clock.now())
        resolve_unknown_payouts()
        payout.refresh_from_db()
        assert (payout.status, payout.operator.code) == ("unknown", "seoulpay")
        hands.shift(HOUR)
        Payout.objects.update(next_at=clock.now())
        resolve_unknown_payouts()
        payout.refresh_from_db()
        assert (payout.status, payout.operator) == ("requested", heir)
        send_task()

    payout.refresh_from_db()
    assert payout.status == "paid"
    assert books(partners) == (0, 1)
    assert balance(saver) == 15_000


def test_nothing_can_be_sent_to_a_closed_operator(saver, partners, wallet):
    ask(saver)
    now = clock.now()
    Operator.objects.update(ends_at=now)
    closed = Operator.objects.get()

    assert send_due_payouts(closed, wallet=wallet, by=JOB) == 0
    with pytest.raises(IntegrityError, match="sent_to_an_open_operator"), transaction.atomic():
        Payout.objects.update(status="sending", claimed_at=now)
    with pytest.raises(IntegrityError, match="sent_to_an_open_operator"), transaction.atomic():
        Payout.objects.update(status="sending")
    assert Payout.objects.get().status == "requested"
    assert books(partners) == (0, 0)


def test_a_payout_that_was_sent_keeps_its_operator(saver, partners, clerks):
    ask(saver)
    send_task()
    heir = change_operator(clerks)

    with pytest.raises(ProgrammingError), transaction.atomic():
        Payout.objects.update(operator=heir)


def test_each_operator_is_compared_with_its_own_file(saver, partners, clerks):
    with time_machine.travel("2026-11-10 09:00+09:00", tick=False) as hands:
        ask(saver)
        Payout.objects.update(next_at=clock.now())
        send_task()
        change_operator(clerks, gap=HOUR)
        hands.shift(4 * 3600)
        ask(saver)
        send_task()
        hands.shift(24 * 3600)
        reconcile_day("2026-11-10")
        reconcile_day("2026-11-11")

    found = Reconciliation.objects.order_by("pk").values_list(
        "operator__code", "day__day", "matched", "our_total"
    )
    assert list(found) == [("seoulpay", 10, 1, 5_000), ("next", 10, 1, 5_000), ("next", 11, 0, 0)]
    assert all(run.is_clean for run in Reconciliation.objects.all())


def test_what_the_old_operator_still_lists_after_a_hand_on_is_a_difference(saver, partners, clerks):
    payout = ask(saver)
    heir = change_operator(clerks, gap=timedelta(0))
    old = Operator.objects.get(code="seoulpay")
    line = HttpWallet.of("seoulpay")
    with time_machine.travel(heir.starts_at, tick=False):
        send_task()
        line.pay(payout.reference, 5_000, "somebody")
        found = reconcile(clock.today(), old, wallet=line, by=JOB)

    assert (found.matched, found.theirs_only) == (0, 1)


def test_people_without_the_new_wallet_wait_and_lose_nothing(saver, partners, clerks):
    ask(saver)
    heir = change_operator(clerks, needs_link=True)
    with time_machine.travel(heir.starts_at, tick=False):
        send_task()
        later = ask(saver)
        send_task()
        assert set(Payout.objects.values_list("status", flat=True)) == {"requested"}
        link_wallet(saver, heir)
        link_wallet(saver, heir)
        send_task()

    assert books(partners) == (0, 2)
    assert set(Payout.objects.values_list("status", flat=True)) == {"paid"}
    assert WalletLink.objects.count() == 1
    assert later.operator == heir


def test_a_closed_operator_can_be_told_apart_in_both_books(saver, partners, clerks):
    ask(saver)
    change_operator(clerks)
    partners.wallet.mode = "closed"
    send_task()

    assert Payout.objects.get().status == "unknown"
    assert books(partners) == (0, 0)
    assert resolve_unknown(Operator.objects.get(code="next"), wallet=None, by=JOB) == 0
    assert sending.claim_silent(Operator.objects.get(code="next")) is None


def test_the_database_keeps_operators_apart(clerks):
    now = clock.now()
    cases = {
        "one_operator_at_a_time": {"starts_at": now},
        "an_operator_ends_after_it_starts": {"starts_at": now, "ends_at": now},
        "an_operator_has_a_rate": {
            "starts_at": now - timedelta(days=9999), "ends_at": now - timedelta(days=9998),
            "per_minute": 0,
        },
    }  # fmt: skip
    for name, terms in cases.items():
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Operator.objects.create(code="other", name="x", **terms)


def test_the_database_keeps_changes_and_links_in_shape(saver, partners, clerks):
    change = plan(clerks)
    cases = {
        "a_new_operator_starts_after_the_old_one": {"starts_at": change.stops_at - HOUR},
        "operatorchange_needs_two_people": {
            "decided_by": clerks[0], "decided_at": clock.now()
        },
        "operatorchange_decision_says_when": {"decided_by": clerks[1]},
    }  # fmt: skip
    for name, terms in cases.items():
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            OperatorChange.objects.update(**terms)
    change.pk = None
    with pytest.raises(IntegrityError, match="one_open_change_per_operator"), transaction.atomic():
        change.save(force_insert=True)
    link = link_wallet(saver, operators.in_force())
    link.pk = None
    name = "one_wallet_per_person_and_operator"
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        link.save(force_insert=True)
