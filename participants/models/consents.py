from datetime import date
from typing import Self

import pgtrigger
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .people import Consent


class ConsentTextQuerySet(models.QuerySet["ConsentText"]):
    def in_force(self, day: date) -> Self:
        """What may be agreed to on a day, newest first."""
        released = self.filter(released_at__isnull=False, effective_from__lte=day)
        return released.order_by("-effective_from", "-pk")


class ConsentText(models.Model):
    """What citizens agree to: one purpose in one version. A change is a new version."""

    purpose = models.CharField(_("Purpose"), max_length=12, choices=Consent.Purpose)
    version = models.CharField(_("Version"), max_length=12)
    effective_from = models.DateField(_("In force from"))
    title = models.CharField(_("Title"), max_length=80)
    text = models.TextField(_("Text"))
    is_required = models.BooleanField(_("The programme cannot run without it"), default=False)
    # The wording of a printed form; it is as new as the text of its day and is not offered online.
    is_printed = models.BooleanField(_("On paper only"), default=False)
    created_at = models.DateTimeField(_("Created at"), db_default=Now())
    released_at = models.DateTimeField(_("Released at"), null=True, blank=True)

    objects = ConsentTextQuerySet.as_manager()

    class Meta:
        verbose_name = _("consent text")
        verbose_name_plural = _("consent texts")
        permissions = [("release_consenttext", _("Can release consent texts"))]
        constraints = [
            models.UniqueConstraint(
                fields=["purpose", "version"],
                name="one_text_per_purpose_and_version",
                violation_error_message=_("This purpose already has a text of this version."),
            )
        ]
        triggers = [
            pgtrigger.Protect(
                name="a_released_text_stays",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__released_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.version}"
