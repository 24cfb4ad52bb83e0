"""One message to many: previewed, asked for by one, approved by another, stopped at any time.

The list is made by one statement, and its hash is what is approved: a list that came out
different is approved anew.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Sum

from participants.errors import ListChanged, NobodyToTell, OwnRequest
from participants.models import BulkSend, DeliveryAttempt, Notification, OptOut, Participant
from participants.rules import messages
from participants.services import notices
from participants.services.audiences import people_of
from participants.services.notices import Term
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.errors import IllegalMove

Status = BulkSend.Status
TEN = 10
EDITABLE = ("name", "template", "audience", "values", "per_minute")

COUNT_AND_HASH = """
SELECT count(*), coalesce(encode(sha256(convert_to(
    string_agg(id::text, ',' ORDER BY id), 'UTF8')), 'hex'), '')
FROM ({people}) AS people (id)
"""
PLAN_ALL = """
INSERT INTO participants_notification (
    key, participant_id, template_id, bulk_id, "values", category, legal, ladder, channel, status,
    reason, planned_at, next_at, expires_at)
SELECT %s || people.id, people.id, %s, %s, %s::jsonb, %s, %s, %s::varchar(10)[], %s, 'planned',
    '', now.at, now.at, now.at + make_interval(hours => %s)
FROM ({people}) AS people (id), (VALUES (%s::timestamptz)) AS now (at)
ORDER BY people.id
"""
HASH_OF_PLANNED = """
SELECT count(*), coalesce(encode(sha256(convert_to(
    string_agg(participant_id::text, ',' ORDER BY participant_id), 'UTF8')), 'hex'), '')
FROM participants_notification WHERE bulk_id = %s
"""


@dataclass(frozen=True, slots=True)
class Preview:
    """What would happen, as counted at a moment."""

    people: int
    list_hash: str
    opted_out: int
    least_won: int
    most_won: int
    shown: list[Participant]
    at: datetime


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a bulk send has come, as counted at a moment."""

    by_status: dict[str, int]
    won: int
    at: datetime


def preview(bulk: BulkSend) -> Preview:
    """Count who would be told and what it would cost, and show ten of them."""
    people = people_of(bulk.audience)
    count, list_hash = count_and_hash(bulk)
    refused = OptOut.objects.filter(category=bulk.template.category, channel="")
    opted_out = refused.filter(participant__in=people.values("pk")).count()
    least, most = costs(bulk)
    rows = people.select_related("profile").order_by("pk")[:TEN]
    return Preview(
        people=count,
        list_hash=list_hash,
        opted_out=opted_out,
        least_won=count * least,
        most_won=count * most,
        shown=list(rows),
        at=clock.now(),
    )


def costs(bulk: BulkSend) -> tuple[int, int]:
    """Give what a message costs if its first channel arrives, and if only its last does."""
    won = [settings.MESSAGE_WON[kind_of(bulk, channel)] for channel in bulk.template.ladder]
    return won[0], sum(won)


def kind_of(bulk: BulkSend, channel: str) -> str:
    if channel != "sms":
        return channel
    text = messages.fill(bulk.template.sms, {**bulk.values, "participant_name": "가나다"})
    return "long_sms" if messages.message_kind(text) == "LMS" else "sms"


def count_and_hash(bulk: BulkSend) -> tuple[int, str]:
    sql, params = people_of(bulk.audience).values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(COUNT_AND_HASH.format(people=sql), params)
        people, digest = cursor.fetchone()
    return int(people), bound(bulk, digest)


