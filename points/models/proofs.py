from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from seoul_health.core.models.records import append_only


class Proof(models.Model):
    """One run of the proof: what was counted, what was missing, and the hash of the whole book."""

    at = models.DateTimeField(_("At"), db_default=Now())
    asked_by = models.CharField(_("Asked by"), max_length=100)
    ok = models.BooleanField(_("Holds"))
    counts = models.JSONField(_("Counts"), default=dict)
    gaps = models.JSONField(_("Gaps"), default=dict)
    root_hash = models.CharField(_("Root hash"), max_length=64)
    # The part of the book that can no longer grow: the next proof hashes it again.
    sealed_id = models.BigIntegerField(default=0)
    sealed_hash = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("proof")
        verbose_name_plural = _("proofs")
        permissions = [("run_proof", _("Can run the proof"))]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"proof {self.pk}"
