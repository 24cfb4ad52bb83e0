from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from seoul_health.core.models import StaffUser
from seoul_health.core.stateful import Stateful

from .scopes import within
from .sites import Site, Window
from .stock import DeviceModel


class StockFeed(models.Model):
    """How the stock of one model is told to the public: levels, and when silence is stale."""

    model = models.OneToOneField(
        DeviceModel, models.PROTECT, related_name="feed", verbose_name=_("Model")
    )
    plenty_from = models.PositiveIntegerField(_("Plenty from"), default=100)
    some_from = models.PositiveIntegerField(_("Some from"), default=30)
    few_from = models.PositiveIntegerField(_("Few from"), default=2)
    stale_minutes = models.PositiveSmallIntegerField(
        _("Stale after (minutes of opening hours)"), default=15
    )
    is_public = models.BooleanField(_("Shown to the public"), default=True)

    class Meta:
        verbose_name = _("stock feed")
        verbose_name_plural = _("stock feeds")
        constraints = [
            models.CheckConstraint(
                condition=Q(few_from__gt=0, some_from__gt=F("few_from"))
                & Q(plenty_from__gt=F("some_from")),
                name="levels_of_a_feed_ascend",
                violation_error_message=_("Each level must begin above the one below it."),
            ),
            models.CheckConstraint(
                condition=Q(stale_minutes__gt=0), name="a_feed_goes_stale_some_time"
            ),
        ]

    def __str__(self) -> str:
        return f"feed {self.pk}"


class StockReportQuerySet(models.QuerySet["StockReport"]):
    def visible_to(self, user: StaffUser) -> Self:
        return self.filter(within(user, "window__site"))

    def received_since(self, moment: datetime) -> Self:
        return self.filter(received_at__gte=moment)


class StockReport(models.Model):
    """What one window said it had of one model at one moment. Kept as it came."""

    window = models.ForeignKey(
        Window, models.CASCADE, related_name="reports", verbose_name=_("Counter window")
    )
    model = models.ForeignKey(DeviceModel, models.PROTECT, verbose_name=_("Model"))
    quantity = models.PositiveIntegerField(_("Quantity"))
    is_stopped = models.BooleanField(_("Handing out has stopped"), default=False)
    observed_at = models.DateTimeField(_("Observed at"))
    received_at = models.DateTimeField(_("Received at"), db_default=Now())
    reported_by = models.CharField(_("Reported by"), max_length=100)

    objects = StockReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("stock report")
        verbose_name_plural = _("stock reports")
        constraints = [
            models.UniqueConstraint(
                fields=["window", "model", "observed_at"],
                name="one_report_per_window_model_and_moment",
            )
        ]
        indexes = [models.Index(fields=["received_at"], name="stock_reports_by_arrival")]

    def __str__(self) -> str:
        return f"report {self.pk}"


class WindowStock(models.Model):
    """The newest word of a window about a model; an older one never replaces it."""

    window = models.ForeignKey(Window, models.CASCADE, related_name="stock")
    model = models.ForeignKey(DeviceModel, models.PROTECT)
    quantity = models.PositiveIntegerField(_("Quantity"))
    is_stopped = models.BooleanField(_("Handing out has stopped"), default=False)
    observed_at = models.DateTimeField(_("Observed at"))
    stocked_at = models.DateTimeField(_("Last filled up at"), null=True)

    class Meta:
        verbose_name = _("stock of a window")
        verbose_name_plural = _("stock of windows")
        constraints = [
            models.UniqueConstraint(
                fields=["window", "model"], name="one_stock_per_window_and_model"
            )
        ]

    def __str__(self) -> str:
        return f"stock {self.pk}"


class QuarantinedReportQuerySet(models.QuerySet["QuarantinedReport"]):
    def visible_to(self, user: StaffUser) -> Self:
        return self.filter(within(user, "site"))

    def waiting(self) -> Self:
        return self.filter(status=QuarantinedReport.Status.WAITING)


class QuarantinedReport(Stateful):
    """A report that could not be believed, as it came; it can be corrected and replayed."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        REPLAYED = "replayed", _("Replayed")
        DISMISSED = "dismissed", _("Dismissed")

    class Reason(models.TextChoices):
        MISSING = "missing", _("Something is missing")
        NOT_A_NUMBER = "not_a_number", _("The quantity is not a whole number")
        NEGATIVE = "negative", _("The quantity is below zero")
        TOO_MANY = "too_many", _("The quantity is larger than any site can hold")
        UNKNOWN_WINDOW = "unknown_window", _("The site has no such window")
        UNKNOWN_MODEL = "unknown_model", _("No feed tells of this model")
        NOT_A_MOMENT = "not_a_moment", _("The time cannot be read")
        FUTURE = "future", _("The time lies in the future")
        TOO_OLD = "too_old", _("The time lies too far back")
        CONTRADICTS = "contradicts", _("Another quantity was reported for the same moment")

    NEXT = {Status.WAITING: frozenset({Status.REPLAYED, Status.DISMISSED})}

    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.WAITING)
    site = models.ForeignKey(
        Site, models.CASCADE, related_name="quarantined", verbose_name=_("Site")
    )
    reason = models.CharField(_("Reason"), max_length=16, choices=Reason)
    # As they were sent, cut to what a person can read.
    window = models.CharField(_("Counter window"), max_length=60, blank=True)
    model = models.CharField(_("Model"), max_length=60, blank=True)
    quantity = models.CharField(_("Quantity"), max_length=60, blank=True)
    is_stopped = models.BooleanField(_("Handing out has stopped"), default=False)
    observed_at = models.CharField(_("Observed at"), max_length=60, blank=True)
    reported_by = models.CharField(_("Reported by"), max_length=100)
    received_at = models.DateTimeField(_("Received at"), db_default=Now())
    settled_at = models.DateTimeField(_("Settled at"), null=True, blank=True)
    report = models.ForeignKey(
        StockReport, models.SET_NULL, null=True, blank=True, verbose_name=_("Became")
    )

    objects = QuarantinedReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("quarantined report")
        verbose_name_plural = _("quarantined reports")
        permissions = [("settle_quarantinedreport", _("Can correct and replay reports"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="waiting", settled_at=None)
                | Q(status__in=["replayed", "dismissed"], settled_at__isnull=False),
                name="a_settled_report_says_when",
            )
        ]
        indexes = [
            models.Index(fields=["status", "id"], name="quarantine_by_status"),
            models.Index(fields=["received_at"], name="quarantine_by_arrival"),
        ]

    def __str__(self) -> str:
        return f"quarantined report {self.pk}"
