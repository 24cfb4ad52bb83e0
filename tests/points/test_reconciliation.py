import uuid
from datetime import timedelta

import pytest

from points.errors import FileContradicts
from points.models import Payout, Reconciliation
from points.services.operators import in_force
from points.services.payouts import request_payout
from points.services.reconciliation import reconcile
from points.services.sending import send_due_payouts
from seoul_health.core import clock
from seoul_health.core.errors import PartnerUnavailable
from tests.conftest import JOB
from tests.points.builders import balance

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid(saver, wallet):
    """Two payouts of today, paid."""
    for amount in (5_000, 6_000):
        request_payout(saver, amount=amount, key=uuid.uuid4())
    send_due_payouts(in_force(), wallet=wallet, by=JOB)
    return list(Payout.objects.order_by("pk"))


def run(wallet):
    return reconcile(clock.today(), in_force(), wallet=wallet, by=JOB)


def sums(found):
    return (found.matched, found.ours_only, found.theirs_only, found.amount_differs)


@pytest.mark.parametrize("mood", ["ok", "reorder", "duplicate"])
def test_a_day_that_agrees_is_matched(paid, simulators, wallet, mood):
    simulators.wallet.mode = mood
    found = run(wallet)

    assert sums(found) == (2, 0, 0, 0)
    assert (found.our_total, found.their_total) == (11_000, 11_000)
    assert found.is_clean


def test_a_payment_we_never_ordered_is_shown_and_nothing_is_done(paid, wallet):
    wallet.pay("PO-NOBODY", 7_000, "somebody")
    found = run(wallet)

    assert sums(found) == (2, 0, 1, 0)
    line = found.lines.exceptions().get()
    assert (line.kind, line.reference, line.payout, line.their_amount) == (
        "theirs_only",
        "PO-NOBODY",
        None,
        7_000,
    )


def test_a_payment_the_partner_does_not_know_is_shown(paid, simulators, wallet):
    del simulators.wallet._book[paid[0].reference]
    found = run(wallet)

    assert sums(found) == (1, 1, 0, 0)
    assert found.lines.exceptions().get().payout == paid[0]
    assert Payout.objects.get(pk=paid[0].pk).status == "paid"


def test_another_amount_is_shown_and_not_corrected(saver, simulators, wallet):
    payout = request_payout(saver, amount=5_000, key=uuid.uuid4())
    wallet.pay(payout.reference, 9_000, "somebody")
    send_due_payouts(in_force(), wallet=wallet, by=JOB)
    found = run(wallet)

    assert sums(found) == (0, 0, 0, 1)
    assert (found.lines.get().our_amount, found.lines.get().their_amount) == (5_000, 9_000)
    assert Payout.objects.get().status == "unknown"


def test_the_file_answers_what_was_unknown(saver, simulators, wallet):
    request_payout(saver, amount=5_000, key=uuid.uuid4())
    simulators.wallet.mode = "5xx_after_success"
    send_due_payouts(in_force(), wallet=wallet, by=JOB)
    simulators.wallet.mode = "ok"
    found = run(wallet)

    assert (sums(found), found.resolved) == ((1, 0, 0, 0), 1)
    assert Payout.objects.get().status == "paid"
    assert balance(saver) == 15_000


def test_a_paid_payout_that_we_gave_back_is_shown(saver, wallet, simulators):
    saver.number = "blocked-2"
    saver.save(update_fields=["number"])
    payout = request_payout(saver, amount=5_000, key=uuid.uuid4())
    send_due_payouts(in_force(), wallet=wallet, by=JOB)
    wallet.pay(payout.reference, 5_000, "somebody")

    assert sums(run(wallet)) == (0, 0, 1, 0)


def test_a_dark_partner_leaves_no_half_comparison(paid, simulators, wallet):
    simulators.wallet.mode = "dark"

    with pytest.raises(PartnerUnavailable):
        run(wallet)

    assert not Reconciliation.objects.exists()


def test_a_file_that_contradicts_itself_is_not_compared(paid, wallet, monkeypatch):
    from points.gateways import wallet as gateway

    monkeypatch.setattr(gateway, "COLUMNS", ["other"])
    with pytest.raises(FileContradicts):
        run(wallet)

    assert not Reconciliation.objects.exists()


def test_a_day_can_be_compared_again(paid, wallet):
    run(wallet)

    assert sums(run(wallet)) == (2, 0, 0, 0)
    assert Reconciliation.objects.count() == 2


def test_another_day_is_not_todays(paid, wallet):
    found = reconcile(clock.today() - timedelta(days=1), in_force(), wallet=wallet, by=JOB)

    assert sums(found) == (0, 0, 0, 0)
