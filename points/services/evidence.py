"""Why a day earned what it earned: uploads, merge, rule and money of one person and one day."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Sum

from devices.models import DaySteps, SyncReceipt
from devices.models.walking import Source
from devices.rules import reasons
from devices.rules.samples import parse_samples
from devices.rules.steps import Item, ItemOutcome, accepted_total, merge_sources
from devices.services.walking import items_of, plausibility
from participants.models import Participant
from points.models import Account, Award, EarningRule, Hold, Transfer
from points.rules import earning
from points.rules.findings import (
    Finding,
    arrival_words,
    remark,
    rule_words,
    sentence,
)
from points.services.held import held_days
from points.services.statements import days_without_budget
from seoul_health.core import clock

MOST_UPLOADS = 40
NEVER_COUNTED = {ItemOutcome.LATE: "late", ItemOutcome.REJECTED: "rejected"}


@dataclass(frozen=True, slots=True)
class ItemGroup:
    """Items of one upload with the same fate."""

    outcome: ItemOutcome
    sentence: str
    count: int
    steps: int


@dataclass(frozen=True, slots=True)
class UploadSeen:
    receipt_no: str
    received_at: datetime
    source: str
    app_version: str
    device_model: str
    groups: tuple[ItemGroup, ...]


@dataclass(frozen=True, slots=True)
class SourceHours:
    source: str
    hours: tuple[int, ...]
    steps: int
    last_received_at: datetime


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything about one person's day, for the agent; `citizen_text` is for the citizen."""

    participant: Participant
    day: date
    uploads: tuple[UploadSeen, ...]
    sources: tuple[SourceHours, ...]
    merged: tuple[int, ...]
    steps: int
    rule: EarningRule | None
    goal: int
    award: Award | None
    transfers: tuple[Transfer, ...]
    purse: Account | None
    finding: Finding
    sentence: str
    remarks: tuple[str, ...]
    citizen_text: str


def panel(participant: Participant, day: date) -> Evidence:
    """Gather what is known about one person's day. Reads only."""
    uploads = uploads_of(participant, day)
    sources = sources_of(participant, day)
    limits = plausibility()
    raw = merge_sources({each.source: each.hours for each in sources})
    steps, merged = accepted_total(raw, limits)
    rule = EarningRule.objects.in_force(day).prefetch_related("caps").first()
    award = award_of(participant, day)
    purse = Account.objects.filter(participant=participant).first()
    transfers = transfers_of(purse, award, day)
    finding = judge(participant, day, steps if sources else None, rule, award, transfers)
    remarks = tuple(remarks_on(uploads, sources, raw, merged, steps))
    return Evidence(
        participant=participant,
        day=day,
        uploads=uploads,
        sources=sources,
        merged=tuple(merged),
        steps=steps,
        rule=rule,
        goal=finding.goal,
        award=award,
        transfers=transfers,
        purse=purse,
        finding=finding,
        sentence=sentence(finding),
        remarks=remarks,
        citizen_text=citizen_text(finding, remarks, sources, rule),
    )


def uploads_of(participant: Participant, day: date) -> tuple[UploadSeen, ...]:
    """Find the uploads that say something about a day, or that were refused on it."""
    latest = clock.day_ends(day) + timedelta(days=settings.STEPS_GRACE_DAYS + 1)
    receipts = SyncReceipt.objects.filter(
        participant=participant, received_at__gte=clock.day_starts(day), received_at__lt=latest
    ).order_by("received_at", "pk")[:MOST_UPLOADS]
    seen = (upload_seen(receipt, day) for receipt in receipts)
    return tuple(upload for upload in seen if upload.groups)


def upload_seen(receipt: SyncReceipt, day: date) -> UploadSeen:
    return UploadSeen(
        receipt_no=receipt.receipt_no,
        received_at=receipt.received_at,
        source=str(Source(receipt.source).label),
        app_version=receipt.app_version,
        device_model=receipt.device_model,
        groups=tuple(groups_of(receipt, day)),
    )


def groups_of(receipt: SyncReceipt, day: date) -> list[ItemGroup]:
    """Sum up what became of a receipt's items that concern a day, fate by fate."""
    samples, refusals = parse_samples(receipt.payload, received_at=receipt.received_at)
    concerned = {
        sample.index: sample.steps
        for sample in samples
        if clock.seoul_day(sample.start) <= day <= clock.seoul_day(sample.end)
    }
    if clock.seoul_day(receipt.received_at) == day:
        concerned |= {refusal.index: 0 for refusal in refusals}
    counts: Counter[tuple[ItemOutcome, str]] = Counter()
    steps: Counter[tuple[ItemOutcome, str]] = Counter()
    for item in items_of(receipt):
        if item.index in concerned:
            counts[item.outcome, item.reason] += 1
            steps[item.outcome, item.reason] += concerned[item.index]
    return [
        ItemGroup(fate[0], reasons.sentence(Item(0, *fate)), count, steps[fate])
        for fate, count in counts.items()
    ]


