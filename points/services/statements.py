"""What a person has, and how it came to be."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Sum

from devices.models import DaySteps
from devices.rules.steps import SourceDay
from devices.services import walking
from participants.models import Participant
from points.models import Account, Award, Payout, Transfer, Unfunded
from points.rules.earning import WALKING_DAY, Outcome, cap_window, rule_on
from points.services import awards
from points.services.earnings import read_earned
from points.services.expiry import expiring_soon
from points.services.held import disputed_points, held_days
from seoul_health.core import clock

SOON = timedelta(days=92)
BALANCE_AFTER = """
SELECT account.balance
    - coalesce((SELECT sum(amount) FROM points_transfer
        WHERE target_id = account.id AND id > %(id)s), 0)
    + coalesce((SELECT sum(amount) FROM points_transfer
        WHERE source_id = account.id AND id > %(id)s), 0)
FROM points_account AS account WHERE account.id = %(account)s
"""
BALANCE_AFTER_UNTIL = BALANCE_AFTER.replace("id > %(id)s", "(id > %(id)s OR at > %(until)s)")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a purse's statement."""

    transfer: Transfer
    amount: int
    balance: int


@dataclass(frozen=True, slots=True)
class CapUse:
    group: str
    used: int
    limit: int


@dataclass(frozen=True, slots=True)
class Summary:
    balance: int
    payable: int
    pending: int
    earned_this_period: int
    caps: list[CapUse]
    expiring: list[tuple[date, int]]


@dataclass(frozen=True, slots=True)
class DayStatement:
    day: date
    steps: int
    outcome: Outcome
    sources: list[str]
    last_received_at: Any


def summary_of(participant: Participant) -> Summary:
    """Say what a person has, may have paid out, and may still earn."""
    today = clock.today()
    purse = Account.objects.filter(participant=participant).first()
    balance = purse.balance if purse else 0
    open_payouts = Payout.objects.open().filter(participant=participant)
    caps, earned = cap_uses(participant, today)
    free = max(0, balance - disputed_points(participant))
    return Summary(
        balance=balance,
        payable=free if participant.is_verified else 0,
        pending=open_payouts.aggregate(sum=Sum("amount"))["sum"] or 0,
        earned_this_period=earned,
        caps=caps,
        expiring=expiring_soon(participant, until=today + SOON) if purse else [],
    )


def cap_uses(participant: Participant, day: date) -> tuple[list[CapUse], int]:
    """Give the use of every limit of today's rule, and what the period has earned so far."""
    facts = awards.read_facts(participant, WALKING_DAY, [day])
    rule = rule_on(facts.book.rules, day)
    if rule is None:
        return [], 0
    earned = read_earned(participant, facts.book.rules, [day])
    used = earned.used(rule, day)
    first = min((cap_window(rule, cap, day)[0] for cap in rule.caps), default=date(day.year, 1, 1))
    total = Award.objects.filter(participant=participant, period__gte=first)
    return (
        [CapUse(cap.group, used[cap.group], cap.amount) for cap in rule.caps],
        total.aggregate(sum=Sum("points"))["sum"] or 0,
    )


def entries_of(
    account: Account, transfers: list[Transfer], *, until: datetime | None = None
) -> list[Entry]:
    """Give neighbouring transfers of a purse, newest first, each with the balance after it.

    With a moment, those are neighbours that no later one lies between, and later ones do not count.
    """
    if not transfers:
        return []
    query = BALANCE_AFTER_UNTIL if until else BALANCE_AFTER
    values = {"id": transfers[0].pk, "account": account.pk, "until": until}
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        balance = int(cursor.fetchone()[0])
    entries = []
    for transfer in transfers:
        amount = transfer.amount if transfer.target_id == account.pk else -transfer.amount
        entries.append(Entry(transfer, amount, balance))
        balance -= amount
    return entries


def days_without_budget(participant: Participant, first: date, last: date) -> set[date]:
    rows = Unfunded.objects.filter(
        participant=participant, item=WALKING_DAY, period__range=(first, last)
    )
    return set(rows.values_list("period", flat=True))


def days_of(participant: Participant, first: date, last: date) -> list[DayStatement]:
    """Tell each day of a span: the steps, what they earned, and why not more."""
    rows: dict[date, dict[str, DaySteps]] = {}
    for row in DaySteps.objects.between(participant, first, last).defer("spans"):
        rows.setdefault(row.activity_date, {})[row.source] = row
    stored = {
        day: {source: SourceDay(row.hours) for source, row in sources.items()}
        for day, sources in rows.items()
    }
    totals = walking.totals_of(stored, walking.plausibility())
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    facts = awards.read_facts(participant, WALKING_DAY, days)
    held = held_days(participant, totals)
    waiting = days_without_budget(participant, first, last)
    return [
        DayStatement(
            day=day,
            steps=totals.get(day, 0),
            outcome=awards.as_told(
                facts, day, facts.judge(day, totals.get(day), {}, held=held.get(day, "")), waiting
            ),
            sources=sorted(rows.get(day, {})),
            last_received_at=max(
                (row.last_received_at for row in rows.get(day, {}).values()), default=None
            ),
        )
        for day in days
    ]
