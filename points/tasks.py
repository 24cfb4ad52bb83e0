from contextlib import suppress
from datetime import date, timedelta

from celery import shared_task

from points.errors import PartnerIsDown
from points.gateways.wallet import HttpWallet
from points.models import ExpiryRun, HoldRelease, Operator, Payout, Settlement, Simulation
from points.services import (
    announcing,
    budget_counts,
    budget_outlook,
    budgets,
    campaigns,
    clawbacks,
    down_revisions,
    expiry,
    forecasts,
    hold_releases,
    pots,
    proof,
    reconciliation,
    scans,
    sending,
    settlement,
    simulations,
    spending,
)
from points.services.operators import in_force
from seoul_health.core import clock
from seoul_health.core.audit import System
from seoul_health.core.tasks import enqueue

NIGHTS_TO_GO_OVER = 8
NIGHTS_TO_SCAN = (1, 3)
DAYS_TO_REVISE = 31


@shared_task(name="points.send_due_payouts")
def send_due_payouts() -> None:
    by = System("points.send_due_payouts")
    operator = in_force()
    if operator is not None:  # Between two operators payouts wait.
        sending.send_due_payouts(operator, wallet=HttpWallet.of(operator.code), by=by)


@shared_task(name="points.resolve_unknown_payouts")
def resolve_unknown_payouts() -> None:
    """Ask every operator that owes an answer, those that have closed too."""
    by = System("points.resolve_unknown_payouts")
    for operator in Operator.objects.owing_answers():
        sending.resolve_unknown(operator, wallet=HttpWallet.of(operator.code), by=by)


@shared_task(name="points.ask_payout")
def ask_payout(payout_id: int) -> None:
    payout = Payout.objects.select_related("participant", "operator").get(pk=payout_id)
    if payout.status == Payout.Status.UNKNOWN:
        by = System("points.ask_payout")
        sending.ask_operator(payout, wallet=HttpWallet.of(payout.operator.code), by=by)


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


@shared_task(name="points.find_down_revisions")
def find_down_revisions() -> None:
    """List what late corrections of the last weeks would make lower, for a person to look at."""
    today = clock.today()
    down_revisions.find_down_revisions(
        today - timedelta(days=DAYS_TO_REVISE),
        today - timedelta(days=1),
        by=System("points.find_down_revisions"),
    )


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
    """Let points expire that have to, unless the partner is down; tomorrow is another day."""
    with suppress(PartnerIsDown):
        expiry.expire_points(by=System("points.expire_points"))


@shared_task(name="points.resume_expiry")
def resume_expiry() -> None:
    """Carry on with a run whose worker is gone, or that waited for the partner."""
    with suppress(PartnerIsDown):
        for run in ExpiryRun.objects.running():
            expiry.carry_on(run, by=System("points.resume_expiry"))


@shared_task(name="points.count_expiry")
def count_expiry() -> None:
    forecasts.count_expiry(by=System("points.count_expiry"))


@shared_task(name="points.announce_expiry")
def announce_expiry() -> None:
    announcing.announce_due()


@shared_task(name="points.tell_of_extensions")
def tell_of_extensions() -> None:
    announcing.tell_of_extensions()


@shared_task(name="points.reconcile_yesterday")
def reconcile_yesterday() -> None:
    reconcile_day((clock.today() - timedelta(days=1)).isoformat())


@shared_task(name="points.reconcile_day")
def reconcile_day(day: str) -> None:
    """Compare a day with the file of each operator that was in force on it."""
    by, seoul_day = System("points.reconcile_day"), date.fromisoformat(day)
    ends = clock.day_starts(seoul_day), clock.day_ends(seoul_day)
    for operator in Operator.objects.reporting(*ends):
        wallet = HttpWallet.of(operator.code)
        reconciliation.reconcile(seoul_day, operator, wallet=wallet, by=by)


@shared_task(name="points.checkpoint_pots")
def checkpoint_pots() -> None:
    pots.checkpoint_pots(by=System("points.checkpoint_pots"))


@shared_task(name="points.prove_points")
def prove_points() -> None:
    proof.prove(by=System("points.prove_points"))


@shared_task(name="points.run_simulation")
def run_simulation(simulation_id: int) -> None:
    """Help a simulation along; any number of workers may."""
    by = System("points.run_simulation")
    row = Simulation.objects.select_related("rule").get(pk=simulation_id)
    simulations.simulate(row, by=by)


@shared_task(name="points.resume_simulations")
def resume_simulations() -> None:
    """Carry on with simulations whose workers are gone."""
    for left in Simulation.objects.running():
        enqueue("points.run_simulation", left.pk)


@shared_task(name="points.scan_for_misuse")
def scan_for_misuse() -> None:
    """Look at yesterday, and once more at the day whose late records are mostly in."""
    for back in NIGHTS_TO_SCAN:
        day = clock.today() - timedelta(days=back)
        scans.scan_day(day, by=System("points.scan_for_misuse"))


@shared_task(name="points.release_holds")
def release_holds(release_id: int) -> None:
    by = System("points.release_holds")
    hold_releases.work_off(HoldRelease.objects.get(pk=release_id), by=by)


@shared_task(name="points.resume_hold_releases")
def resume_hold_releases() -> None:
    """Carry on with releases whose worker is gone."""
    for left in HoldRelease.objects.unfinished():
        enqueue("points.release_holds", left.pk)


@shared_task(name="points.take_due_clawbacks")
def take_due_clawbacks() -> None:
    clawbacks.take_due(by=System("points.take_due_clawbacks"))


@shared_task(name="points.sweep_campaigns")
def sweep_campaigns() -> None:
    """Give the places that no sync gave, and close campaigns whose late records are in."""
    campaigns.sweep_campaigns(by=System("points.sweep_campaigns"))


@shared_task(name="points.watch_budgets")
def watch_budgets() -> None:
    budget_counts.watch_budgets(by=System("points.watch_budgets"))
    spending.add_up()


@shared_task(name="points.foresee_budgets")
def foresee_budgets() -> None:
    spending.add_up()
    budget_outlook.foresee_all(by=System("points.foresee_budgets"))


@shared_task(name="points.fund_waiting")
def fund_waiting() -> None:
    budgets.fund_waiting(by=System("points.fund_waiting"))
