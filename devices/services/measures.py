"""How many watches come back, how late, and what each costs: computed from rows, never typed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil

from django.db import connection

# Fewer people than this are never shown apart.
SMALLEST = 5
BY = {
    "round": "round.code",
    "lot": "lot.code",
    "district": "participant.district",
    "supplier": "lot.supplier",
}
# A loan counts once its watch ought to be back: due, asked back, lost, damaged or returned.
COUNTED = """
    loan.status NOT IN ('reserved', 'cancelled')
    AND (loan.due_on < %(today)s OR loan.returned_at IS NOT NULL
        OR loan.status IN ('recall_requested', 'returning', 'lost', 'damaged', 'bought_out'))
"""
OVERDUE = "loan.status IN ('delivered', 'live', 'recall_requested') AND loan.due_on < %(today)s"
GROUPS = """
SELECT {by} AS name,
    count(*) AS lent,
    count(*) FILTER (WHERE {counted}) AS expected,
    count(*) FILTER (WHERE {counted} AND loan.returned_at IS NOT NULL) AS recovered,
    count(*) FILTER (WHERE {overdue}) AS overdue,
    coalesce(sum(%(today)s - loan.due_on) FILTER (WHERE {overdue}), 0) AS days_overdue,
    count(*) FILTER (WHERE loan.status = 'lost') AS lost,
    coalesce(sum(cost.won), 0) AS cost,
    coalesce(sum(lot.unit_price) FILTER (WHERE {overdue} OR loan.status = 'lost'), 0) AS at_stake
FROM devices_loan loan
JOIN devices_device device ON device.id = loan.device_id
JOIN devices_lot lot ON lot.id = device.lot_id
JOIN participants_participant participant ON participant.id = loan.participant_id
JOIN participants_participation participation ON participation.id = loan.participation_id
JOIN participants_recruitmentround round ON round.id = participation.round_id
LEFT JOIN (
    SELECT loan_id, sum(cost) AS won FROM devices_recoverystep GROUP BY loan_id
) cost ON cost.loan_id = loan.id
WHERE loan.status NOT IN ('reserved', 'cancelled')
    AND (%(district)s = '' OR participant.district = %(district)s)
GROUP BY 1 ORDER BY 1
"""
GHOSTS = """
SELECT
    count(*) FILTER (WHERE silent >= 30) AS month,
    count(*) FILTER (WHERE silent >= 60) AS two_months,
    count(*) FILTER (WHERE silent >= 90) AS three_months,
    count(*) AS out
FROM (
    SELECT %(today)s - coalesce(last.day, loan.accepted_at::date) AS silent
    FROM devices_loan loan
    JOIN participants_participant participant ON participant.id = loan.participant_id
    LEFT JOIN LATERAL (
        SELECT activity_date AS day FROM devices_daysteps day
        WHERE day.participant_id = loan.participant_id AND day.steps > 0
        ORDER BY activity_date DESC LIMIT 1
    ) last ON true
    WHERE loan.status IN ('live', 'recall_requested') AND loan.accepted_at IS NOT NULL
        AND (%(district)s = '' OR participant.district = %(district)s)
) held
"""


@dataclass(frozen=True, slots=True)
class Measure:
    """The recovery of one group of loans."""

    name: str
    lent: int
    expected: int
    recovered: int
    overdue: int
    days_overdue: int
    lost: int
    cost: int
    at_stake: int

    @property
    def rate(self) -> int:
        """Give the recovery rate in tenths of a per cent."""
        return self.recovered * 1000 // self.expected if self.expected else 0

    @property
    def percent(self) -> str:
        return f"{self.rate // 10}.{self.rate % 10} %" if self.expected else "–"

    @property
    def cost_per_unit(self) -> int | None:
        return ceil(self.cost / self.recovered) if self.recovered else None

    @property
    def mean_days(self) -> int:
        return self.days_overdue // self.overdue if self.overdue else 0

    @property
    def is_withheld(self) -> bool:
        return 0 < self.lent < SMALLEST


@dataclass(frozen=True, slots=True)
class Ghosts:
    """Watches that are out, by how long no step has come from their citizen."""

    month: int
    two_months: int
    three_months: int
    out: int


def measures_by(name: str, *, today: date, district: str = "") -> list[Measure]:
    """Give the measures of every round, lot, district or supplier."""
    query = GROUPS.format(by=BY[name], counted=COUNTED, overdue=OVERDUE)
    with connection.cursor() as cursor:
        cursor.execute(query, {"today": today, "district": district})
        return [
            Measure(str(row[0]), *(int(figure) for figure in row[1:])) for row in cursor.fetchall()
        ]


def whole(rows: Sequence[Measure], name: str) -> Measure:
    """Add groups up."""
    return Measure(
        name,
        lent=sum(row.lent for row in rows),
        expected=sum(row.expected for row in rows),
        recovered=sum(row.recovered for row in rows),
        overdue=sum(row.overdue for row in rows),
        days_overdue=sum(row.days_overdue for row in rows),
        lost=sum(row.lost for row in rows),
        cost=sum(row.cost for row in rows),
        at_stake=sum(row.at_stake for row in rows),
    )


def ghosts(*, today: date, district: str = "") -> Ghosts:
    """Count watches whose citizens have been silent for 30, 60 and 90 days."""
    with connection.cursor() as cursor:
        cursor.execute(GHOSTS, {"today": today, "district": district})
        row = cursor.fetchone()
    assert row is not None, "an aggregate answers one row"
    return Ghosts(*(int(figure) for figure in row))


def costs_by_kind(*, district: str = "") -> list[tuple[str, int, int]]:
    """Give every kind of step with how many were taken and what they cost."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT step.kind, count(*), coalesce(sum(step.cost), 0)
            FROM devices_recoverystep step
            JOIN devices_loan loan ON loan.id = step.loan_id
            JOIN participants_participant participant ON participant.id = loan.participant_id
            WHERE %(district)s = '' OR participant.district = %(district)s
            GROUP BY 1 ORDER BY 1
            """,
            {"district": district},
        )
        return [(str(kind), int(count), int(won)) for kind, count, won in cursor.fetchall()]
