"""How many people, and how many participations: two figures that are never added up."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from participants.models import Basis, RecruitmentRound
from participants.rules.districts import DISTRICTS
from seoul_health.core import clock
from seoul_health.core.models import StaffUser
from seoul_health.core.models.staff import Scope

PEOPLE = """
SELECT person.district, count(*), count(person.verified_at), count(person.withdrawn_at),
    count(one.participant_id), count(*) FILTER (WHERE one.is_live),
    count(*) FILTER (WHERE one.times > 1), coalesce(sum(one.times), 0)
FROM participants_participant AS person
LEFT JOIN (
    SELECT participant_id, count(*) AS times,
        bool_or(status IN ('active', 'suspended')) AS is_live
    FROM participants_participation GROUP BY participant_id
) AS one ON one.participant_id = person.id
WHERE %(district)s IN ('', person.district)
GROUP BY person.district
"""
PARTICIPATIONS = """
SELECT taken.round_id, taken.basis, taken.status, count(*), count(person.verified_at),
    count(*) FILTER (WHERE taken.is_again)
FROM (
    SELECT round_id, basis, status, participant_id,
        row_number() OVER (PARTITION BY participant_id ORDER BY starts_on, id) > 1 AS is_again
    FROM participants_participation
) AS taken
JOIN participants_participant AS person ON person.id = taken.participant_id
WHERE %(district)s IN ('', person.district)
GROUP BY taken.round_id, taken.basis, taken.status
"""
PEOPLE_BY_BASIS = """
SELECT basis, count(*) FROM (
    SELECT DISTINCT taken.basis, taken.participant_id
    FROM participants_participation AS taken
    JOIN participants_participant AS person ON person.id = taken.participant_id
    WHERE %(district)s IN ('', person.district)
) AS each GROUP BY basis
"""


@dataclass(frozen=True, slots=True)
class People:
    """People (명): everybody once, however many rounds they took part in."""

    district: str
    known: int
    verified: int
    left: int
    took_part: int
    live: int
    repeat: int
    # The same people's participations (건), for the drill-down beside them.
    participations: int

    @property
    def unverified(self) -> int:
        return self.known - self.verified


@dataclass(frozen=True, slots=True)
class Participations:
    """Participations (건): one person in one round each."""

    key: Any
    label: str
    total: int
    verified: int
    active: int
    suspended: int
    completed: int
    withdrawn: int
    again: int

    @property
    def unverified(self) -> int:
        return self.total - self.verified


@dataclass(frozen=True, slots=True)
class Headcount:
    as_of: datetime
    people: People
    districts: list[People]
    total: Participations
    rounds: list[Participations]
    bases: list[tuple[Participations, int]]


def count_heads(*, district: str = "") -> Headcount:
    """Count the city, or one district, in three passes over sets."""
    terms = {"district": district}
    districts = [People(*row) for row in rows_of(PEOPLE, terms)]
    cells = rows_of(PARTICIPATIONS, terms)
    by_basis = dict(rows_of(PEOPLE_BY_BASIS, terms))
    rounds = RecruitmentRound.objects.order_by("-starts_on", "-pk")
    return Headcount(
        as_of=clock.now(),
        people=sum_of(districts),
        districts=sorted(districts, key=lambda row: order_of(row.district)),
        total=fold("", "", cells),
        rounds=[
            fold(row.pk, row.name, found)
            for row in rounds
            if (found := [cell for cell in cells if cell[0] == row.pk])
        ],
        bases=[
            (fold(basis.value, str(basis.label), found), by_basis.get(basis.value, 0))
            for basis in Basis
            if (found := [cell for cell in cells if cell[1] == basis.value])
        ],
    )


def scope_of(user: StaffUser) -> str:
    """Name the district a member of staff may count; empty is the whole city."""
    return "" if user.scope == Scope.CITY or user.is_superuser else user.district or "-"


def rows_of(statement: str, terms: dict[str, str]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, terms)
        return list(cursor.fetchall())


def sum_of(rows: Iterable[People]) -> People:
    columns = list(
        zip(
            *(
                (
                    row.known, row.verified, row.left, row.took_part, row.live, row.repeat,
                    row.participations,
                )
                for row in rows
            ),
            strict=True,
        )
    )  # fmt: skip
    return People("", *(sum(column) for column in columns)) if columns else People("", *[0] * 7)


def fold(key: Any, label: str, cells: Iterable[tuple[Any, ...]]) -> Participations:
    """Add up cells of (round, basis, status, all, verified, again)."""
    by_status = {"active": 0, "suspended": 0, "completed": 0, "withdrawn": 0}
    total = verified = again = 0
    for _round, _basis, status, count, seen, repeated in cells:
        by_status[status] += count
        total, verified, again = total + count, verified + seen, again + repeated
    return Participations(key, label, total, verified, again=again, **by_status)


def order_of(district: str) -> tuple[int, str]:
    """Sort districts as offices list them; people without one come last."""
    return (DISTRICTS.index(district) if district in DISTRICTS else len(DISTRICTS), district)
