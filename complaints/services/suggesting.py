"""What looks like an incident: many complaints of one kind at once, by app version and time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from psycopg import sql

from complaints.errors import TextNeeded
from complaints.models import Category, Complaint, Dismissal, Incident
from complaints.models.complaints import ComplaintQuerySet
from seoul_health.core import clock
from seoul_health.core.models import StaffUser

WINDOW = timedelta(hours=24)
USUAL_OVER = timedelta(days=14)
LOOK_BACK = timedelta(hours=2)
LEAST = 5
TIMES_THE_USUAL = 3

# The version is that of the last upload before the complaint: nobody is asked for it.
FRESH = sql.SQL("""
WITH fresh AS (
    SELECT complaint.id, complaint.category_id, complaint.participant_id, complaint.arrived_at,
        coalesce(upload.app_version, '') AS app_version
    FROM complaints_complaint AS complaint
    LEFT JOIN LATERAL (
        SELECT receipt.app_version FROM devices_syncreceipt AS receipt
        WHERE receipt.participant_id = complaint.participant_id
            AND receipt.received_at <= complaint.arrived_at
            AND receipt.received_at > complaint.arrived_at - interval '7 days'
        ORDER BY receipt.received_at DESC LIMIT 1
    ) AS upload ON true
    WHERE {which} AND complaint.status <> 'withdrawn'
        AND NOT EXISTS (SELECT FROM complaints_incidentlink AS link
            WHERE link.complaint_id = complaint.id AND link.ended_at IS NULL)
)
""")
GROUPS = sql.SQL("""
    {fresh}, usual AS (
        SELECT category_id, count(*) * %(share)s AS number FROM complaints_complaint
        WHERE arrived_at > %(long_since)s AND arrived_at <= %(since)s GROUP BY category_id
    ), grouped AS (
        SELECT category_id, app_version, grouping(app_version) AS is_whole, count(*) AS number,
            count(DISTINCT participant_id) AS people, min(arrived_at) AS first_at,
            max(arrived_at) AS last_at
        FROM fresh GROUP BY GROUPING SETS ((category_id, app_version), (category_id))
    )
    SELECT grouped.category_id, coalesce(app_version, ''), is_whole = 1,
        EXISTS (SELECT FROM complaints_dismissal AS dismissed
            WHERE dismissed.category_id = grouped.category_id AND dismissed.until > %(now)s
                AND dismissed.app_version IN ('', coalesce(grouped.app_version, ''))),
        grouped.number, people,
        first_at, last_at, coalesce(usual.number, 0)::float
    FROM grouped LEFT JOIN usual USING (category_id)
    WHERE grouped.people >= %(least)s
        AND grouped.number >= %(times)s * coalesce(usual.number, 0)
        AND (is_whole = 1 OR app_version <> '')
    ORDER BY grouped.number DESC, grouped.category_id, is_whole, app_version
""").format(fresh=FRESH.format(which=sql.SQL("complaint.arrived_at > %(since)s")))
OF_A_VERSION = sql.SQL("{fresh} SELECT id FROM fresh WHERE app_version = %(version)s").format(
    fresh=FRESH.format(which=sql.SQL("complaint.id = ANY(%(ids)s::bigint[])"))
)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Complaints that are probably about one thing."""

    category: Category
    app_version: str
    count: int
    people: int
    first_at: datetime
    last_at: datetime
    usual: float

    @property
    def times(self) -> int:
        return round(self.count / self.usual) if self.usual else 0


def suggestions(now: datetime | None = None) -> list[Suggestion]:
    """Group the unlinked complaints of the last day; a version goes before its whole category."""
    moment = now or clock.now()
    values: dict[str, Any] = {
        "now": moment,
        "since": moment - WINDOW,
        "long_since": moment - WINDOW - USUAL_OVER,
        "share": WINDOW / USUAL_OVER,
        "least": LEAST,
        "times": TIMES_THE_USUAL,
    }
    with connection.cursor() as cursor:
        cursor.execute(GROUPS, values)
        rows = cursor.fetchall()
    categories = Category.objects.in_bulk({row[0] for row in rows})
    by_version = {row[0]: row[4] for row in reversed(rows) if not row[2]}
    return [
        Suggestion(categories[category], version, *figures)
        for category, version, is_whole, is_dismissed, *figures in rows
        # A whole category says more only when its versions do not explain most of it.
        if not is_dismissed and (not is_whole or 2 * by_version.get(category, 0) < figures[0])
    ]


def complaints_of(suggestion: Suggestion) -> list[Complaint]:
    """Give the complaints behind a suggestion."""
    rows = Complaint.objects.filter(
        category=suggestion.category, arrived_at__gt=suggestion.first_at - timedelta(seconds=1)
    )
    return list(unlinked(rows, suggestion.app_version))


def find(category: str, app_version: str) -> Suggestion | None:
    """Give the suggestion of this category and version, if it still stands."""
    wanted = (category, app_version)
    found = (one for one in suggestions() if (one.category.code, one.app_version) == wanted)
    return next(found, None)


def fitting(incident: Incident) -> ComplaintQuerySet:
    """Find complaints that are probably about an incident and not linked yet."""
    if incident.category is None:
        return Complaint.objects.none()
    until = incident.resolved_at or clock.now()
    rows = Complaint.objects.filter(
        category=incident.category,
        arrived_at__range=(incident.started_at - LOOK_BACK, until + WINDOW),
    )
    return unlinked(rows, incident.app_version)


def unlinked(rows: ComplaintQuerySet, app_version: str) -> ComplaintQuerySet:
    """Keep those of no incident, and of one app version if one is named."""
    free = rows.exclude(status=Complaint.Status.WITHDRAWN).exclude(
        pk__in=Complaint.objects.filter(
            incident_links__isnull=False, incident_links__ended_at=None
        ).values("pk")
    )
    shown = free.select_related("category", "participant__profile", "handler")
    shown = shown.order_by("arrived_at", "pk")
    if not app_version:
        return shown
    values: dict[str, Any] = {
        "ids": list(free.values_list("pk", flat=True)),
        "version": app_version,
    }
    with connection.cursor() as cursor:
        cursor.execute(OF_A_VERSION, values)
        wanted = [pk for (pk,) in cursor.fetchall()]
    return shown.filter(pk__in=wanted)


@transaction.atomic
def dismiss(category: Category, app_version: str, *, why: str, by: StaffUser) -> Dismissal:
    """Say that a suggestion is no incident; it comes back only after a day."""
    if not why.strip():
        raise TextNeeded
    return Dismissal.objects.create(
        category=category,
        app_version=app_version,
        until=clock.now() + WINDOW,
        why=why.strip()[:200],
        by=by.actor_name,
    )
