"""People are told of points that will expire: each month 92, 30 and 7 days ahead, each once.

Purses are gone through in order of their number; how far a telling has come is kept with it, in
the same transaction as the messages.
"""

from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import F
from psycopg import sql

from participants.rules.messages import spoken_day
from participants.services import notices
from participants.services.notices import Planned
from points.models import ExpiryAnnouncement, ExpiryExtension
from points.rules.expiry import step_due
from points.services.validity import THESE, Validity, expiring, read_validity
from seoul_health.core import clock

PURSES_PER_CHUNK = 5_000
MONTHS_AHEAD = 4

NEXT_PURSES = """
SELECT id FROM points_account WHERE kind = 'purse' AND balance > 0 AND id > %s
ORDER BY id LIMIT %s
"""
NEXT_EXTENDED = """
SELECT purse_id FROM points_extendedpurse WHERE extension_id = %s AND purse_id > %s
ORDER BY purse_id LIMIT %s
"""
OF_PEOPLE = sql.SQL("""
    SELECT purse_id, participant_id, min(expires_on), sum(points)::bigint FROM ({expiring}) AS told
    WHERE expires_on BETWEEN %(first)s AND %(last)s
    GROUP BY purse_id, participant_id ORDER BY purse_id
""")


class Expiring(NamedTuple):
    """What of one person expires within some days, and the first of them."""

    purse: int
    participant: int
    first_on: date
    points: int


def announce_due() -> int:
    """Tell of every month that it is time to tell of; give how many people were told."""
    told = 0
    for announcement in due_announcements():
        while announce_chunk(announcement):
            pass
        announcement.refresh_from_db()
        told += announcement.people
    return told


def due_announcements() -> list[ExpiryAnnouncement]:
    """Give the tellings that are due and not finished; the first to look opens them."""
    today, found = clock.today(), []
    for ahead in range(1, MONTHS_AHEAD + 1):
        month = clock.add_months(today.replace(day=1), ahead)
        if step := step_due(month, today):
            told, _new = ExpiryAnnouncement.objects.get_or_create(month=month, days_ahead=step)
            found.append(told)
    return [told for told in found if told.finished_at is None]


@transaction.atomic
def announce_chunk(announcement: ExpiryAnnouncement) -> bool:
    """Tell the next people of a month; say whether there may be more."""
    waiting = ExpiryAnnouncement.objects.select_for_update().filter(finished_at=None)
    held = waiting.filter(pk=announcement.pk).first()
    if held is None:
        return False
    purses = numbers(NEXT_PURSES, held.reached_id, PURSES_PER_CHUNK)
    rows = ExpiryAnnouncement.objects.filter(pk=held.pk)
    if not purses:
        rows.update(finished_at=clock.now())
        return False
    last = clock.add_months(held.month, 1) - timedelta(days=1)
    people = expiring_of(purses, read_validity(), held.month, last)
    notices.plan("points_expiring", (message(held, one) for one in people))
    rows.update(
        reached_id=purses[-1],
        people=F("people") + len(people),
        points=F("points") + sum(one.points for one in people),
    )
    return True


def message(announcement: ExpiryAnnouncement, one: Expiring) -> Planned:
    month = announcement.month
    values = {
        "month": f"{month.year}년 {month.month}월",
        "points": f"{one.points:,}",
        "first_on": spoken_day(one.first_on),
    }
    return Planned(one.participant, f"{one.purse}:{month:%Y-%m}:{announcement.days_ahead}", values)


def expiring_of(purses: list[int], validity: Validity, first: date, last: date) -> list[Expiring]:
    """Give what expires between two days, of each of these purses that has such points."""
    values: dict[str, Any] = {**validity.values(last), "first": first, "last": last}
    with connection.cursor() as cursor:
        query = OF_PEOPLE.format(expiring=expiring(THESE))
        cursor.execute(query, {**values, "purses": purses})
        return [Expiring(*row) for row in cursor.fetchall()]


def numbers(query: str, *values: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return [number for (number,) in cursor.fetchall()]


def tell_of_extensions() -> int:
    """Tell the people whose points were given more time; give how many were told."""
    approved = ExpiryExtension.objects.filter(status=ExpiryExtension.Status.APPROVED)
    told = 0
    for extension in approved.filter(told_at=None).order_by("pk"):
        while (count := tell_chunk(extension)) is not None:
            told += count
    return told


@transaction.atomic
def tell_chunk(extension: ExpiryExtension) -> int | None:
    """Tell the next people of an extension; nothing once all of them have been told."""
    waiting = ExpiryExtension.objects.select_for_update().filter(told_at=None)
    held = waiting.filter(pk=extension.pk).first()
    if held is None:
        return None
    rows = ExpiryExtension.objects.filter(pk=held.pk)
    purses = numbers(NEXT_EXTENDED, held.pk, held.told_up_to, PURSES_PER_CHUNK)
    if not purses:
        rows.update(told_at=clock.now())
        return None
    validity = read_validity()
    until = validity.extended[held.pk]
    people = expiring_of(purses, validity, until, until)
    until_said = spoken_day(until)
    notices.plan(
        "points_expiry_extended",
        (
            Planned(
                one.participant,
                f"{held.pk}:{one.purse}",
                {"points": f"{one.points:,}", "until": until_said},
            )
            for one in people
        ),
    )
    rows.update(told_up_to=purses[-1])
    return len(people)
