from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from seoul_health.core.models.files import KeptFile

from .complaints import Complaint
from .conversation import Message


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def for_the_citizen(self) -> Self:
        """What the citizen sent, and what staff sent along with words to the citizen."""
        shown = Q(message=None) | ~Q(message__author=Message.Author.NOTE)
        return self.filter(shown, is_internal=False).order_by("pk")


class Attachment(KeptFile):
    """A photo or paper kept with a complaint; of what was sent only what is clean."""

    FOLDER = "complaints"

    complaint = models.ForeignKey(
        Complaint, models.PROTECT, related_name="attachments", verbose_name=_("Complaint")
    )
    message = models.ForeignKey(
        Message,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="attachments",
        verbose_name=_("Message"),
    )
    # What the sender calls it, to recognise it by; never a path, never trusted.
    name = models.CharField(_("File name"), max_length=100)
    uploaded_by = models.CharField(_("Uploaded by"), max_length=100)
    is_internal = models.BooleanField(_("Only for staff"), default=False)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        constraints = [
            models.UniqueConstraint(
                fields=["complaint", "sha256"], name="one_attachment_per_complaint_and_file"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="an_attachment_has_a_name"),
            models.CheckConstraint(condition=Q(size__gt=0), name="an_attachment_is_not_empty"),
        ]

    def __str__(self) -> str:
        return f"attachment {self.pk}"

    @property
    def is_picture(self) -> bool:
        return self.media_type.startswith("image/")
