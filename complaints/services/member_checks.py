"""Who was touched by an incident, also of those who have not complained: one question to the rows.

The list is kept with its day and its terms: what was made good later can be held against it.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from psycopg import sql

from complaints.errors import AlreadyTelling, CheckTooLong, NobodyAffected
from complaints.models import CheckedMember, Incident, MemberCheck
from participants.rules.messages import Values
from participants.services import notices
from participants.services.notices import Planned
from points.services.accounts import steady_plans
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.models import StaffUser
from seoul_health.core.tasks import enqueue

MOST_DAYS = 31
TOLD_AT_ONCE = 5_000

UPLOADED = sql.SQL("""
    AND EXISTS (SELECT FROM devices_syncreceipt AS receipt
        WHERE receipt.participant_id = taken.participant_id
            AND receipt.received_at >= %(since)s AND receipt.received_at < %(until)s
            AND receipt.app_version = %(version)s)
""")
WITHOUT_AWARD = sql.SQL("""
    AND NOT EXISTS (SELECT FROM points_award AS award
        WHERE award.participant_id = taken.participant_id AND award.item = 'walking_day'
            AND award.period = day.day AND award.points > 0)
""")
USUAL_WALKERS = sql.SQL("""
    AND EXISTS (SELECT FROM points_award AS award
        WHERE award.participant_id = taken.participant_id AND award.item = 'walking_day'
            AND award.period BETWEEN %(first)s::date - 7 AND %(first)s::date - 1
            AND award.points > 0)
""")
KEEP = sql.SQL("""
    INSERT INTO complaints_checkedmember (check_run_id, participant_id, days, has_complained)
    SELECT %(check)s, touched.participant_id, touched.days,
        EXISTS (SELECT FROM complaints_complaint AS complaint
            WHERE complaint.participant_id = touched.participant_id
                AND complaint.status <> 'withdrawn'
                AND (complaint.category_id = %(category)s
                        AND complaint.about_date = ANY(touched.days)
                    OR EXISTS (SELECT FROM complaints_incidentlink AS link
                        WHERE link.complaint_id = complaint.id AND link.ended_at IS NULL
                            AND link.incident_id = %(incident)s)))
    FROM (
        SELECT taken.participant_id, array_agg(DISTINCT day.day ORDER BY day.day) AS days
        FROM participants_participation AS taken
        JOIN participants_participant AS person
            ON person.id = taken.participant_id AND person.withdrawn_at IS NULL
        JOIN unnest(%(days)s::date[]) AS day (day)
            ON taken.starts_on <= day.day AND taken.ends_on >= day.day
        WHERE taken.status <> 'withdrawn' {narrowed}
        GROUP BY taken.participant_id
    ) AS touched
""")
COUNT = """
SELECT count(*), count(*) FILTER (WHERE has_complained), coalesce(sum(cardinality(days)), 0)
FROM complaints_checkedmember WHERE check_run_id = %s
"""


@dataclass(frozen=True, slots=True)
class Terms:
    """Whom a check looks for."""

    first_day: date
    last_day: date
    app_version: str = ""
    without_award: bool = True
    usual_walkers: bool = True

    @property
    def days(self) -> list[date]:
        count = (self.last_day - self.first_day).days + 1
        return [self.first_day + timedelta(days=n) for n in range(count)]


@transaction.atomic
def check_members(incident: Incident, terms: Terms, *, by: Actor) -> MemberCheck:
    """Find everybody these days have cost something, and keep the list."""
    if not 1 <= len(terms.days) <= MOST_DAYS or terms.last_day > clock.today():
        raise CheckTooLong(days=MOST_DAYS)
    made = MemberCheck.objects.create(
        incident=incident,
        first_day=terms.first_day,
        last_day=terms.last_day,
        app_version=terms.app_version,
        without_award=terms.without_award,
        usual_walkers=terms.usual_walkers,
        people=0,
        complained=0,
        days=0,
        by=by.actor_name,
    )
    steady_plans()
    with connection.cursor() as cursor:
        cursor.execute(KEEP.format(narrowed=narrowed(terms)), values_of(made, terms))
        cursor.execute(COUNT, [made.pk])
        made.people, made.complained, made.days = cursor.fetchone()
    made.save(update_fields=["people", "complained", "days"])
    audit.record("members_checked", incident, by=by, people=made.people, days=made.days)
    return made


def narrowed(terms: Terms) -> sql.Composable:
    asked = [
        (bool(terms.app_version), UPLOADED),
        (terms.without_award, WITHOUT_AWARD),
        (terms.usual_walkers, USUAL_WALKERS),
    ]
    return sql.Composed([part for is_asked, part in asked if is_asked])


def values_of(made: MemberCheck, terms: Terms) -> dict[str, Any]:
    return {
        "check": made.pk,
        "incident": made.incident_id,
        "category": made.incident.category_id,
        "days": terms.days,
        "first": terms.first_day,
        "since": clock.day_starts(terms.first_day),
        "until": clock.day_ends(terms.last_day + timedelta(days=1)),
        "version": terms.app_version,
    }


@transaction.atomic
def ask_to_tell(made: MemberCheck, *, by: StaffUser) -> None:
    """Have those told who have not complained: they need not, it is known."""
    if made.people == made.complained:
        raise NobodyAffected
    fresh = MemberCheck.objects.filter(pk=made.pk, tell_asked_at=None)
    if not fresh.update(tell_asked_at=clock.now(), tell_asked_by=by.actor_name):
        raise AlreadyTelling
    audit.record("telling_asked", made.incident, by=by, people=made.people - made.complained)
    enqueue("complaints.tell_affected")


def tell_all_affected() -> int:
    """Carry on with every telling; a killed one goes on where it was."""
    open_ones = MemberCheck.objects.filter(tell_asked_at__isnull=False, told_at=None)
    return sum(tell_affected(made) for made in open_ones.order_by("pk"))


def tell_affected(made: MemberCheck) -> int:
    told = 0
    while (batch := tell_batch(made)) is not None:
        told += batch
    return told


@transaction.atomic
def tell_batch(made: MemberCheck) -> int | None:
    """Plan the messages of the next people; None when all have been told."""
    held = MemberCheck.objects.select_for_update(of=("self",)).select_related("incident")
    row = held.get(pk=made.pk)
    if row.told_at is not None:
        return None
    silent = CheckedMember.objects.filter(
        check_run=row, has_complained=False, participant_id__gt=row.told_to
    )
    found = list(
        silent.order_by("participant_id").values_list("participant_id", "days")[:TOLD_AT_ONCE]
    )
    rows = MemberCheck.objects.filter(pk=row.pk)
    if not found:
        rows.update(told_at=clock.now())
        return None
    new = notices.plan("incident_affected", (message(row, *one) for one in found))
    rows.update(told_to=found[-1][0], told=F("told") + new)
    return new


def message(made: MemberCheck, person: int, days: list[date]) -> Planned:
    values: Values = {"incident": made.incident.title, "days": len(days)}
    return Planned(person, f"{made.incident_id}:{person}", values)
