from datetime import datetime

from django.db import transaction

from complaints.errors import ContactHasRefusal, ReasonNotTold
from complaints.models import Contact, ContactRefusal
from seoul_health.core import audit, clock
from seoul_health.core.db import constraint
from seoul_health.core.errors import ReasonNeeded
from seoul_health.core.models import StaffUser


@transaction.atomic
def end_contact(
    contact: Contact,
    *,
    ground: str,
    told: str,
    note: str,
    by: StaffUser,
    told_at: datetime | None = None,
    is_recorded: bool = False,
) -> ContactRefusal:
    """End a call or a visit after telling the reason, and keep what happened (영 §4)."""
    if not told.strip():
        raise ReasonNotTold
    if not note.strip():
        raise ReasonNeeded
    now = clock.now()
    with constraint("complaints_contactrefusal_contact_id_key", ContactHasRefusal()):
        refusal = ContactRefusal.objects.create(
            contact=contact,
            participant_id=contact.participant_id,
            ground=ground,
            told=told.strip(),
            told_at=min(told_at or now, now),
            ended_at=now,
            note=note.strip(),
            is_recorded=is_recorded,
            agent=by,
        )
    Contact.objects.filter(pk=contact.pk, closed_at=None).update(
        closed_at=now, summary=refusal.get_ground_display()
    )
    audit.record("ended_for_cause", contact, by=by, ground=ground)
    contact.refresh_from_db()
    return refusal
