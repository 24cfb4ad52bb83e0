from typing import Self

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from seoul_health.core.stateful import Stateful

from .inspections import Inspection
from .stock import GRADES, DeviceModel

STAYS = "a_released_checklist_stays"
REFUSE = f"""
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = '{STAYS}',
        MESSAGE = '{STAYS}';
"""


class ChecklistQuerySet(models.QuerySet["Checklist"]):
    def in_force(self) -> Self:
        return self.filter(status=Checklist.Status.IN_FORCE)

    def for_model(self, model: DeviceModel) -> "Checklist | None":
        """Give the list of a model, or the one for all models that have none of their own."""
        fitting = self.in_force().filter(Q(model=model) | Q(model=None))
        return fitting.order_by(models.F("model").asc(nulls_last=True)).first()


class Checklist(Stateful):
    """What is looked at when a watch comes back; a change is a new version."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        IN_FORCE = "in_force", _("In force")
        REPLACED = "replaced", _("Replaced")

    NEXT = {
        Status.DRAFT: frozenset({Status.IN_FORCE}),
        Status.IN_FORCE: frozenset({Status.REPLACED}),
    }

    model = models.ForeignKey(
        DeviceModel,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="checklists",
        verbose_name=_("Model"),
        help_text=_("Empty: for every model that has no list of its own."),
    )
    version = models.PositiveSmallIntegerField(_("Version"))
    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.DRAFT)
    drafted_at = models.DateTimeField(_("Drafted at"), db_default=Now())
    released_at = models.DateTimeField(_("Released at"), null=True, blank=True)
    released_by = models.CharField(_("Released by"), max_length=100, blank=True)

    objects = ChecklistQuerySet.as_manager()

    class Meta:
        verbose_name = _("checklist")
        verbose_name_plural = _("checklists")
        permissions = [("release_checklist", _("Can put checklists into force"))]
        constraints = [
            models.UniqueConstraint(
                fields=["model", "version"],
                nulls_distinct=False,
                name="one_checklist_per_model_and_version",
            ),
            models.UniqueConstraint(
                fields=["model"],
                condition=Q(status="in_force"),
                nulls_distinct=False,
                name="one_checklist_in_force_per_model",
            ),
            models.CheckConstraint(
                condition=Q(status="draft", released_at=None)
                | Q(status__in=["in_force", "replaced"], released_at__isnull=False),
                name="a_released_checklist_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"checklist {self.pk} v{self.version}"


class CheckItem(models.Model):
    """One thing to look at, and the best grade a watch can have that fails it."""

    checklist = models.ForeignKey(Checklist, models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField(_("Position"))
    question = models.CharField(_("What to check"), max_length=100)
    hint = models.CharField(_("How"), max_length=200, blank=True)
    fault = models.CharField(_("Fault"), max_length=30, choices=Inspection.Fault)
    grade_at_best = models.CharField(_("Grade at best if it fails"), max_length=1)

    class Meta:
        verbose_name = _("thing to check")
        verbose_name_plural = _("things to check")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["checklist", "position"], name="one_thing_to_check_per_position"
            ),
            models.CheckConstraint(
                condition=Q(grade_at_best__in=GRADES), name="a_thing_to_check_grades_a_to_d"
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name=STAYS,
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func=f"""
                    IF EXISTS (SELECT 1 FROM devices_checklist
                        WHERE id IN (OLD.checklist_id, NEW.checklist_id) AND status <> 'draft')
                    THEN {REFUSE} END IF;
                    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
                """,  # noqa: S608 - names of constraints
            )
        ]

    def __str__(self) -> str:
        return f"check {self.pk}"


class CheckAnswer(models.Model):
    """What was found about one thing at one inspection."""

    class Verdict(models.TextChoices):
        FINE = "fine", _("Fine")
        FAULT = "fault", _("Fault")
        SKIPPED = "skipped", _("Could not be checked")

    inspection = models.ForeignKey(Inspection, models.CASCADE, related_name="answers")
    item = models.ForeignKey(CheckItem, models.PROTECT, related_name="answers")
    verdict = models.CharField(_("Finding"), max_length=8, choices=Verdict)

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        constraints = [
            models.UniqueConstraint(
                fields=["inspection", "item"], name="one_finding_per_inspection_and_thing"
            )
        ]

    def __str__(self) -> str:
        return f"{self.verdict} {self.pk}"
