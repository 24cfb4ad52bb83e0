import uuid
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from seoul_health.core.stateful import Stateful

from .incidents import Incident

EARLY, LATE = timedelta(hours=4), timedelta(hours=1)


class PromiseQuerySet(models.QuerySet["Promise"]):
    def open(self) -> Self:
        return self.filter(status=Promise.Status.OPEN)

    def overdue(self, now: datetime) -> Self:
        return self.open().filter(due_at__lte=now)

    def settled(self) -> Self:
        return self.filter(status__in=[Promise.Status.KEPT, Promise.Status.MISSED])


class Promise(Stateful):
    """A moment until which the public was promised something; kept or missed, for all to see."""

    class Status(models.TextChoices):
        OPEN = "promised", _("Promised")
        KEPT = "kept", _("Promise kept")
        MISSED = "missed", _("Promise missed")

    class Kind(models.TextChoices):
        UPDATE = "update", _("The next update")
        OTHER = "other", _("Something else")

    NEXT = {Status.OPEN: frozenset({Status.KEPT, Status.MISSED})}

    incident = models.ForeignKey(
        Incident, models.PROTECT, related_name="promises", verbose_name=_("Incident")
    )
    kind = models.CharField(_("Kind"), max_length=8, choices=Kind, default=Kind.UPDATE)
    text = models.CharField(_("What is promised"), max_length=200, blank=True)
    due_at = models.DateTimeField(_("Promised until"))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("Answers for it")
    )
    status = models.CharField(_("Status"), max_length=24, choices=Status, default=Status.OPEN)
    made_by = models.CharField(_("Promised by"), max_length=100)
    made_at = models.DateTimeField(_("Promised at"), db_default=Now())
    # When it was done: for a missed promise later than promised, or never.
    done_at = models.DateTimeField(_("Done at"), null=True, blank=True)

    objects = PromiseQuerySet.as_manager()

    class Meta:
        verbose_name = _("promise")
        verbose_name_plural = _("promises")
        constraints = [
            models.UniqueConstraint(
                fields=["incident"],
                condition=Q(status="promised", kind="update"),
                name="one_promised_update_per_incident",
            ),
            models.CheckConstraint(
                condition=Q(status="promised", done_at=None)
                | Q(status="kept", done_at__isnull=False, done_at__lte=F("due_at"))
                | Q(status="missed", done_at=None)
                | Q(status="missed", done_at__gt=F("due_at")),
                name="a_promise_is_kept_in_time_or_missed",
            ),
            models.CheckConstraint(
                condition=Q(kind="update") | ~Q(text=""), name="a_promise_says_what"
            ),
        ]
        indexes = [models.Index(fields=["status", "due_at"], name="promises_falling_due")]

    def __str__(self) -> str:
        return f"promise {self.pk}"

    @property
    def words(self) -> str:
        return self.text or str(self.get_kind_display())


class PromiseAlarm(models.Model):
    """A promise that falls due soon, rung once per step until somebody says “mine”."""

    class Step(models.TextChoices):
        EARLY = "early", _("4 hours before")
        LATE = "late", _("1 hour before: supervisors too")
        MISSED = "missed", _("Missed")

    promise = models.ForeignKey(
        Promise, models.PROTECT, related_name="alarms", verbose_name=_("Promise")
    )
    step = models.CharField(_("Step"), max_length=8, choices=Step)
    at = models.DateTimeField(_("At"), db_default=Now())
    seen_by = models.CharField(_("Taken on by"), max_length=100, blank=True)
    seen_at = models.DateTimeField(_("Taken on at"), null=True, blank=True)

    class Meta:
        verbose_name = _("alarm of a promise")
        verbose_name_plural = _("alarms of promises")
        constraints = [
            models.UniqueConstraint(
                fields=["promise", "step"], name="one_alarm_per_promise_and_step"
            ),
            models.CheckConstraint(
                condition=Q(seen_at=None, seen_by="") | Q(seen_at__isnull=False) & ~Q(seen_by=""),
                name="an_alarm_taken_on_says_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return f"alarm {self.pk}"


class NoticeQuerySet(models.QuerySet["Notice"]):
    def shown(self, now: datetime) -> Self:
        """Notices in the app at a moment, the gravest and newest first."""
        begun = self.filter(status=Notice.Status.PUBLISHED, starts_at__lte=now)
        return begun.filter(Q(ends_at=None) | Q(ends_at__gt=now)).order_by("-starts_at", "-pk")


class Notice(Stateful):
    """A pop-up or a banner in the app, for everybody, during a span of time."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")
        WITHDRAWN = "withdrawn", _("Taken down")

    class Placement(models.TextChoices):
        POPUP = "popup", _("Pop-up")
        BANNER = "banner", _("Banner")

    class Tone(models.TextChoices):
        INFO = "info", _("For information")
        WARN = "warn", _("Disturbance")
        DANGER = "danger", _("Interruption")

    NEXT = {
        Status.DRAFT: frozenset({Status.PUBLISHED, Status.WITHDRAWN}),
        Status.PUBLISHED: frozenset({Status.WITHDRAWN}),
    }

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    incident = models.ForeignKey(
        Incident,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="notices",
        verbose_name=_("Incident"),
    )
    placement = models.CharField(_("Place"), max_length=8, choices=Placement)
    tone = models.CharField(_("Gravity"), max_length=8, choices=Tone, default=Tone.INFO)
    title = models.CharField(_("Title"), max_length=60)
    text = models.TextField(_("Text"), max_length=600)
    starts_at = models.DateTimeField(_("Shown from"))
    ends_at = models.DateTimeField(_("Shown until"), null=True, blank=True)
    status = models.CharField(_("Status"), max_length=24, choices=Status, default=Status.DRAFT)
    written_by = models.CharField(_("Written by"), max_length=100)
    published_at = models.DateTimeField(_("Published at"), null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
                name="a_notice_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=~Q(status="published") | Q(published_at__isnull=False),
                name="a_published_notice_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(title="") & ~Q(text=""), name="a_notice_says_something"
            ),
        ]
        indexes = [models.Index(fields=["status", "starts_at"], name="notices_shown")]

    def __str__(self) -> str:
        return f"notice {self.pk}"
