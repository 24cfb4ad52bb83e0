"""Files citizens and staff send: kept clean, kept once, and never without their row."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from . import clock, papers
from .errors import UnfitFile
from .media import LARGEST, media_type_of
from .models.files import KeptFile

Row = TypeVar("Row", bound=KeptFile)
ORPHAN_AFTER = timedelta(days=1)

_written: ContextVar[list[str] | None] = ContextVar("files_written", default=None)


@dataclass(frozen=True, slots=True)
class Sent:
    """What came, and what may be kept of it."""

    media_type: str
    sha256: str
    clean: papers.Clean


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def cleaned(content: bytes, claimed_type: str) -> Sent:
    """Give what may be kept of a file, or raise UnfitFile; takes its time, so lock later."""
    media_type = media_type_of(content[:16])
    if media_type is None or media_type != claimed_type or len(content) > LARGEST:
        raise UnfitFile
    try:
        clean = papers.clean(content, media_type)
    except papers.Unfit as unfit:
        raise UnfitFile(unfit.why) from unfit
    return Sent(media_type, digest_of(content), clean)


def keep(row: Row, sent: Sent) -> Row:
    """Write the file and its row; without the row the file goes again."""
    row.media_type = sent.media_type
    row.size = len(sent.clean.content)
    row.pages = sent.clean.pages
    row.sha256 = sent.sha256
    row.kept_sha256 = digest_of(sent.clean.content)
    row.file.save("sent", ContentFile(sent.clean.content), save=False)
    name = row.file.name or ""
    if (written := _written.get()) is not None:
        written.append(name)
    try:
        row.save(force_insert=True)
    except BaseException:
        default_storage.delete(name)
        raise
    return row


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


def keepers() -> list[type[KeptFile]]:
    return [model for model in apps.get_models() if issubclass(model, KeptFile)]


def drop_unknown(names: list[str]) -> int:
    """Delete the files that no row names."""
    known = {
        name
        for model in keepers()
        for name in model._default_manager.filter(file__in=names).values_list("file", flat=True)
    }
    lost = [name for name in names if name not in known]
    for name in lost:
        default_storage.delete(name)
    return len(lost)


def drop_orphans() -> int:
    """Find the files a killed process left without a row; runs nightly."""
    before = clock.now() - ORPHAN_AFTER
    found = {model.FOLDER for model in keepers()}
    return sum(drop_unknown(names) for folder in found for names in old_files(folder, before))


def old_files(folder: str, before: datetime) -> Iterator[list[str]]:
    """Give the old files of a folder and of those below, folder by folder."""
    if not default_storage.exists(folder):
        return
    below, files = default_storage.listdir(folder)
    names = [f"{folder}/{name}" for name in files]
    yield [name for name in names if default_storage.get_modified_time(name) < before]
    for name in below:
        yield from old_files(f"{folder}/{name}", before)


def picture_of(kept: KeptFile, page: int) -> tuple[bytes, str]:
    """Give one page as a picture drawn by us, and its media type; the first page is 0."""
    with kept.file.open("rb") as stored:
        content = stored.read()
    if kept.media_type != "application/pdf":
        return content, kept.media_type
    try:
        return papers.page_image(content, page), "image/png"
    except papers.Unfit as unfit:
        raise UnfitFile(unfit.why) from unfit
