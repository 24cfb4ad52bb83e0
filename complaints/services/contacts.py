from django.db import transaction

from complaints.errors import AlreadyPromoted, ContactClosed
from complaints.models import Category, Channel, Contact
from participants.models import Participant
from seoul_health.core import audit, clock
from seoul_health.core.models import StaffUser

from .intake import NOTHING, About, Guest, Slip, file_complaint


@transaction.atomic
def open_contact(
    participant: Participant | None, *, by: StaffUser, channel: str = Channel.PHONE
) -> Contact:
    """Note that somebody is on the line."""
    contact = Contact.objects.create(participant=participant, agent=by, channel=channel)
    audit.record("opened", contact, by=by, channel=channel)
    return contact


@transaction.atomic
def close_contact(contact: Contact, *, summary: str, by: StaffUser) -> None:
    """Note what a call was about, when it is over."""
    open_rows = Contact.objects.filter(pk=contact.pk, closed_at=None)
    if not open_rows.update(closed_at=clock.now(), summary=summary[:500]):
        raise ContactClosed
    audit.record("closed", contact, by=by)
    contact.refresh_from_db()


@transaction.atomic
def promote(
    contact: Contact,
    *,
    category: Category,
    title: str,
    text: str,
    by: StaffUser,
    kind: str = "",
    about: About = NOTHING,
    guest: Guest | None = None,
) -> Slip:
    """Make a complaint of a contact: the citizen wants an act or a written answer."""
    contact.refresh_from_db(from_queryset=Contact.objects.select_for_update(of=("self",)))
    if contact.complaint_id is not None:
        raise AlreadyPromoted(complaint=contact.complaint)
    slip = file_complaint(
        contact.participant,
        category=category,
        title=title,
        text=text,
        channel=contact.channel,
        by=by,
        kind=kind,
        about=about,
        guest=guest,
    )
    Contact.objects.filter(pk=contact.pk).update(complaint=slip.complaint)
    contact.complaint = slip.complaint
    audit.record("promoted", contact, by=by, receipt_no=slip.complaint.receipt_no)
    return slip
