"""The wallet operators of the demo: a change in the past, a dark week, and differences in work."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db.models import Sum

from participants.models import Participant
from points.gateways.wallet import FileLine, Receipt
from points.models import (
    Account,
    Breaker,
    Difference,
    Operator,
    OperatorChange,
    Outage,
    Payout,
    Pot,
    Reason,
    Reconciliation,
    Transfer,
)
from points.services import ledger
from points.services.accounts import pot
from points.services.differences import note_difference, resolve_difference, take_difference
from points.services.payouts import check_payable, settle_payout
from points.services.reconciliation import compare
from seoul_health.core import clock
from seoul_health.core.errors import DomainError
from seoul_health.core.models import StaffUser

from .plans import HEROES, World
from .staff import LOADER

LEAST = 5_000
LEFT_DAYS, BEGAN_DAYS = 40, 33
DARK_FROM, DARK_UNTIL = 21, 13
PAID_DAYS = range(9, 1, -1)
A_DAY = 3
MORNING = timedelta(hours=9)


def load_partner(world: World) -> int:
    """Lay down what happened with the operators; give how many payouts were paid of old."""
    change_operator(world)
    go_dark(world)
    paid = sum(pay_of_old(world, world.today - timedelta(days=back)) for back in PAID_DAYS)
    compare_of_old(world)
    return paid


def change_operator(world: World) -> None:
    current = Operator.objects.get(code="seoulpay")
    stops_at = clock.day_starts(world.today - timedelta(days=LEFT_DAYS))
    starts_at = clock.day_starts(world.today - timedelta(days=BEGAN_DAYS)) + MORNING
    Operator.objects.filter(pk=current.pk).update(starts_at=starts_at, name="서울페이 2기 운영사")
    leaving = Operator.objects.create(
        code="seoulpay-1",
        name="서울페이 1기 운영사",
        starts_at=clock.day_starts(date(2022, 1, 1)),
        ends_at=stops_at,
    )
    Breaker.objects.create(operator=leaving, since=leaving.starts_at)
    Breaker.objects.filter(operator=current).update(since=starts_at)
    asked_at = stops_at - timedelta(days=30)
    OperatorChange.objects.create(
        leaving=leaving, code="seoulpay", name="서울페이 2기 운영사", stops_at=stops_at,
        starts_at=starts_at, reason="운영 계약 만료에 따른 운영사 변경", status="approved",
        requested_by=clerk("finance"), requested_at=asked_at,
        decided_by=clerk("approver"), decided_at=asked_at + timedelta(days=1),
    )  # fmt: skip


def clerk(name: str) -> StaffUser:
    return StaffUser.objects.get(username=name)


def go_dark(world: World) -> None:
    operator = Operator.objects.get(code="seoulpay")
    began = clock.day_starts(world.today - timedelta(days=DARK_FROM))
    ended = clock.day_starts(world.today - timedelta(days=DARK_UNTIL)) + MORNING
    Outage.objects.create(
        operator=operator, cause="silence", why="ConnectTimeout", began_at=began, ended_at=ended,
        tries=791,
    )  # fmt: skip
    paused = clock.day_starts(world.today - timedelta(days=5)) + MORNING
    Outage.objects.create(
        operator=operator, cause="pause", why="협력 기관 긴급 점검", began_at=paused,
        ended_at=paused + timedelta(hours=2),
    )  # fmt: skip
    Breaker.objects.filter(operator=operator).update(since=paused + timedelta(hours=2))


def pay_of_old(world: World, day: date) -> int:
    """Pay a few people who had the points on a past day."""
    paid = 0
    for purse in rich_on(day):
        if paid == A_DAY or purse.participant is None:
            break
        try:
            check_payable(purse.participant, LEAST)
        except DomainError:
            continue
        asked_at = clock.day_starts(day) + MORNING + timedelta(minutes=17 * paid)
        pay(purse, purse.participant, asked_at)
        paid += 1
    return paid


def rich_on(day: date) -> list[Account]:
    heroes = Participant.objects.order_by("pk").values("pk")[:HEROES]
    rows = Account.objects.purses().filter(balance__gte=LEAST).exclude(participant__in=heroes)
    had = Transfer.objects.filter(business_date__lte=day, target__in=rows).values("target")
    enough = had.annotate(points=Sum("amount")).filter(points__gte=LEAST).values("target")
    return list(rows.filter(pk__in=enough).select_related("participant").order_by("pk")[:40])


def pay(purse: Account, person: Participant, asked_at: datetime) -> None:
    day = clock.seoul_day(asked_at)
    key = f"payout:{person.pk}:demo-{day:%Y%m%d}"
    transfer = ledger.post(
        key, source=purse, target=pot(Pot.IN_TRANSIT), amount=LEAST, reason=Reason.PAYOUT,
        business_date=day,
    )  # fmt: skip
    payout = Payout.objects.create(
        reference=f"PO-{day:%Y%m%d}-{person.pk:016x}", participant=person, transfer=transfer,
        operator=Operator.objects.get(code="seoulpay"), amount=LEAST, requested_at=asked_at,
        next_at=asked_at,
    )  # fmt: skip
    payout.move("sending", by=LOADER, claimed_at=asked_at, attempts=1)
    paid_at = asked_at + timedelta(minutes=2)
    number = f"A{day:%m%d}{person.pk:08}"
    receipt = Receipt(number, payout.reference, LEAST, paid_at, duplicate=False)
    settle_payout(payout, receipt, by=LOADER)


def compare_of_old(world: World) -> None:
    """Compare the past days; some of the partner's files tell something else than we do."""
    operator = Operator.objects.get(code="seoulpay")
    for back in range(BEGAN_DAYS, 0, -1):
        day = world.today - timedelta(days=back)
        run = compare(day, operator, iter(list(told_by_partner(day, back))), by=LOADER)
        morning = clock.day_starts(day + timedelta(days=1)) + timedelta(hours=5, minutes=10)
        Reconciliation.objects.filter(pk=run.pk).update(at=morning)
        Difference.objects.filter(line__reconciliation=run).update(opened_at=morning)
    work_on_differences()


def told_by_partner(day: date, back: int) -> Iterator[FileLine]:
    ends = clock.day_starts(day), clock.day_ends(day)
    paid = Payout.objects.filter(paid_at__gte=ends[0], paid_at__lt=ends[1]).order_by("pk")
    for place, payout in enumerate(paid):
        assert payout.paid_at is not None
        if back == 4 and place == 0:
            continue  # Ours only.
        amount = payout.amount + (500 if back == 6 and place == 1 else 0)
        yield FileLine(payout.reference, amount, payout.receipt_no, payout.paid_at)
    if back in {2, 8, 12, 25}:
        paid_at = ends[0] + timedelta(hours=11)
        yield FileLine(f"PO-{day:%Y%m%d}-TEST", 5_000, f"T{day:%m%d}0001", paid_at)


def work_on_differences() -> None:
    """Let some be taken on, one be noted and the oldest be resolved."""
    rows = list(Difference.objects.order_by("opened_at", "pk"))
    officer = clerk("finance")
    for row in rows[:3]:
        take_difference(row, by=officer)
    if rows:
        resolve_difference(
            rows[0], resolution="explained", note="협력 기관 시험 송금으로 확인", by=officer
        )
    if len(rows) > 1:
        note_difference(rows[1], note="협력 기관에 거래 원장 사본 요청함", by=officer)
