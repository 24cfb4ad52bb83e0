from datetime import datetime

from django.db import transaction

from complaints.models import Complaint
from complaints.models.complaints import NEAR_BREACH
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor

BATCH = 1000


def warn_of_due(*, by: Actor) -> dict[str, int]:
    """Warn once of what falls due soon, and remind once of what is overdue (독촉)."""
    now = clock.now()
    near = Complaint.Warned.NEAR, Complaint.Warned.OVERDUE
    return {kind.value: warn(kind, now, by=by) for kind in near}


@transaction.atomic
def warn(kind: Complaint.Warned, now: datetime, *, by: Actor) -> int:
    """Mark every complaint that has come this far and was not yet marked."""
    reached = {
        Complaint.Warned.NEAR: Complaint.objects.watched().filter(
            due_at__gt=now, due_at__lte=now + NEAR_BREACH, warned=Complaint.Warned.NO
        ),
        Complaint.Warned.OVERDUE: Complaint.objects.watched()
        .filter(due_at__lte=now)
        .exclude(warned=Complaint.Warned.OVERDUE),
    }[kind]
    complaints = list(
        reached.select_for_update(skip_locked=True, of=("self",)).order_by("due_at", "pk")[:BATCH]
    )
    Complaint.objects.filter(pk__in=[each.pk for each in complaints]).update(warned=kind)
    for complaint in complaints:
        audit.record(f"warned_{kind}", complaint, by=by, due_at=str(complaint.due_at))
    return len(complaints)
