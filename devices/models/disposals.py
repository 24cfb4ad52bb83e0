from typing import Self

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from seoul_health.core.models import DecidedByTwo

from .inspections import DataWipe
from .stock import GRADES, Device

LIST_STAYS = "the_list_of_an_asked_for_disposal_stays"
UNDECIDED = ["draft", "requested", "withdrawn"]


class DisposalBatchQuerySet(models.QuerySet["DisposalBatch"]):
    def running(self) -> Self:
        return self.filter(status__in=["draft", "requested", "approved"])


class DisposalBatch(DecidedByTwo):
    """Watches that leave the programme together: asked for by one, approved by another."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Being put together")
        REQUESTED = "requested", _("Waiting for approval")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        DONE = "done", _("Disposed of")

    class Method(models.TextChoices):
        RECYCLED = "recycled", _("Recycled")
        DESTROYED = "destroyed", _("Destroyed")
        SOLD = "sold", _("Sold")
        HANDED_ON = "handed_on", _("Handed on to another body")

    NEXT = {
        Status.DRAFT: frozenset({Status.REQUESTED, Status.WITHDRAWN}),
        Status.REQUESTED: frozenset({Status.APPROVED, Status.REJECTED, Status.WITHDRAWN}),
        Status.APPROVED: frozenset({Status.DONE}),
    }

    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.DRAFT)
    method = models.CharField(_("Method"), max_length=12, choices=Method)
    recycler = models.CharField(_("Recycler or receiver"), max_length=60)
    reason = models.CharField(_("Reason"), max_length=200)
    # Of the serial list as it was asked for: what is approved is what was read.
    list_sha256 = models.CharField(_("Hash of the list"), max_length=64, blank=True)
    weight_grams = models.PositiveIntegerField(_("Weight (g)"), null=True, blank=True)
    certificate_no = models.CharField(_("Number of the certificate"), max_length=40, blank=True)
    handed_over_on = models.DateField(_("Handed over on"), null=True, blank=True)
    closed_at = models.DateTimeField(_("Closed at"), null=True, blank=True)

    objects = DisposalBatchQuerySet.as_manager()

    class Meta(DecidedByTwo.Meta):
        verbose_name = _("disposal")
        verbose_name_plural = _("disposals")
        permissions = [
            ("request_disposalbatch", _("Can put disposals together and ask for them")),
            ("decide_disposalbatch", _("Can approve disposals")),
        ]
        constraints = [
            *DecidedByTwo.Meta.constraints,
            models.CheckConstraint(
                condition=Q(status__in=UNDECIDED) | Q(decided_by__isnull=False),
                name="a_disposal_is_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(status="done")
                | (
                    ~Q(certificate_no="")
                    & Q(weight_grams__gt=0, handed_over_on__isnull=False, closed_at__isnull=False)
                ),
                name="a_disposal_that_is_done_has_its_certificate",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["requested", "approved", "done"]) | ~Q(list_sha256=""),
                name="a_disposal_asked_for_has_its_list",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """Name it as papers do."""
        return f"DSP-{self.pk:05d}"


class DisposalUnit(models.Model):
    """One watch of a disposal, with what it was worth and the proof that it is empty."""

    batch = models.ForeignKey(DisposalBatch, models.PROTECT, related_name="units")
    device = models.ForeignKey(
        Device, models.PROTECT, related_name="disposals", verbose_name=_("Watch")
    )
    wipe = models.ForeignKey(
        DataWipe, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Wipe")
    )
    grade = models.CharField(_("Grade"), max_length=1)
    unit_price = models.PositiveIntegerField(_("Unit price (KRW)"))
    # False once the disposal was rejected or withdrawn: the watch is free for another.
    is_live = models.BooleanField(default=True)
    added_at = models.DateTimeField(_("Added at"), db_default=Now())
    added_by = models.CharField(_("Added by"), max_length=100)

    class Meta:
        verbose_name = _("watch of a disposal")
        verbose_name_plural = _("watches of a disposal")
        constraints = [
            models.UniqueConstraint(
                fields=["device"], condition=Q(is_live=True), name="one_disposal_per_watch"
            ),
            models.UniqueConstraint(
                fields=["batch", "device"], name="a_watch_stands_once_in_a_disposal"
            ),
            models.CheckConstraint(
                condition=Q(grade__in=GRADES), name="a_watch_of_a_disposal_has_a_grade"
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name=LIST_STAYS,
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Delete,
                func=f"""
                    IF EXISTS (SELECT 1 FROM devices_disposalbatch
                        WHERE id IN (OLD.batch_id, NEW.batch_id) AND status <> 'draft')
                    THEN
                        RAISE EXCEPTION USING ERRCODE = 'check_violation',
                            CONSTRAINT = '{LIST_STAYS}', MESSAGE = '{LIST_STAYS}';
                    END IF;
                    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
                """,  # noqa: S608 - names of constraints
            )
        ]

    def __str__(self) -> str:
        return f"unit {self.pk}"
