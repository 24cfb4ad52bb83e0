"""Written reminders to departments that are late (독촉장), and what they say to it."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max, Q

from complaints.errors import TextNeeded
from complaints.models import Complaint, DunningNotice
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.models import StaffUser

AGAIN_AFTER = timedelta(days=7)
BATCH = 1_000


@transaction.atomic
def remind_departments(*, by: Actor) -> int:
    """Write a reminder for what became overdue, and another one for each week it stays so."""
    now = clock.now()
    recently = Q(dunnings__issued_at__gt=now - AGAIN_AFTER)
    overdue = Complaint.objects.watched().filter(due_at__lte=now)
    # Those reminded within the week are left out by the database, not one by one.
    quiet = overdue.filter(recently).values("pk")
    rows = overdue.exclude(pk__in=quiet).order_by("due_at", "pk")
    held = rows.select_for_update(skip_locked=True, of=("self",)).select_related("handler")
    complaints = not_reminded_since(now - AGAIN_AFTER, list(held[:BATCH]))
    numbers = last_numbers(complaints)
    notices = [
        DunningNotice(
            complaint=complaint,
            number=numbers.get((complaint.pk, complaint.due_at), 0) + 1,
            due_at=complaint.due_at,
            department=complaint.handler.department if complaint.handler else "",
            agent=complaint.handler,
            issued_at=now,
        )
        for complaint in complaints
        if complaint.due_at is not None
    ]
    DunningNotice.objects.bulk_create(notices)
    for notice in notices:
        audit.record("dunned", notice.complaint, by=by, number=notice.number)
    return len(notices)


def not_reminded_since(moment: datetime, held: list[Complaint]) -> list[Complaint]:
    """Leave out whom another sweep has reminded while this one waited for its locks."""
    recent = DunningNotice.objects.filter(complaint__in=held, issued_at__gt=moment)
    reminded = set(recent.values_list("complaint", flat=True))
    return [complaint for complaint in held if complaint.pk not in reminded]


def last_numbers(complaints: list[Complaint]) -> dict[tuple[int, object], int]:
    """Give the last reminder of each complaint for each due time."""
    rows = DunningNotice.objects.filter(complaint__in=complaints).order_by()
    found = rows.values_list("complaint", "due_at").annotate(last=Max("number"))
    return {(pk, due_at): last for pk, due_at, last in found}


@transaction.atomic
def explain(notice: DunningNotice, *, text: str, by: StaffUser) -> None:
    """Say why it is late and when it will be answered; said once, it stays."""
    if not text.strip():
        raise TextNeeded
    rows = DunningNotice.objects.filter(pk=notice.pk, explained_at=None)
    stamps = {
        "explanation": text.strip()[:500],
        "explained_by": by.actor_name,
        "explained_at": clock.now(),
    }
    if rows.update(**stamps):
        audit.record("explained", notice.complaint, by=by, why=text.strip()[:500])
    notice.refresh_from_db()
