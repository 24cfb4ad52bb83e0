from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from complaints.rules.clock import EventKind
from seoul_health.core.models.records import append_only

from .catalogue import ReplyTemplate
from .complaints import Complaint
from .days_off import HolidayChange


class ClockEvent(models.Model):
    """Something that started, stopped or moved a complaint's clock. Never changed."""

    class Kind(models.TextChoices):
        RECEIVED = "received", _("Received")
        REOPENED = "reopened", _("Reopened")
        SUPPLEMENT_SENT = EventKind.SUPPLEMENT_SENT.value, _("Supplement requested")
        SUPPLEMENT_ARRIVED = EventKind.SUPPLEMENT_ARRIVED.value, _("Supplement arrived")
        EXTENDED = EventKind.EXTENDED.value, _("Extended")
        INSPECTION_STARTED = EventKind.INSPECTION_STARTED.value, _("Site inspection started")
        INSPECTION_ENDED = EventKind.INSPECTION_ENDED.value, _("Site inspection ended")
        INSPECTION_EXTENDED = EventKind.INSPECTION_EXTENDED.value, _("Site inspection extended")
        HOLIDAY = "holiday", _("Holiday changed")

    complaint = models.ForeignKey(
        Complaint, models.PROTECT, related_name="clock_events", verbose_name=_("Complaint")
    )
    kind = models.CharField(_("Event"), max_length=24, choices=Kind)
    at = models.DateTimeField(_("At"))
    amount = models.PositiveSmallIntegerField(_("Units added"), null=True, blank=True)
    reason = models.CharField(_("Reason"), max_length=500, blank=True)
    has_consent = models.BooleanField(_("With the citizen's consent"), default=False)
    actor = models.CharField(_("Actor"), max_length=100)
    due_before = models.DateTimeField(_("Due before"), null=True, blank=True)
    due_after = models.DateTimeField(_("Due after"))
    holiday_change = models.ForeignKey(
        HolidayChange,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="clock_events",
        verbose_name=_("Change of a holiday"),
    )

    class Meta:
        verbose_name = _("clock event")
        verbose_name_plural = _("clock events")
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind__in=["extended", "supplement_sent"]) | ~Q(reason=""),
                name="a_longer_wait_has_a_reason",
            ),
            models.UniqueConstraint(
                fields=["holiday_change", "complaint"],
                condition=Q(holiday_change__isnull=False),
                name="a_holiday_moves_a_clock_once",
            ),
        ]
        indexes = [models.Index(fields=["complaint", "at"], name="clock_of_a_complaint")]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class MessageQuerySet(models.QuerySet["Message"]):
    def for_the_citizen(self) -> Self:
        return self.exclude(author=Message.Author.NOTE).order_by("pk")


class Message(models.Model):
    """One thing that was said: by the citizen, to the citizen, or among staff."""

    class Author(models.TextChoices):
        CITIZEN = "citizen", _("Citizen")
        STAFF = "staff", _("Staff")
        NOTE = "note", _("Internal note")

    class Purpose(models.TextChoices):
        TEXT = "text", _("Message")
        ANSWER = "answer", _("Answer")
        REFUSAL = "refusal", _("Refusal")
        SUPPLEMENT = "supplement", _("Request for a supplement")
        EXTENSION = "extension", _("Notice of extension")
        INSPECTION = "inspection", _("Notice of a site inspection")
        PROGRESS = "progress", _("Notice of progress")
        TRANSFER = "transfer", _("Notice of transfer")
        RETURN = "return", _("Notice of return")
        CLOSURE = "closure", _("Notice of closure")
        EXEMPTION = "exemption", _("Notice that it is not processed")

    complaint = models.ForeignKey(
        Complaint, models.PROTECT, related_name="messages", verbose_name=_("Complaint")
    )
    author = models.CharField(_("Said by"), max_length=8, choices=Author)
    purpose = models.CharField(_("Purpose"), max_length=12, choices=Purpose, default=Purpose.TEXT)
    text = models.TextField(_("Text"), max_length=10_000)
    reason = models.TextField(_("Reason"), max_length=2_000, blank=True)
    remedy = models.TextField(_("Remedy"), max_length=2_000, blank=True)
    template = models.ForeignKey(
        ReplyTemplate,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Template"),
    )
    actor = models.CharField(_("Actor"), max_length=100)
    # 시행령 제31조: who answers, and where they can be reached, as it was then.
    department = models.CharField(_("Department"), max_length=60, blank=True)
    signed_by = models.CharField(_("Signed by"), max_length=60, blank=True)
    contact = models.CharField(_("Contact number"), max_length=20, blank=True)
    at = models.DateTimeField(_("At"), db_default=Now())

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.CheckConstraint(
                condition=~Q(purpose="refusal") | ~Q(reason="") & ~Q(remedy=""),
                name="a_refusal_has_a_reason_and_a_remedy",
            ),
            models.CheckConstraint(
                condition=Q(purpose="text")
                | Q(author="staff") & ~Q(department="") & ~Q(signed_by="") & ~Q(contact=""),
                name="a_notice_names_department_agent_and_contact",
            ),
            models.CheckConstraint(
                condition=~Q(purpose__in=["transfer", "return", "closure", "exemption"])
                | ~Q(reason=""),
                name="an_end_without_answer_has_a_reason",
            ),
            models.CheckConstraint(condition=~Q(text=""), name="a_message_says_something"),
        ]
        indexes = [models.Index(fields=["complaint", "id"], name="messages_of_a_complaint")]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"message {self.pk}"
