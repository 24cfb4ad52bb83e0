import uuid
from datetime import datetime
from typing import Self

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from participants.rules.messages import ladder_of
from seoul_health.core.models import StaffUser
from seoul_health.core.models.staff import Scope
from seoul_health.core.stateful import Stateful

from .people import Participant


class Channel(models.TextChoices):
    PUSH = "push", _("App push")
    ALIMTALK = "alimtalk", _("Alimtalk")
    SMS = "sms", _("Text message")
    LETTER = "letter", _("Letter")


class Topic(models.TextChoices):
    RECRUITMENT = "recruitment", _("Recruitment and applications")
    PARTICIPATION = "participation", _("Taking part")
    WATCH = "watch", _("Borrowed watch")
    POINTS = "points", _("Points")
    COMPLAINTS = "complaints", _("Complaints and questions")
    NEWS = "news", _("News of the programme")


class NotificationTemplateQuerySet(models.QuerySet["NotificationTemplate"]):
    def released(self) -> Self:
        return self.filter(released_at__isnull=False)

    def current(self) -> Self:
        """The newest released version of every code."""
        return self.released().order_by("code", "-version").distinct("code")


class NotificationTemplate(models.Model):
    """What is said on which channel. A released version never changes; a change is a new one."""

    code = models.CharField(_("Code"), max_length=40)
    version = models.PositiveSmallIntegerField(_("Version"), default=1)
    category = models.CharField(_("Category"), max_length=16, choices=Topic)
    # A legal notice goes out at any hour and whatever its receiver has turned off.
    legal = models.BooleanField(_("Legal notice"), default=False)
    placeholders = ArrayField(
        models.CharField(max_length=40), verbose_name=_("Placeholders"), default=list, blank=True
    )
    title = models.CharField(_("Title"), max_length=60)
    push = models.TextField(_("App push"), max_length=240, blank=True)
    alimtalk = models.TextField(_("Alimtalk"), max_length=1000, blank=True)
    sms = models.TextField(_("Text message"), max_length=1000, blank=True)
    letter = models.TextField(_("Letter"), max_length=4000, blank=True)
    lasts_hours = models.PositiveSmallIntegerField(
        _("Worth sending for (hours)"), null=True, blank=True
    )
    written_by = models.CharField(_("Written by"), max_length=100, default="system:shipped")
    released_by = models.CharField(_("Released by"), max_length=100, blank=True)
    released_at = models.DateTimeField(_("Released at"), null=True, blank=True)

    objects = NotificationTemplateQuerySet.as_manager()

    class Meta:
        verbose_name = _("message template")
        verbose_name_plural = _("message templates")
        permissions = [("release_notificationtemplate", _("Can release message templates"))]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "version"], name="one_template_per_code_and_version"
            ),
            models.CheckConstraint(
                condition=~Q(push="", alimtalk="", sms="", letter=""),
                name="a_template_speaks_on_some_channel",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="released_template_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__released_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} v{self.version}"

    def body(self, channel: str) -> str:
        return str(getattr(self, channel))

    @property
    def bodies(self) -> dict[str, str]:
        return {channel: self.body(channel) for channel in Channel.values if self.body(channel)}

    @property
    def ladder(self) -> list[str]:
        return ladder_of(self.bodies)


class BulkSend(Stateful):
    """One message to many: previewed, asked for by one person, approved by another."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        REQUESTED = "requested", _("Waiting for approval")
        APPROVED = "approved", _("Approved")
        RUNNING = "running", _("Being sent")
        STOPPED = "stopped", _("Stopped")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")

    NEXT = {
        Status.DRAFT: frozenset({Status.REQUESTED, Status.CANCELLED}),
        Status.REQUESTED: frozenset({Status.APPROVED, Status.DRAFT, Status.CANCELLED}),
        Status.APPROVED: frozenset({Status.RUNNING, Status.DRAFT, Status.CANCELLED}),
        Status.RUNNING: frozenset({Status.STOPPED, Status.DONE}),
        Status.STOPPED: frozenset({Status.RUNNING, Status.CANCELLED}),
    }

    name = models.CharField(_("Name"), max_length=80)
    template = models.ForeignKey(
        NotificationTemplate, models.PROTECT, related_name="+", verbose_name=_("Template")
    )
    audience = models.JSONField(_("Audience"), default=dict)
    values = models.JSONField(_("Values"), default=dict, blank=True)
    per_minute = models.PositiveIntegerField(_("Messages per minute"), default=3000)
    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.DRAFT)
    people = models.PositiveIntegerField(_("People"), null=True, blank=True)
    list_hash = models.CharField(_("Hash of the list"), max_length=64, blank=True)
    created_at = models.DateTimeField(_("Created at"), db_default=Now())
    created_by = models.CharField(_("Created by"), max_length=100)
    requested_by = models.CharField(_("Requested by"), max_length=100, blank=True)
    requested_at = models.DateTimeField(_("Requested at"), null=True, blank=True)
    approved_by = models.CharField(_("Approved by"), max_length=100, blank=True)
    approved_at = models.DateTimeField(_("Approved at"), null=True, blank=True)
    started_at = models.DateTimeField(_("Started at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("Finished at"), null=True, blank=True)
    # The throttle: the moment from which the next message may leave.
    free_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("bulk send")
        verbose_name_plural = _("bulk sends")
        permissions = [
            ("approve_bulksend", _("Can approve bulk sends")),
            ("run_bulksend", _("Can start, stop and resume bulk sends")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by="") | ~Q(approved_by=F("requested_by")),
                name="a_bulk_send_needs_two_people",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "requested", "cancelled"]) | ~Q(approved_by=""),
                name="no_bulk_send_without_approval",
            ),
            models.CheckConstraint(condition=Q(per_minute__gt=0), name="a_bulk_send_moves_at_all"),
        ]

    def __str__(self) -> str:
        return f"bulk send {self.pk}"


class NotificationQuerySet(models.QuerySet["Notification"]):
    def visible_to(self, user: StaffUser) -> Self:
        if user.scope == Scope.CITY or user.is_superuser:
            return self
        return self.filter(participant__district=user.district)

    def due(self, moment: datetime) -> Self:
        """Planned, not too old, and its time has come: the longest waiting first."""
        fresh = Q(expires_at=None) | Q(expires_at__gt=moment)
        planned = self.filter(fresh, status=Notification.Status.PLANNED, next_at__lte=moment)
        return planned.order_by("next_at", "pk")

    def too_old(self, moment: datetime) -> Self:
        return self.filter(status=Notification.Status.PLANNED, expires_at__lte=moment)

    def abandoned(self, before: datetime) -> Self:
        """Claimed by a worker that never came back."""
        return self.filter(status=Notification.Status.SENDING, next_at__lt=before)

    def unanswered(self, moment: datetime) -> Self:
        """Accepted or unknown, and due for another question."""
        waiting = self.filter(status__in=Notification.WAITING, next_at__lte=moment)
        return waiting.order_by("next_at", "pk")

    def open(self) -> Self:
        return self.filter(status__in=Notification.OPEN)


class Notification(models.Model):
    """One message to one person: the outbox is this table, and its attempts are its history.

    Its moves are guarded updates without audit events: the attempts say more, and there are
    millions of them.
    """

    class Status(models.TextChoices):
        PLANNED = "planned", _("Planned")
        SENDING = "sending", _("Sending")
        SENT = "sent", _("Sent")
        DELIVERED = "delivered", _("Delivered")
        FAILED = "failed", _("Failed")
        UNKNOWN = "unknown", _("Unknown")
        SUPPRESSED = "suppressed", _("Held back")
        CANCELLED = "cancelled", _("Dropped")

    OPEN = (Status.PLANNED, Status.SENDING, Status.SENT, Status.UNKNOWN)
    WAITING = (Status.SENT, Status.UNKNOWN)
    TOLD = (Status.SENT, Status.DELIVERED)

    public_id = models.UUIDField(db_default=RandomUUID(), unique=True, editable=False)
    # The same key is the same message, however often it is planned.
    key = models.CharField(max_length=160, editable=False)
    # The indexes below serve these three: every further one is paid for by each of 400,000 rows.
    participant = models.ForeignKey(
        Participant,
        models.PROTECT,
        related_name="notifications",
        verbose_name=_("Participant"),
        db_index=False,
    )
    template = models.ForeignKey(
        NotificationTemplate,
        models.PROTECT,
        related_name="+",
        verbose_name=_("Template"),
        db_index=False,
    )
    bulk = models.ForeignKey(
        BulkSend,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="notifications",
        verbose_name=_("Bulk send"),
        db_index=False,
    )
    values = models.JSONField(_("Values"), default=dict)
    category = models.CharField(_("Category"), max_length=16, choices=Topic)
    legal = models.BooleanField(_("Legal notice"), default=False)
    ladder = ArrayField(models.CharField(max_length=10, choices=Channel), verbose_name=_("Ladder"))
    channel = models.CharField(_("Channel"), max_length=10, choices=Channel)
    status = models.CharField(_("Status"), max_length=10, choices=Status, default=Status.PLANNED)
    reason = models.CharField(_("Reason"), max_length=40, blank=True)
    planned_at = models.DateTimeField(_("Planned at"), db_default=Now())
    next_at = models.DateTimeField(_("Next step at"), db_default=Now())
    expires_at = models.DateTimeField(_("Worth sending until"), null=True, blank=True)
    sent_at = models.DateTimeField(_("Sent at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("Finished at"), null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        constraints = [
            models.UniqueConstraint(fields=["key"], name="one_message_per_key"),
            models.CheckConstraint(
                condition=Q(status__in=["planned", "sending", "sent", "unknown"], finished_at=None)
                | Q(
                    status__in=["delivered", "failed", "suppressed", "cancelled"],
                    finished_at__isnull=False,
                ),
                name="notification_finished_at_tells_the_truth",
            ),
        ]
        indexes = [
            models.Index(
                fields=["bulk", "next_at", "id"],
                condition=Q(status="planned"),
                name="notices_due",
            ),
            models.Index(
                fields=["bulk", "next_at", "id"],
                condition=Q(status="planned", legal=True),
                name="legal_notices_due",
            ),
            models.Index(
                fields=["next_at", "id"],
                condition=Q(status__in=["sending", "sent", "unknown"]),
                name="notices_to_ask_about",
            ),
            models.Index(
                fields=["expires_at"],
                condition=Q(status="planned", expires_at__isnull=False),
                name="notices_growing_old",
            ),
            models.Index(fields=["participant", "-id"], name="notices_of_a_person"),
            models.Index(fields=["status", "-id"], name="notices_by_status"),
            models.Index(fields=["category", "-id"], name="notices_by_category"),
            models.Index(fields=["bulk", "status"], name="notices_of_a_bulk_send"),
            models.Index(
                fields=["reason", "-id"], condition=~Q(reason=""), name="notices_by_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"notification {self.pk}"


class DeliveryAttempt(models.Model):
    """One try on one channel. Its id goes to the gateway, so asking twice sends once."""

    class Outcome(models.TextChoices):
        STARTED = "started", _("Started")
        ACCEPTED = "accepted", _("Accepted")
        DELIVERED = "delivered", _("Delivered")
        FAILED = "failed", _("Failed")
        UNKNOWN = "unknown", _("Unknown")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    notification = models.ForeignKey(
        Notification, models.CASCADE, related_name="attempts", verbose_name=_("Notification")
    )
    channel = models.CharField(_("Channel"), max_length=10, choices=Channel)
    outcome = models.CharField(_("Outcome"), max_length=10, choices=Outcome, default="started")
    receipt_no = models.CharField(_("Gateway's receipt"), max_length=64, blank=True)
    reason = models.CharField(_("Reason"), max_length=40, blank=True)
    cost = models.PositiveIntegerField(_("Cost"), default=0)
    tries = models.PositiveSmallIntegerField(_("Tries"), default=1)
    started_at = models.DateTimeField(_("Started at"), db_default=Now())
    accepted_at = models.DateTimeField(_("Accepted at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("Finished at"), null=True, blank=True)

    class Meta:
        verbose_name = _("delivery attempt")
        verbose_name_plural = _("delivery attempts")
        constraints = [
            models.UniqueConstraint(
                fields=["notification", "channel"], name="one_attempt_per_channel"
            ),
        ]

    def __str__(self) -> str:
        return f"attempt {self.pk}"


class OptOut(models.Model):
    """A person's no to one kind of message, on one channel or, without one, on all."""

    participant = models.ForeignKey(
        Participant, models.CASCADE, related_name="opt_outs", verbose_name=_("Participant")
    )
    category = models.CharField(_("Category"), max_length=16, choices=Topic)
    channel = models.CharField(_("Channel"), max_length=10, choices=Channel, blank=True)
    since = models.DateTimeField(_("Since"), db_default=Now())

    class Meta:
        verbose_name = _("opt-out")
        verbose_name_plural = _("opt-outs")
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "category", "channel"],
                name="one_opt_out_per_category_and_channel",
            )
        ]

    def __str__(self) -> str:
        return f"opt-out {self.pk}"


class ChannelPace(models.Model):
    """The throttle of one channel: the moment from which the next message may leave."""

    channel = models.CharField(_("Channel"), max_length=10, choices=Channel, unique=True)
    free_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("pace of a channel")
        verbose_name_plural = _("paces of channels")

    def __str__(self) -> str:
        return self.channel