def bound(bulk: BulkSend, digest: str) -> str:
    """Bind a list of people to what they are told: either changed is another list."""
    told = json.dumps([bulk.template_id, bulk.values, digest], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


@transaction.atomic
def draft(bulk: BulkSend, *, by: Actor) -> BulkSend:
    """Keep a bulk send that somebody is still working on."""
    people_of(bulk.audience)
    bulk.values = notices.wanted(bulk.template, bulk.values)
    if bulk._state.adding:
        bulk.created_by = by.actor_name
        bulk.save()
        audit.record("drafted", bulk, by=by)
        return bulk
    fields = {name: getattr(bulk, name) for name in EDITABLE}
    if not BulkSend.objects.filter(pk=bulk.pk, status=Status.DRAFT).update(**fields):
        raise IllegalMove(what=bulk, to=BulkSend.status_label(Status.DRAFT))
    audit.record("edited", bulk, by=by)
    return bulk


def request(bulk: BulkSend, *, by: Actor) -> None:
    """Ask for approval of the list as it is now."""
    people, list_hash = count_and_hash(bulk)
    if not people:
        raise NobodyToTell
    bulk.move(
        Status.REQUESTED,
        by=by,
        people=people,
        list_hash=list_hash,
        requested_by=by.actor_name,
        requested_at=clock.now(),
        approved_by="",
        approved_at=None,
    )


def approve(bulk: BulkSend, *, by: Actor) -> None:
    """Let a second person say yes to this very list."""
    if by.actor_name == bulk.requested_by:
        raise OwnRequest
    if count_and_hash(bulk)[1] != bulk.list_hash:
        raise ListChanged
    bulk.move(Status.APPROVED, by=by, approved_by=by.actor_name, approved_at=clock.now())


def take_back(bulk: BulkSend, *, by: Actor) -> None:
    """Go back to the draft; what was asked for or approved is void."""
    bulk.move(
        Status.DRAFT,
        by=by,
        people=None,
        list_hash="",
        requested_by="",
        requested_at=None,
        approved_by="",
        approved_at=None,
    )


@transaction.atomic
def start(bulk: BulkSend, *, by: Actor) -> None:
    """Plan a message to everybody on the approved list, and let them go."""
    now = clock.now()
    bulk.move(Status.RUNNING, by=by, started_at=now, free_at=now)
    sql, params = people_of(bulk.audience).values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(PLAN_ALL.format(people=sql), [*plan_terms(bulk), *params, now])
        cursor.execute(HASH_OF_PLANNED, [bulk.pk])
        people, digest = cursor.fetchone()
    if (people, bound(bulk, digest)) != (bulk.people, bulk.list_hash):
        raise ListChanged


def plan_terms(bulk: BulkSend) -> list[Term]:
    common = notices.terms_of(bulk.template)
    values = json.dumps(bulk.values, ensure_ascii=False)
    names = ("category", "legal", "ladder", "channel", "hours")
    key = f"{bulk.template.code}:bulk:{bulk.pk}:"
    return [key, bulk.template_id, bulk.pk, values, *(common[name] for name in names)]


def stop(bulk: BulkSend, *, by: Actor, why: str = "") -> None:
    """Let nothing more leave; what is being sent at this moment is sent."""
    bulk.move(Status.STOPPED, by=by, why=why)


def resume(bulk: BulkSend, *, by: Actor) -> None:
    bulk.move(Status.RUNNING, by=by, free_at=clock.now())


@transaction.atomic
def cancel(bulk: BulkSend, *, by: Actor, why: str = "") -> None:
    """Give a bulk send up: what has not left never will."""
    now = clock.now()
    bulk.move(Status.CANCELLED, by=by, why=why, finished_at=now)
    planned = bulk.notifications.filter(status=Notification.Status.PLANNED)
    planned.update(status=Notification.Status.CANCELLED, reason="stopped", finished_at=now)


def close_finished(*, by: Actor) -> int:
    """Close the bulk sends of which nothing is open any more."""
    closed = 0
    for bulk in BulkSend.objects.filter(status=Status.RUNNING):
        if not Notification.objects.open().filter(bulk=bulk).exists():
            bulk.move(Status.DONE, by=by, finished_at=clock.now())
            closed += 1
    return closed


def progress(bulk: BulkSend) -> Progress:
    """Count how far a bulk send has come."""
    rows = bulk.notifications.order_by().values_list("status").annotate(people=Count("pk"))
    taken = DeliveryAttempt.objects.filter(
        notification__bulk=bulk,
        outcome__in=[DeliveryAttempt.Outcome.ACCEPTED, DeliveryAttempt.Outcome.DELIVERED],
    )
    won = taken.aggregate(won=Sum("cost"))["won"] or 0
    return Progress(by_status=dict(rows), won=won, at=clock.now())


def failures(bulk: BulkSend) -> list[tuple[str, int]]:
    """Count why messages of a bulk send did not arrive, the commonest reason first."""
    ended = bulk.notifications.exclude(reason="").exclude(status=Notification.Status.DELIVERED)
    rows = ended.order_by().values_list("reason").annotate(people=Count("pk"))
    return sorted(rows, key=lambda row: -row[1])
