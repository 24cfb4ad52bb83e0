import hashlib

from django.core.files.base import ContentFile
from django.db import transaction

from participants.errors import EvidenceFrozen, TooManyDocuments, UnreadableDocument
from participants.models import Application, EvidenceDocument
from participants.rules.files import LARGEST, media_type_of
from participants.services.applications import lock
from participants.services.judging import UNDECIDED
from seoul_health.core import audit
from seoul_health.core.audit import Actor

MOST_DOCUMENTS = 10


@transaction.atomic
def attach(
    application: Application, *, kind: str, content: bytes, claimed_type: str, by: Actor
) -> EvidenceDocument:
    """Keep a paper under a name of our own; the same content again is the same document."""
    media_type = media_type_of(content[:16])
    if media_type is None or media_type != claimed_type or len(content) > LARGEST:
        raise UnreadableDocument
    locked = lock(application)
    if locked.status not in UNDECIDED:
        raise EvidenceFrozen
    digest = hashlib.sha256(content).hexdigest()
    known = locked.evidence.filter(sha256=digest).first()
    if known is not None:
        return known
    if locked.evidence.count() >= MOST_DOCUMENTS:
        raise TooManyDocuments(limit=MOST_DOCUMENTS)
    document = EvidenceDocument(
        application=locked, kind=kind, media_type=media_type, size=len(content), sha256=digest
    )
    document.file.save("sent", ContentFile(content), save=False)
    document.save(force_insert=True)
    audit.record("attached", document, by=by, application=locked.receipt_no)
    resume(locked, by=by)
    return document


def resume(application: Application, *, by: Actor) -> None:
    """Bring an application that waited for a paper back to the desk."""
    if application.status == Application.Status.ON_HOLD:
        application.move(Application.Status.UNDER_REVIEW, by=by)
