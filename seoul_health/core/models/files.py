import uuid

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from seoul_health.core import clock
from seoul_health.core.media import SUFFIXES


def server_made_name(kept: "KeptFile", _sent: str) -> str:
    """Never trust a sent file name: it may be a path, a person's name or a trap."""
    made = uuid.uuid4().hex
    return f"{kept.FOLDER}/{clock.today():%Y/%m}/{made}{SUFFIXES[kept.media_type]}"


class KeptFile(models.Model):
    """A file somebody sent, of which only what is clean is kept."""

    FOLDER = "kept"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    file = models.FileField(_("File"), upload_to=server_made_name)
    media_type = models.CharField(_("Media type"), max_length=40)
    size = models.PositiveIntegerField(_("Size in bytes"))
    pages = models.PositiveSmallIntegerField(_("Pages"), default=1)
    # Of what was sent, so that the same file again is known; and of what was kept of it.
    sha256 = models.CharField(max_length=64)
    kept_sha256 = models.CharField(max_length=64, blank=True)
    uploaded_at = models.DateTimeField(_("Uploaded at"), db_default=Now())

    class Meta:
        abstract = True

    @property
    def page_numbers(self) -> range:
        return range(1, self.pages + 1)
