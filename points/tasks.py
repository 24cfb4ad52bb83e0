from datetime import date, timedelta

from celery import shared_task

from points.gateways.wallet import HttpWallet
from points.models import Payout, Settlement
from points.services import expiry, payouts, pots, proof, reconciliation, settlement
from seoul_health.core import clock
from seoul_health.core.audit import System
from seoul_health.core.tasks import enqueue

NIGHTS_TO_GO_OVER = 8


@shared_task(name="points.send_due_payouts")
def send_due_payouts() -> None:
    by = System("points.send_due_payouts")
    payouts.send_due_payouts(wallet=HttpWallet.from_settings(), by=by)


@shared_task(name="points.resolve_unknown_payouts")
def resolve_unknown_payouts() -> None:
    by = System("points.resolve_unknown_payouts")
    payouts.resolve_unknown(wallet=HttpWallet.from_settings(), by=by)


@shared_task(name="points.ask_payout")
def ask_payout(payout_id: int) -> None:
    payout = Payout.objects.select_related("participant").get(pk=payout_id)
    if payout.status == Payout.Status.UNKNOWN:
        by = System("points.ask_payout")
        payouts.ask_operator(payout, wallet=HttpWallet.from_settings(), by=by)


@shared_task(name="points.settle_yesterday")
def settle_yesterday() -> None:
    """Sweep every day that late records may still have changed, the newest first."""
    by = System("points.settle_yesterday")
    for back in range(1, NIGHTS_TO_GO_OVER + 1):
        settlement.settle_anew(Settlement.Kind.DAY, clock.today() - timedelta(days=back), by=by)


@shared_task(name="points.settle_last_week")
def settle_last_week() -> None:
    by = System("points.settle_last_week")
    for back in (timedelta(days=7), timedelta(0)):
        settlement.settle_anew(Settlement.Kind.WEEK, settlement.last_closed_sunday() - back, by=by)


@shared_task(name="points.resume_settlements")
def resume_settlements() -> None:
    """Carry on with sweeps whose workers are gone; one that is being worked on loses nothing."""
    for left in Settlement.objects.running():
        enqueue("points.run_settlement", left.pk)


@shared_task(name="points.run_settlement")
def run_settlement(settlement_id: int) -> None:
    """Help a sweep along; any number of workers may."""
    by = System("points.run_settlement")
    settlement.settle(Settlement.objects.get(pk=settlement_id), by=by)


@shared_task(name="points.expire_points")
def expire_points() -> None:
    expiry.expire_points(by=System("points.expire_points"))


@shared_task(name="points.reconcile_yesterday")
def reconcile_yesterday() -> None:
    reconcile_day((clock.today() - timedelta(days=1)).isoformat())


@shared_task(name="points.reconcile_day")
def reconcile_day(day: str) -> None:
    by = System("points.reconcile_day")
    reconciliation.reconcile(date.fromisoformat(day), wallet=HttpWallet.from_settings(), by=by)


@shared_task(name="points.checkpoint_pots")
def checkpoint_pots() -> None:
    pots.checkpoint_pots(by=System("points.checkpoint_pots"))


@shared_task(name="points.prove_points")
def prove_points() -> None:
    proof.prove(by=System("points.prove_points"))
