from datetime import date, datetime
from typing import Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from seoul_health.core.fields import EncryptedText
from seoul_health.core.models import StaffUser
from seoul_health.core.stateful import Stateful

from .loans import Loan, RecoveryStep


class RecoveryPolicyQuerySet(models.QuerySet["RecoveryPolicy"]):
    def in_force(self, day: date) -> Self:
        ends = Q(effective_to=None) | Q(effective_to__gte=day)
        return self.filter(ends, effective_from__lte=day)


class RecoveryPolicy(models.Model):
    """One rung of the ladder: what is done so many days before or after a watch is due."""

    offset_days = models.SmallIntegerField(
        _("Days after the due day"), help_text=_("Negative: days before it.")
    )
    kind = models.CharField(_("Kind"), max_length=12, choices=RecoveryStep.Kind)
    # Letters and messages are written by a template; a call, a visit or a case needs none.
    template = models.CharField(_("Message template"), max_length=40, blank=True)
    cost = models.PositiveIntegerField(_("Cost (KRW)"), default=0)
    wait_days = models.PositiveSmallIntegerField(_("Days after the rung before"), default=0)
    effective_from = models.DateField(_("In force from"))
    effective_to = models.DateField(_("In force until"), null=True, blank=True)

    objects = RecoveryPolicyQuerySet.as_manager()

    class Meta:
        verbose_name = _("recovery policy")
        verbose_name_plural = _("recovery policies")
        constraints = [
            ExclusionConstraint(
                name="one_rung_per_day_at_a_time",
                expressions=[
                    ("offset_days", RangeOperators.EQUAL),
                    (
                        Func("effective_from", "effective_to", Value("[]"), function="daterange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["message", "letter"]) | ~Q(template=""),
                name="a_written_rung_has_a_template",
            ),
            models.CheckConstraint(
                condition=Q(effective_to=None) | Q(effective_to__gte=F("effective_from")),
                name="a_rung_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"D{self.offset_days:+d} {self.kind}"


class RecoveryTaskQuerySet(models.QuerySet["RecoveryTask"]):
    def visible_to(self, user: StaffUser) -> Self:
        return self.filter(loan__in=Loan.objects.visible_to(user))

    def unfinished(self) -> Self:
        return self.filter(status__in=["open", "taken"])

    def waiting(self, now: datetime) -> Self:
        """Those to be worked on now, the longest overdue first."""
        return self.filter(status="open", next_at__lte=now).order_by("due_on", "pk")

    def pointless(self) -> Self:
        """Tasks whose watch is back, on its way, or due another day."""
        with_citizen = Q(loan__status__in=["delivered", "live", "recall_requested"])
        return self.unfinished().filter(~with_citizen | ~Q(loan__due_on=F("due_on")))


class RecoveryTask(Stateful):
    """Somebody to be called or visited about a watch that is overdue, until there is an outcome."""

    class Status(models.TextChoices):
        OPEN = "open", _("To be done")
        TAKEN = "taken", _("Being done")
        PROMISED = "promised", _("Return promised")
        REFUSED = "refused", _("Does not give it back")
        UNREACHED = "unreached", _("Not reached")
        POINTLESS = "pointless", _("No longer needed")

    NEXT = {
        Status.OPEN: frozenset({Status.TAKEN, Status.POINTLESS}),
        Status.TAKEN: frozenset(
            {Status.OPEN, Status.PROMISED, Status.REFUSED, Status.UNREACHED, Status.POINTLESS}
        ),
    }

    loan = models.ForeignKey(
        Loan, models.PROTECT, related_name="recovery_tasks", verbose_name=_("Loan")
    )
    step = models.OneToOneField(RecoveryStep, models.PROTECT, related_name="task")
    kind = models.CharField(_("Kind"), max_length=12, choices=RecoveryStep.Kind)
    due_on = models.DateField(_("Due on"))
    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.OPEN)
    opened_at = models.DateTimeField(_("Opened at"), db_default=Now())
    next_at = models.DateTimeField(_("Next call"), db_default=Now())
    handler = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Caller"),
    )
    taken_at = models.DateTimeField(_("Taken at"), null=True, blank=True)
    promised_on = models.DateField(_("Promised for"), null=True, blank=True)
    closed_at = models.DateTimeField(_("Closed at"), null=True, blank=True)

    objects = RecoveryTaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("recovery task")
        verbose_name_plural = _("recovery tasks")
        permissions = [("call_borrower", _("Can call borrowers about overdue watches"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["open", "taken"], closed_at=None)
                | Q(
                    status__in=["promised", "refused", "unreached", "pointless"],
                    closed_at__isnull=False,
                ),
                name="a_closed_task_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(status="taken") | Q(handler__isnull=False, taken_at__isnull=False),
                name="a_taken_task_has_a_caller",
            ),
            models.CheckConstraint(
                condition=~Q(status="promised") | Q(promised_on__isnull=False),
                name="a_promise_has_a_day",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_on", "id"],
                condition=Q(status__in=["open", "taken"]),
                name="tasks_to_be_done",
            )
        ]

    def __str__(self) -> str:
        return f"recovery task {self.pk}"


class RecoveryCall(models.Model):
    """One try at a task, and what came of it."""

    class Outcome(models.TextChoices):
        PROMISED = "promised", _("Promises to return it")
        REFUSED = "refused", _("Does not give it back")
        NO_ANSWER = "no_answer", _("No answer")
        WRONG_NUMBER = "wrong_number", _("Wrong number")
        SAYS_LOST = "says_lost", _("Says it is lost")

    task = models.ForeignKey(RecoveryTask, models.PROTECT, related_name="calls")
    outcome = models.CharField(_("Outcome"), max_length=12, choices=Outcome)
    note = EncryptedText()
    called_at = models.DateTimeField(_("Called at"), db_default=Now())
    called_by = models.CharField(_("Called by"), max_length=100)

    class Meta:
        verbose_name = _("recovery call")
        verbose_name_plural = _("recovery calls")

    def __str__(self) -> str:
        return f"recovery call {self.pk}"
