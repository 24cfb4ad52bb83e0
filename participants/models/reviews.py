"""Who has which application on the desk, and approvals of many that take two people."""

from typing import Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from seoul_health.core.stateful import Stateful

from .applications import Application
from .rounds import Basis, EligibilityRule, Lane, RecruitmentRound

LIST_STAYS = """
    IF TG_OP = 'DELETE' OR (NEW.batch_id, NEW.application_id) <> (OLD.batch_id, OLD.application_id)
        OR OLD.outcome <> 'pending'
    THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'the_list_of_a_batch_stays',
            MESSAGE = 'the_list_of_a_batch_stays: propose another batch instead';
    END IF;
    RETURN NEW;
"""
TERMS_STAY = """
    IF TG_OP = 'DELETE' OR (NEW.round_id, NEW.rule_id, NEW.count, NEW.list_hash, NEW.proposed_by_id)
        <> (OLD.round_id, OLD.rule_id, OLD.count, OLD.list_hash, OLD.proposed_by_id)
    THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'a_batch_stays_as_proposed',
            MESSAGE = 'a_batch_stays_as_proposed: propose another batch instead';
    END IF;
    RETURN NEW;
"""


class ReviewClaim(models.Model):
    """An application on one reviewer's desk; nobody else is given it until the claim runs out."""

    application = models.OneToOneField(
        Application, models.CASCADE, related_name="claim", verbose_name=_("Application")
    )
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("Reviewer")
    )
    taken_at = models.DateTimeField(_("Taken at"), db_default=Now())
    expires_at = models.DateTimeField(_("Expires at"))

    class Meta:
        verbose_name = _("claim of an application")
        verbose_name_plural = _("claims of applications")

    def __str__(self) -> str:
        return f"claim {self.pk}"


class ApprovalBatchQuerySet(models.QuerySet["ApprovalBatch"]):
    def unfinished(self) -> Self:
        """Approved batches whose items are not all done."""
        return self.filter(status=ApprovalBatch.Status.APPROVED, finished_at=None).order_by("pk")


class ApprovalBatch(Stateful):
    """Many applications to approve at once: one person proposes the list, another approves it."""

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")
        VOID = "void", _("Void")

    NEXT = {Status.PROPOSED: frozenset({Status.APPROVED, Status.REJECTED, Status.VOID})}

    round = models.ForeignKey(
        RecruitmentRound, models.PROTECT, related_name="+", verbose_name=_("Round")
    )
    lane = models.ForeignKey(
        Lane, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Lane"),
        db_index=False,
    )  # fmt: skip
    basis = models.CharField(_("Basis"), max_length=16, choices=Basis, blank=True)
    rule = models.ForeignKey(
        EligibilityRule, models.PROTECT, related_name="+", verbose_name=_("Rule"), db_index=False
    )
    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.PROPOSED)
    count = models.PositiveIntegerField(_("Applications"))
    list_hash = models.CharField(_("Digest of the list"), max_length=64)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("Proposed by")
    )
    proposed_at = models.DateTimeField(_("Proposed at"), db_default=Now())
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("Decided by"),
    )  # fmt: skip
    decided_at = models.DateTimeField(_("Decided at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("Finished at"), null=True, blank=True)

    objects = ApprovalBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("approval batch")
        verbose_name_plural = _("approval batches")
        permissions = [
            ("propose_approvalbatch", _("Can propose approval batches")),
            ("decide_approvalbatch", _("Can decide approval batches")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status__in=["approved", "rejected"]) | ~Q(decided_by=F("proposed_by")),
                name="two_people_approve_a_batch",
            ),
            models.CheckConstraint(
                condition=Q(status="proposed", decided_by=None, decided_at=None)
                | Q(status="void", decided_at__isnull=False)
                | Q(
                    status__in=["approved", "rejected"],
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                ),
                name="a_decided_batch_says_who_and_when",
            ),
            models.CheckConstraint(
                condition=Q(finished_at=None) | Q(status="approved"),
                name="only_an_approved_batch_finishes",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="a_batch_stays_as_proposed",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=TERMS_STAY,
            )
        ]

    def __str__(self) -> str:
        return f"batch {self.pk}"


class BatchItem(models.Model):
    """One application on the list of a batch, and what became of it."""

    class Outcome(models.TextChoices):
        PENDING = "pending", _("Waiting")
        APPROVED = "approved", _("Approved")
        LEFT_OUT = "left_out", _("Left out")
        RELEASED = "released", _("Released")

    batch = models.ForeignKey(
        ApprovalBatch, models.PROTECT, related_name="items", verbose_name=_("Batch"),
        db_index=False,
    )  # fmt: skip
    application = models.ForeignKey(
        Application, models.PROTECT, related_name="+", verbose_name=_("Application")
    )
    outcome = models.CharField(
        _("Outcome"), max_length=10, choices=Outcome, default=Outcome.PENDING
    )
    reason = models.CharField(_("Reason"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("application of a batch")
        verbose_name_plural = _("applications of a batch")
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "application"], name="an_application_is_once_in_a_batch"
            ),
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(outcome="pending"),
                name="an_application_waits_in_one_batch",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="the_list_of_a_batch_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=LIST_STAYS,
            )
        ]
        indexes = [
            models.Index(
                fields=["batch", "id"], condition=Q(outcome="pending"), name="items_to_approve"
            )
        ]

    def __str__(self) -> str:
        return f"item {self.pk}"