def sources_of(participant: Participant, day: date) -> tuple[SourceHours, ...]:
    return tuple(
        SourceHours(
            source=str(Source(row.source).label),
            hours=tuple(row.hours),
            steps=row.steps,
            last_received_at=row.last_received_at,
        )
        for row in DaySteps.objects.of_day(participant, day)
    )


def award_of(participant: Participant, day: date) -> Award | None:
    days = Award.objects.of_days(participant, day, day)
    return days.select_related("transfer", "rule").first()


def transfers_of(purse: Account | None, award: Award | None, day: date) -> tuple[Transfer, ...]:
    """Give the money moved for a day, corrections included."""
    if purse is None:
        return ()
    moved = Transfer.objects.of(purse).filter(business_date=day)
    found = {each.pk: each for each in moved.select_related("source", "target")}
    if award and award.transfer:
        found[award.transfer.pk] = award.transfer
        undone = Transfer.objects.filter(reversal_of=award.transfer)
        found |= {each.pk: each for each in undone.select_related("source", "target")}
    return tuple(found[pk] for pk in sorted(found))


def judge(
    participant: Participant,
    day: date,
    steps: int | None,
    rule: EarningRule | None,
    award: Award | None,
    transfers: tuple[Transfer, ...],
) -> Finding:
    """Say what the day earned: what was posted if anything was, else what the rule says."""
    if award is not None:
        return judged(day, steps or 0, award, transfers)
    pure = rule.as_rule() if rule else None
    held = held_days(participant, [day]).get(day, "")
    outcome = earning.judge_day(
        pure,
        day,
        steps=steps,
        age=pure.senior_age if pure and participant.is_senior_on(day) else None,
        used=used_by(participant, pure, day) if pure else {},
        participating=participant.participations.on(day).exists(),
        on_hold=bool(held),
    )
    is_final = held == Hold.Status.CONFIRMED and outcome.reason == "on_hold"
    reason = "hold_confirmed" if is_final else outcome.reason
    if reason == "goal_reached" and days_without_budget(participant, day, day):
        reason = "budget_spent"
    return Finding(day, reason, steps or 0, outcome.goal, 0, outcome.due)


def judged(day: date, steps: int, award: Award, transfers: tuple[Transfer, ...]) -> Finding:
    """Tell of an award that was made: credited, capped, or taken back again."""
    due = award.rule.daily_points
    outcome = "credited" if award.points == due else "partly_credited"
    if not award.points:
        outcome = "cap_reached"
    if any(each.reversal_of_id == award.transfer_id for each in transfers if award.transfer_id):
        outcome = "reversed"
    return Finding(
        day=day,
        outcome=outcome,
        steps=steps,
        goal=award.goal,
        points=award.points,
        due=due,
        credited_at=award.transfer.at if award.transfer else None,
    )


def used_by(participant: Participant, rule: earning.Rule, day: date) -> dict[str, int]:
    """Sum what has been earned under each limit of a rule."""
    used = {}
    for cap in rule.caps:
        earned = Award.objects.filter(
            participant=participant, period__range=earning.cap_window(rule, cap, day)
        )
        if cap.items:
            earned = earned.filter(item__in=cap.items)
        used[cap.group] = earned.aggregate(total=Sum("points", default=0))["total"]
    return used


def remarks_on(
    uploads: tuple[UploadSeen, ...],
    sources: tuple[SourceHours, ...],
    raw: list[int],
    merged: list[int],
    steps: int,
) -> list[str]:
    """Name what else shaped the number: limits, merging, uploads that changed nothing."""
    fates = {group.outcome for upload in uploads for group in upload.groups}
    limits = plausibility()
    said = []
    if len(sources) > 1:
        said.append(remark("two_sources"))
    if ItemOutcome.IGNORED_LOWER in fates:
        said.append(remark("ignored_lower"))
    said += [remark(code) for fate, code in NEVER_COUNTED.items() if fate in fates]
    if raw != merged:
        said.append(remark("hour_limit", limit=limits.per_hour))
    if steps < sum(merged):
        said.append(remark("day_limit", limit=limits.per_day))
    return said


def citizen_text(
    finding: Finding,
    remarks: tuple[str, ...],
    sources: tuple[SourceHours, ...],
    rule: EarningRule | None,
) -> str:
    """Write what may be told to the citizen: nothing about apps, models or other people."""
    lines = [sentence(finding), *remarks]
    if sources:
        lines.append(arrival_words([(each.source, each.last_received_at) for each in sources]))
    if rule is not None and finding.goal:
        lines.append(rule_words(rule.effective_from, finding.goal, rule.daily_points))
    return "\n".join(lines)
