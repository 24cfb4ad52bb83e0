"""More time for the points of many: asked for with a reason, approved by a second person."""

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db import connection, transaction
from psycopg import sql

from participants.services.audiences import Audience, people_of
from points.errors import ExtensionTooLong, ExtensionTooShort, NobodyExtended
from points.models import ExpiryExtension
from points.rules.expiry import expires_on
from points.services.validity import expiring, read_validity
from seoul_health.core import audit, clock
from seoul_health.core.errors import ReasonNeeded
from seoul_health.core.models import StaffUser
from seoul_health.core.tasks import enqueue

COVERED = sql.SQL("purse.participant_id = ANY(%(people)s::bigint[])")
COUNT = sql.SQL("""
    SELECT count(DISTINCT purse_id), coalesce(sum(points), 0)::bigint
    FROM ({expiring}) AS told WHERE expires_on < %(until)s
""")
COVER = """
INSERT INTO points_extendedpurse (extension_id, purse_id)
SELECT %s, id FROM points_account WHERE kind = 'purse' AND participant_id = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class Reach:
    """Whose points an extension would keep, and how many."""

    people: int
    points: int


def reach_of(audience: Audience, until: date) -> Reach:
    """Count the points of these people that would expire before a day."""
    people = list(people_of(audience).values_list("pk", flat=True))
    values = {**read_validity().values(until), "until": until, "people": people}
    with connection.cursor() as cursor:
        cursor.execute(COUNT.format(expiring=expiring(COVERED)), values)
        return Reach(*cursor.fetchone())


@transaction.atomic
def request_extension(
    audience: Audience, *, until: date, reason: str, by: StaffUser
) -> ExpiryExtension:
    """Ask that nothing of these people expires before a day."""
    check(until)
    if not reason.strip():
        raise ReasonNeeded
    reach = reach_of(audience, until)
    if not reach.people:
        raise NobodyExtended(day=until)
    extension = ExpiryExtension.objects.create(
        audience=dict(audience),
        until=until,
        reason=reason.strip(),
        requested_by=by,
        people=reach.people,
        points=reach.points,
    )
    audit.record("requested", extension, by=by, until=str(until), people=reach.people)
    return extension


def check(until: date) -> None:
    """Refuse a day that gives no time, and one so late that younger points would expire first."""
    today = clock.today()
    if until <= today:
        raise ExtensionTooShort(day=today)
    last = expires_on(today, months=settings.POINT_VALIDITY_MONTHS)
    if until > last:
        raise ExtensionTooLong(day=last)


@transaction.atomic
def approve_extension(extension: ExpiryExtension, *, by: StaffUser) -> None:
    """Cover the purses of these people as they are now; the people are told in batches."""
    check(extension.until)
    reach = reach_of(extension.audience, extension.until)
    extension.move(
        ExpiryExtension.Status.APPROVED,
        by=by,
        people=reach.people,
        points=reach.points,
        **extension.decided(by),
    )
    people = list(people_of(extension.audience).values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(COVER, [extension.pk, people])
    enqueue("points.tell_of_extensions")


def decline_extension(extension: ExpiryExtension, *, why: str, by: StaffUser) -> None:
    """Leave the points to expire as they would have."""
    if not why.strip():
        raise ReasonNeeded
    extension.move(ExpiryExtension.Status.DECLINED, by=by, why=why, **extension.decided(by))
