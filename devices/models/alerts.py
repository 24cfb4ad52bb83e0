from datetime import date, datetime
from typing import Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from participants.models import Participant
from seoul_health.core.fields import EncryptedText
from seoul_health.core.models import StaffUser
from seoul_health.core.stateful import Stateful

from .readings import Reading
from .scopes import within
from .sites import Site


class ThresholdQuerySet(models.QuerySet["Threshold"]):
    def in_force(self, day: date) -> Self:
        ends = Q(effective_to=None) | Q(effective_to__gte=day)
        return self.filter(ends, effective_from__lte=day)


class Threshold(models.Model):
    """From which value on a reading needs care: as a guideline says, from a day on."""

    class Level(models.IntegerChoices):
        WATCH = 1, _("Needs attention")
        RISK = 2, _("Risk")
        URGENT = 3, _("Urgent")

    class Side(models.TextChoices):
        FROM = "from", _("from")
        BELOW = "below", _("below")

    kind = models.CharField(_("Kind"), max_length=16, choices=Reading.Kind)
    side = models.CharField(_("Side"), max_length=5, choices=Side)
    value = models.DecimalField(_("Value"), max_digits=6, decimal_places=1)
    level = models.PositiveSmallIntegerField(_("Level"), choices=Level)
    sex = models.CharField(
        _("Sex"), max_length=1, blank=True, choices=[("m", _("Men")), ("f", _("Women"))]
    )
    age_from = models.PositiveSmallIntegerField(_("Age from"), default=0)
    age_to = models.PositiveSmallIntegerField(_("Age to"), default=150)
    message = models.CharField(_("What it means"), max_length=120)
    # A call back is due within so many hours; without any there is only guidance.
    call_within_hours = models.PositiveSmallIntegerField(
        _("Call back within (hours)"), null=True, blank=True
    )
    template = models.CharField(_("Guidance message"), max_length=40, blank=True)
    source = models.CharField(_("Source"), max_length=120)
    effective_from = models.DateField(_("In force from"))
    effective_to = models.DateField(_("In force until"), null=True, blank=True)

    objects = ThresholdQuerySet.as_manager()

    class Meta:
        verbose_name = _("threshold")
        verbose_name_plural = _("thresholds")
        constraints = [
            ExclusionConstraint(
                name="one_threshold_of_a_level_at_a_time",
                expressions=[
                    ("kind", RangeOperators.EQUAL),
                    ("side", RangeOperators.EQUAL),
                    ("level", RangeOperators.EQUAL),
                    ("sex", RangeOperators.EQUAL),
                    (
                        Func("age_from", "age_to", Value("[]"), function="int4range"),
                        RangeOperators.OVERLAPS,
                    ),
                    (
                        Func("effective_from", "effective_to", Value("[]"), function="daterange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
            models.CheckConstraint(
                condition=Q(age_to__gte=F("age_from")), name="a_thresholds_ages_are_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.side} {self.value}"


class RiskAlertQuerySet(models.QuerySet["RiskAlert"]):
    def visible_to(self, user: StaffUser) -> Self:
        """What belongs to the user's place; what is overdue belongs to the whole district."""
        own = within(user, "site")
        if not own:
            return self
        return self.filter(own | Q(escalated_at__isnull=False, site__district=user.district))

    def unfinished(self) -> Self:
        return self.filter(status__in=RiskAlert.UNFINISHED)

    def waiting(self, now: datetime) -> Self:
        """Those to be called now, the most urgent first."""
        due = self.filter(status=RiskAlert.Status.OPEN, next_call_at__lte=now)
        return due.order_by("-level", "due_at", "pk")


class RiskAlert(Stateful):
    """Somebody to be called back about a reading, by a moment, until there is an outcome."""

    class Status(models.TextChoices):
        OPEN = "open", _("To be called")
        TAKEN = "taken", _("Being called")
        DONE = "done", _("Reached")
        UNREACHED = "unreached", _("Not reached")
        VOID = "void", _("Reading taken back")

    UNFINISHED = (Status.OPEN, Status.TAKEN)
    NEXT = {
        Status.OPEN: frozenset({Status.TAKEN, Status.VOID}),
        Status.TAKEN: frozenset({Status.OPEN, Status.DONE, Status.UNREACHED, Status.VOID}),
    }

    participant = models.ForeignKey(
        Participant, models.PROTECT, related_name="risk_alerts", verbose_name=_("Participant")
    )
    site = models.ForeignKey(
        Site, models.PROTECT, related_name="risk_alerts", verbose_name=_("Site")
    )
    reading = models.ForeignKey(
        Reading, models.PROTECT, related_name="risk_alerts", verbose_name=_("Reading")
    )
    threshold = models.ForeignKey(
        Threshold, models.PROTECT, related_name="risk_alerts", verbose_name=_("Threshold")
    )
    kind = models.CharField(_("Kind"), max_length=16, choices=Reading.Kind)
    level = models.PositiveSmallIntegerField(_("Level"), choices=Threshold.Level)
    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.OPEN)
    opened_at = models.DateTimeField(_("Alert opened at"), db_default=Now())
    due_at = models.DateTimeField(_("Call back by"))
    next_call_at = models.DateTimeField(_("Next call"))
    handler = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Caller"),
    )
    taken_at = models.DateTimeField(_("Call taken at"), null=True, blank=True)
    escalated_at = models.DateTimeField(_("Escalated at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("Closed at"), null=True, blank=True)

    objects = RiskAlertQuerySet.as_manager()

    class Meta:
        verbose_name = _("risk alert")
        verbose_name_plural = _("risk alerts")
        permissions = [("call_back", _("Can call people back about their readings"))]
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "kind"],
                condition=Q(status__in=["open", "taken"]),
                name="one_open_alert_per_person_and_kind",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["open", "taken"], closed_at=None)
                | Q(status__in=["done", "unreached", "void"], closed_at__isnull=False),
                name="a_closed_alert_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(status="taken") | Q(handler__isnull=False, taken_at__isnull=False),
                name="a_taken_alert_has_a_caller",
            ),
        ]
        indexes = [
            models.Index(
                fields=["-level", "due_at"],
                condition=Q(status__in=["open", "taken"]),
                name="alerts_to_be_called",
            )
        ]

    def __str__(self) -> str:
        return f"alert {self.pk}"

    def is_late(self, now: datetime) -> bool:
        return self.status in self.UNFINISHED and self.due_at < now


class CallAttempt(models.Model):
    """One call to somebody at risk, and what came of it."""

    class Outcome(models.TextChoices):
        ADVISED = "advised", _("Reached, advice given")
        REFERRED = "referred", _("Reached, sent to a doctor")
        EMERGENCY = "emergency", _("Emergency called")
        DECLINED = "declined", _("Does not want to be called")
        NO_ANSWER = "no_answer", _("No answer")
        WRONG_NUMBER = "wrong_number", _("Wrong number")

    REACHED = frozenset({Outcome.ADVISED, Outcome.REFERRED, Outcome.EMERGENCY, Outcome.DECLINED})

    alert = models.ForeignKey(
        RiskAlert, models.PROTECT, related_name="attempts", verbose_name=_("Risk alert")
    )
    outcome = models.CharField(_("Outcome"), max_length=12, choices=Outcome)
    # What was said about somebody's health is sealed like the profile.
    note = EncryptedText()
    called_at = models.DateTimeField(_("Called at"), db_default=Now())
    called_by = models.CharField(_("Called by"), max_length=100)

    class Meta:
        verbose_name = _("call")
        verbose_name_plural = _("calls")

    def __str__(self) -> str:
        return f"call {self.pk}"
