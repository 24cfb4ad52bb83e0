"""The nightly outlook of each budget: the last whole weeks, and what each person may still earn."""

from datetime import date, timedelta

from django.db import connection
from psycopg import sql

from participants.models import Participation
from points.models import Budget, BudgetForecast
from points.rules.budget_forecast import Ahead, Past, forecast
from points.rules.earning import WALKING_DAY, Rule, rule_on, week_of
from points.services.due import ask_day, caps_span, room_of
from points.services.rulebook import read_rulebook
from points.services.settlement import last_closed_sunday
from points.services.spending import EARNED, daily
from seoul_health.core import audit
from seoul_health.core.audit import Actor

WEEKS = 8
LATELY = timedelta(days=27)
WEEK = timedelta(days=7)
NO_LIMIT = 2_147_483_647
# People who earned lately and still take part, by what the limits leave them.
ROOMS = sql.SQL("""
    SELECT room, count(*) FROM (
        SELECT taken.participant_id, {room} AS room
        FROM (
            SELECT DISTINCT participant_id FROM participants_participation AS one
            WHERE status <> 'withdrawn' AND starts_on <= %(today)s AND ends_on > %(today)s
                AND EXISTS (SELECT FROM points_award AS recent
                    WHERE recent.participant_id = one.participant_id
                        AND recent.period BETWEEN %(lately)s AND %(today)s)
        ) AS taken
        LEFT JOIN points_award AS award ON award.participant_id = taken.participant_id
            AND award.period BETWEEN %(caps_from)s AND %(caps_to)s
        GROUP BY taken.participant_id
    ) AS each GROUP BY room
""")


def foresee_all(*, by: Actor) -> None:
    for budget in Budget.objects.in_force().order_by("pk"):
        foresee(budget, by=by)


def foresee(budget: Budget, *, by: Actor) -> BudgetForecast | None:
    """Work out when a budget runs out, and keep it; nothing before its first whole week."""
    last_day = min(last_closed_sunday(), budget.last_on)
    if last_day < budget.first_on:
        return None
    past = past_of(budget, last_day)
    seen = forecast(past, ceiling=budget.ceiling, until=budget.last_on)
    end = seen.at_the_end
    made = BudgetForecast.objects.create(
        budget=budget,
        last_day=last_day,
        runs_out_on=seen.runs_out_on,
        earliest=seen.earliest,
        latest=seen.latest,
        at_the_end=end.expected if end else past.spent,
        earners=sum(number for room, number in past.rooms.items() if room > 0),
        ahead=[as_row(one) for one in weekly(seen.days)],
    )
    audit.record("foreseen", budget, by=by, forecast=made.pk)
    return made


def past_of(budget: Budget, last_day: date) -> Past:
    first = max(budget.first_on, last_day - timedelta(days=WEEKS * 7 - 1))
    points = daily(EARNED, first, last_day)
    if points:
        first = max(first, week_of(min(points))[0])  # Weeks before anybody walked tell nothing.
    days = [first + timedelta(days=n) for n in range((last_day - first).days + 1)]
    rule = rule_on(read_rulebook().rules, last_day)
    return Past(
        last_day=last_day,
        daily=tuple(points.get(day, 0) for day in days),
        spent=sum(daily(EARNED, budget.first_on, last_day).values()),
        rooms=rooms_on(last_day),
        joining=joining_by(last_day),
        room_of_newcomers=room_of_newcomers(rule),
    )


def rooms_on(day: date) -> dict[int, int]:
    """Count people by what the limits of a day's rule still leave them."""
    asked = ask_day(read_rulebook(), day)
    if asked is None:
        return {}
    first, last = caps_span(asked)
    values = {"today": day, "lately": day - LATELY, "caps_from": first, "caps_to": last}
    with connection.cursor() as cursor:
        cursor.execute(ROOMS.format(room=room_of(asked)), values)
        return dict(cursor.fetchall())


def joining_by(day: date) -> float:
    """Give how many more people a day took part in the last four weeks."""
    lately = (day - LATELY, day)
    taken = Participation.objects.exclude(status="withdrawn")
    joined = taken.filter(starts_on__range=lately).count()
    ended = taken.filter(ends_on__range=lately).count()
    return max(0.0, (joined - ended) / (LATELY.days + 1))


def room_of_newcomers(rule: Rule | None) -> int:
    caps = [cap.amount for cap in rule.caps if cap.covers(WALKING_DAY)] if rule else []
    return min(caps, default=NO_LIMIT)


def weekly(days: tuple[Ahead, ...]) -> list[Ahead]:
    """Give one day of each week, and the last."""
    return [one for n, one in enumerate(days, 1) if n % WEEK.days == 0 or n == len(days)]


def as_row(one: Ahead) -> list[str | int]:
    return [one.day.isoformat(), one.expected, one.low, one.high]
