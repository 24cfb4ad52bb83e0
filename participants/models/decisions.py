"""What was decided about an application, for which reason, on which facts, and who objects."""

import uuid
from typing import Self

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from seoul_health.core.models import StaffUser
from seoul_health.core.models.staff import Scope
from seoul_health.core.stateful import Stateful

from .applications import Application
from .reasons import ReasonCode
from .rounds import EligibilityRule

SOMEBODY_ELSE = """
    IF NEW.decided_by <> '' AND NEW.decided_by = (
        SELECT decided_by FROM participants_decision WHERE id = NEW.decision_id
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation',
            CONSTRAINT = 'somebody_else_decides_an_appeal',
            MESSAGE = 'somebody_else_decides_an_appeal: this is who took the decision';
    END IF;
    RETURN NEW;
"""


class Decision(models.Model):
    """One decision about one application, with the facts it was judged on; never changed."""

    class Outcome(models.TextChoices):
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")
        ON_HOLD = "on_hold", _("On hold")

    application = models.ForeignKey(
        Application, models.PROTECT, related_name="decisions", verbose_name=_("Application")
    )
    outcome = models.CharField(_("Outcome"), max_length=12, choices=Outcome)
    rule = models.ForeignKey(
        EligibilityRule, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("Rule"), db_index=False,
    )  # fmt: skip
    failed_rules = ArrayField(
        models.CharField(max_length=40), verbose_name=_("Failed rules"), default=list, blank=True
    )
    # The facts as they were judged; the birth date itself is not among them.
    age = models.PositiveSmallIntegerField(_("Age on the reference date"))
    basis = models.CharField(_("Basis"), max_length=16)
    district = models.CharField(_("District"), max_length=20, blank=True)
    is_resident = models.BooleanField(_("Lives in Seoul"), null=True)
    group = models.CharField(_("Group"), max_length=20, blank=True)
    # Number, kind and digest of every paper that was there.
    evidence = models.JSONField(_("Documents seen"), default=list)
    reason_code = models.ForeignKey(
        ReasonCode, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("Reason"), db_index=False,
    )  # fmt: skip
    reason = models.CharField(_("What the citizen read"), max_length=400, blank=True)
    decided_by = models.CharField(_("Decided by"), max_length=100)
    decided_at = models.DateTimeField(_("Decided at"), db_default=Now())

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="approved") | ~Q(reason=""), name="a_refusal_says_why"
            )
        ]
        triggers = [
            pgtrigger.Protect(
                name="a_decision_stays", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]
        indexes = [models.Index(fields=["decided_by", "decided_at"], name="decisions_of_a_day")]

    def __str__(self) -> str:
        return f"decision {self.pk}"


class AppealQuerySet(models.QuerySet["Appeal"]):
    def visible_to(self, user: StaffUser) -> Self:
        if user.scope == Scope.CITY or user.is_superuser:
            return self
        return self.filter(decision__application__participant__district=user.district)

    def waiting(self) -> Self:
        """Appeals nobody has decided yet, oldest first."""
        live = [Appeal.Status.FILED, Appeal.Status.UNDER_REVIEW]
        return self.filter(status__in=live).order_by("filed_at", "pk")


class Appeal(Stateful):
    """A citizen's objection to one decision, judged by somebody else than who took it."""

    class Status(models.TextChoices):
        FILED = "filed", _("Filed")
        UNDER_REVIEW = "under_review", _("Under review")
        UPHELD = "upheld", _("Upheld")
        DISMISSED = "dismissed", _("Dismissed")

    NEXT = {
        Status.FILED: frozenset({Status.UNDER_REVIEW}),
        Status.UNDER_REVIEW: frozenset({Status.UPHELD, Status.DISMISSED}),
    }

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    decision = models.OneToOneField(
        Decision, models.PROTECT, related_name="appeal", verbose_name=_("Decision")
    )
    text = models.TextField(_("What the citizen objects to"), max_length=2000)
    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.FILED)
    filed_at = models.DateTimeField(_("Filed at"), db_default=Now())
    handler = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("Handled by"),
    )  # fmt: skip
    reason_code = models.ForeignKey(
        ReasonCode, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("Reason"), db_index=False,
    )  # fmt: skip
    answer = models.CharField(_("Answer to the citizen"), max_length=400, blank=True)
    decided_by = models.CharField(_("Decided by"), max_length=100, blank=True)
    decided_at = models.DateTimeField(_("Decided at"), null=True, blank=True)

    objects = AppealQuerySet.as_manager()

    class Meta:
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        permissions = [("decide_appeal", _("Can decide appeals"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["filed", "under_review"], decided_at=None, decided_by="")
                | (
                    Q(status__in=["upheld", "dismissed"], decided_at__isnull=False)
                    & ~Q(decided_by="")
                    & ~Q(answer="")
                ),
                name="a_decided_appeal_says_who_when_and_why",
            )
        ]
        triggers = [
            pgtrigger.Trigger(
                name="somebody_else_decides",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=SOMEBODY_ELSE,
            )
        ]
        indexes = [models.Index(fields=["status", "id"], name="appeals_by_status")]

    def __str__(self) -> str:
        return f"appeal {self.pk}"
