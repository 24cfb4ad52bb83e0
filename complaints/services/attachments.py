"""Photos and papers with a complaint: kept clean, each once, and ten at most."""

from dataclasses import dataclass

from django.db import transaction

from complaints.errors import AttachmentTooMany, ComplaintClosed
from complaints.models import Attachment, Complaint
from complaints.rules.names import shown_name
from seoul_health.core import audit
from seoul_health.core.audit import Actor
from seoul_health.core.files import Sent, cleaned, digest_of, keep

from .delays import supplement_arrived
from .merging import hold_with_lead
from .steps import hold, touch

MOST_ATTACHMENTS = 10


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came: nothing about it is believed."""

    content: bytes
    claimed_type: str
    name: str


@transaction.atomic
def send(complaint: Complaint, upload: Upload, *, by: Actor) -> Attachment:
    """Keep what a citizen sends; what was asked for as a supplement lets the clock run again."""
    sent = checked(complaint, upload)
    merged = hold_with_lead(complaint)
    if not complaint.is_open:
        raise ComplaintClosed(complaint=complaint)
    known = check_room(complaint, sent.sha256)
    if known is not None:
        return known
    row = put_down(complaint, upload, sent, by=by)
    if complaint.status == Complaint.Status.SUPPLEMENT_REQUESTED:
        supplement_arrived(complaint, by=by)
    else:
        touch(complaint)
    if merged is not None:
        touch(merged.lead)
    return row


@transaction.atomic
def add(complaint: Complaint, upload: Upload, *, by: Actor, is_internal: bool) -> Attachment:
    """Keep what staff add, for the citizen to see or only for colleagues."""
    sent = checked(complaint, upload)
    hold(complaint)
    known = check_room(complaint, sent.sha256)
    if known is not None:
        return known
    row = put_down(complaint, upload, sent, by=by, is_internal=is_internal)
    touch(complaint)
    return row


def checked(complaint: Complaint, upload: Upload) -> Sent:
    """Clean a file before anything is locked: it takes its time."""
    check_room(complaint, digest_of(upload.content))
    return cleaned(upload.content, upload.claimed_type)


def check_room(complaint: Complaint, digest: str) -> Attachment | None:
    """Refuse one too many; give the one that is already there."""
    known = complaint.attachments.filter(sha256=digest).first()
    if known is None and complaint.attachments.count() >= MOST_ATTACHMENTS:
        raise AttachmentTooMany(limit=MOST_ATTACHMENTS)
    return known


def put_down(
    complaint: Complaint, upload: Upload, sent: Sent, *, by: Actor, is_internal: bool = False
) -> Attachment:
    row = Attachment(
        complaint=complaint,
        name=shown_name(upload.name),
        uploaded_by=by.actor_name,
        is_internal=is_internal,
    )
    keep(row, sent)
    audit.record("attached", row, by=by, receipt_no=complaint.receipt_no)
    return row
