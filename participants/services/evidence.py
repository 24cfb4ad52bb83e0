"""Papers that support an application: kept clean, kept once, and never without their row."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from participants.errors import EvidenceFrozen, TooManyDocuments, UnreadableDocument
from participants.gateways import papers
from participants.models import Application, EvidenceDocument
from participants.rules.files import LARGEST, media_type_of
from participants.services.applications import lock
from participants.services.judging import UNDECIDED
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor

MOST_DOCUMENTS = 10
ORPHAN_AFTER = timedelta(days=1)
FOLDER = "evidence"

_written: ContextVar[list[str] | None] = ContextVar("evidence_written", default=None)


@transaction.atomic
def attach(
    application: Application, *, kind: str, content: bytes, claimed_type: str, by: Actor
) -> EvidenceDocument:
    """Keep what is clean of a paper; the same paper again is the same document."""
    media_type = media_type_of(content[:16])
    if media_type is None or media_type != claimed_type or len(content) > LARGEST:
        raise UnreadableDocument
    digest = hashlib.sha256(content).hexdigest()
    check_room(application, digest)
    clean = cleaned(content, media_type)  # Before anything is locked: it takes its time.
    locked = lock(application)
    known = check_room(locked, digest)
    if known is not None:
        return known
    document = EvidenceDocument(
        application=locked,
        kind=kind,
        media_type=media_type,
        size=len(clean.content),
        pages=clean.pages,
        sha256=digest,
        kept_sha256=hashlib.sha256(clean.content).hexdigest(),
    )
    put_down(document, clean.content)
    audit.record("attached", document, by=by, application=locked.receipt_no)
    resume(locked, by=by)
    return document


def cleaned(content: bytes, media_type: str) -> papers.Clean:
    try:
        return papers.clean(content, media_type)
    except papers.Unfit as unfit:
        raise UnreadableDocument(unfit.why) from unfit


def check_room(application: Application, digest: str) -> EvidenceDocument | None:
    """Refuse a paper that comes too late or is one too many; give the one already there."""
    if application.status not in UNDECIDED:
        raise EvidenceFrozen
    known = application.evidence.filter(sha256=digest).first()
    if known is None and application.evidence.count() >= MOST_DOCUMENTS:
        raise TooManyDocuments(limit=MOST_DOCUMENTS)
    return known


def put_down(document: EvidenceDocument, content: bytes) -> None:
    """Write the file and its row; without the row the file goes again."""
    document.file.save("sent", ContentFile(content), save=False)
    name = document.file.name or ""
    if (written := _written.get()) is not None:
        written.append(name)
    try:
        document.save(force_insert=True)
    except BaseException:
        default_storage.delete(name)
        raise


@contextmanager
def no_orphans() -> Iterator[None]:
    """Take away what was written inside for rows that were rolled back afterwards."""
    token = _written.set([])
    try:
        yield
    finally:
        names = _written.get() or []
        _written.reset(token)
        drop_unknown(names)


def drop_unknown(names: list[str]) -> int:
    """Delete the files that no document names."""
    known = set(EvidenceDocument.objects.filter(file__in=names).values_list("file", flat=True))
    lost = [name for name in names if name not in known]
    for name in lost:
        default_storage.delete(name)
    return len(lost)


def drop_orphans() -> int:
    """Find the files a killed process left without a row; runs nightly."""
    before = clock.now() - ORPHAN_AFTER
    return sum(drop_unknown(names) for names in folders(FOLDER, before))


def folders(folder: str, before: datetime) -> Iterator[list[str]]:
    """Give the old files of a folder and of those below, folder by folder."""
    if not default_storage.exists(folder):
        return
    below, files = default_storage.listdir(folder)
    names = [f"{folder}/{name}" for name in files]
    yield [name for name in names if default_storage.get_modified_time(name) < before]
    for name in below:
        yield from folders(f"{folder}/{name}", before)


def picture_of(document: EvidenceDocument, page: int) -> tuple[bytes, str]:
    """Give one page as a picture drawn by us, and its media type."""
    with document.file.open("rb") as kept:
        content = kept.read()
    if document.media_type != "application/pdf":
        return content, document.media_type
    try:
        return papers.page_image(content, page), "image/png"
    except papers.Unfit as unfit:
        raise UnreadableDocument(unfit.why) from unfit


def resume(application: Application, *, by: Actor) -> None:
    """Bring an application that waited for a paper back to the desk."""
    if application.status == Application.Status.ON_HOLD:
        application.move(Application.Status.UNDER_REVIEW, by=by)
