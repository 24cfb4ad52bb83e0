"""Papers that support an application: no more of them than ten, and none after the decision."""

from django.db import transaction

from participants.errors import EvidenceFrozen, TooManyDocuments
from participants.models import Application, EvidenceDocument
from participants.services.applications import lock
from participants.services.judging import UNDECIDED
from seoul_health.core import audit
from seoul_health.core.audit import Actor
from seoul_health.core.files import cleaned, digest_of, keep

MOST_DOCUMENTS = 10


@transaction.atomic
def attach(
    application: Application, *, kind: str, content: bytes, claimed_type: str, by: Actor
) -> EvidenceDocument:
    """Keep what is clean of a paper; the same paper again is the same document."""
    check_room(application, digest_of(content))
    sent = cleaned(content, claimed_type)  # Before anything is locked: it takes its time.
    locked = lock(application)
    known = check_room(locked, sent.sha256)
    if known is not None:
        return known
    document = keep(EvidenceDocument(application=locked, kind=kind), sent)
    audit.record("attached", document, by=by, application=locked.receipt_no)
    resume(locked, by=by)
    return document


def check_room(application: Application, digest: str) -> EvidenceDocument | None:
    """Refuse a paper that comes too late or is one too many; give the one already there."""
    if application.status not in UNDECIDED:
        raise EvidenceFrozen
    known = application.evidence.filter(sha256=digest).first()
    if known is None and application.evidence.count() >= MOST_DOCUMENTS:
        raise TooManyDocuments(limit=MOST_DOCUMENTS)
    return known


def resume(application: Application, *, by: Actor) -> None:
    """Bring an application that waited for a paper back to the desk."""
    if application.status == Application.Status.ON_HOLD:
        application.move(Application.Status.UNDER_REVIEW, by=by)
