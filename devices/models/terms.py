from datetime import date
from typing import Self

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _


class LoanTermsQuerySet(models.QuerySet["LoanTerms"]):
    def in_force(self, day: date) -> Self:
        """What may be agreed to on a day, newest first."""
        return self.filter(effective_from__lte=day).order_by("-effective_from", "-pk")


class LoanTerms(models.Model):
    """What borrowers agree to, word for word. A change is a new version; no version changes."""

    version = models.CharField(_("Version"), max_length=12, unique=True)
    effective_from = models.DateField(_("In force from"))
    title = models.CharField(_("Title"), max_length=80)
    text = models.TextField(_("Text"))

    objects = LoanTermsQuerySet.as_manager()

    class Meta:
        verbose_name = _("terms of lending")
        verbose_name_plural = _("terms of lending")
        triggers = [
            pgtrigger.Protect(
                name="accepted_terms_stay", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return self.version
