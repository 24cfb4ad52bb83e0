"""Recall campaigns: a frozen cohort, waves, what each brought back, and when to stop."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Sum

from devices.errors import AllWavesSent, CampaignCodeTaken, NobodyToRecall, NotWorthIt
from devices.models import (
    DaySteps,
    Loan,
    RecallAttempt,
    RecallCampaign,
    RecallUnit,
    RecoveryStep,
    Shipment,
)
from devices.rules.stopping import Outlook, Wave, next_wave
from devices.services.ladder import DONE_BY_PEOPLE, open_tasks, wordings
from participants.services import notices
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.db import constraint
from seoul_health.core.errors import IllegalMove, ReasonNeeded
from seoul_health.core.models import StaffUser

BATCH = 5_000
Status = RecallCampaign.Status
TEMPLATES = {"message": "watch_recall", "letter": "watch_recall_letter"}


def cohort(campaign: RecallCampaign) -> QuerySet[Loan]:
    """Give the loans a campaign is about: with their citizen, no parcel under way."""
    today = clock.today()
    back = Shipment.objects.unfinished().filter(loan=OuterRef("pk"), direction="back")
    rows = Loan.objects.out().filter(~Exists(back))
    if campaign.round_id:
        rows = rows.filter(participation__round=campaign.round_id)
    if campaign.lot_id:
        rows = rows.filter(device__lot=campaign.lot_id)
    if campaign.district:
        rows = rows.filter(participant__district=campaign.district)
    if campaign.overdue_days:
        rows = rows.filter(due_on__lte=today - timedelta(days=campaign.overdue_days))
    if campaign.silent_days:
        since = today - timedelta(days=campaign.silent_days)
        walked = DaySteps.objects.filter(
            participant=OuterRef("participant"), activity_date__gt=since, steps__gt=0
        )
        rows = rows.filter(~Exists(walked), accepted_at__lt=clock.day_ends(since))
    return rows


@transaction.atomic
def request_campaign(*, by: StaffUser, **terms: Any) -> RecallCampaign:
    """Propose a campaign; somebody else decides."""
    if not str(terms.get("reason", "")).strip():
        raise ReasonNeeded
    campaign = RecallCampaign(requested_by=by, **terms)
    if not cohort(campaign).exists():
        raise NobodyToRecall
    with constraint("devices_recallcampaign_code_key", CampaignCodeTaken(code=campaign.code)):
        campaign.save(force_insert=True)
    audit.record("requested", campaign, by=by, why=campaign.reason)
    return campaign


@transaction.atomic
def approve(campaign: RecallCampaign, *, by: StaffUser) -> int:
    """Freeze the cohort as it is now and send the first wave; give how many watches it asks for."""
    campaign.move(Status.RUNNING, by=by, **campaign.decided(by))
    units = (
        RecallUnit(campaign=campaign, loan_id=pk)
        for pk in cohort(campaign).values_list("pk", flat=True).iterator()
    )
    RecallUnit.objects.bulk_create(units, batch_size=BATCH)
    return send_wave(campaign, by=by)


@transaction.atomic
def reject(campaign: RecallCampaign, *, by: StaffUser, why: str) -> None:
    if not why.strip():
        raise ReasonNeeded
    campaign.move(Status.REJECTED, by=by, why=why, **campaign.decided(by))


@transaction.atomic
def stop(campaign: RecallCampaign, *, by: Actor, why: str) -> None:
    if not why.strip():
        raise ReasonNeeded
    campaign.move(Status.STOPPED, by=by, why=why, ended_at=clock.now())


@transaction.atomic
def send_wave(campaign: RecallCampaign, *, by: Actor) -> int:
    """Ask once more for what is still out, unless it would cost more than it brings back."""
    held = RecallCampaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)
    if held.status != Status.RUNNING:
        raise IllegalMove(what=held, to=RecallCampaign.status_label(Status.RUNNING))
    figures = progress(held)
    if len(figures.waves) >= held.waves:
        raise AllWavesSent(waves=held.waves)
    if figures.next and not figures.next.pays(held.unit_worth):
        cost = figures.next.cost_per_unit
        shown = "∞" if cost is None else f"{cost:,}"
        raise NotWorthIt(cost=shown, worth=f"{held.unit_worth:,}")
    return ask(held, wave=len(figures.waves) + 1, by=by)


def ask(campaign: RecallCampaign, *, wave: int, by: Actor) -> int:
    units = list(campaign.units.still_out().select_related("loan__device").order_by("pk"))
    steps = RecoveryStep.objects.bulk_create(
        (
            RecoveryStep(
                loan=unit.loan, kind=campaign.kind, cost=campaign.cost,
                note=f"{campaign.code} {wave}", taken_by=by.actor_name,
            )
            for unit in units
        ),
        batch_size=BATCH,
    )  # fmt: skip
    RecallAttempt.objects.bulk_create(
        (
            RecallAttempt(unit=unit, wave=wave, step=step)
            for unit, step in zip(units, steps, strict=True)
        ),
        batch_size=BATCH,
    )
    if template := TEMPLATES.get(campaign.kind):
        notices.plan(template, wordings(steps))
    elif campaign.kind in DONE_BY_PEOPLE:
        open_tasks(steps)
    audit.record("wave_sent", campaign, by=by, wave=wave, count=len(units))
    return len(units)


@dataclass(frozen=True, slots=True)
class Progress:
    """What a campaign has asked for, brought back and cost so far."""

    cohort: int
    recovered: int
    still_out: int
    cost: int
    waves: list[Wave]
    next: Outlook | None

    @property
    def cost_per_unit(self) -> int | None:
        return -(-self.cost // self.recovered) if self.recovered else None


def progress(campaign: RecallCampaign) -> Progress:
    """Count a campaign's rows; a watch belongs to the last wave before it came back."""
    units = campaign.units.all()
    back = Q(loan__returned_at__isnull=False)
    totals = units.aggregate(cohort=Count("pk"), recovered=Count("pk", filter=back))
    last = units.filter(back).annotate(wave=Max("attempts__wave")).values_list("wave", flat=True)
    by_wave = list(last)
    sent = (
        RecallAttempt.objects.filter(unit__campaign=campaign)
        .values("wave")
        .annotate(asked=Count("pk"), cost=Sum("step__cost"))
        .order_by("wave")
    )
    waves = [Wave(row["asked"], by_wave.count(row["wave"]), row["cost"]) for row in sent]
    out = units.still_out().count()
    return Progress(
        cohort=totals["cohort"],
        recovered=totals["recovered"],
        still_out=out,
        cost=sum(wave.cost for wave in waves),
        waves=waves,
        next=next_wave(waves, still_out=out, unit_cost=campaign.cost) if out else None,
    )
