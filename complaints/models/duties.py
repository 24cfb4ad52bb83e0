"""What the law asks of whoever works on a complaint: demands, consultations, exits, approval."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from complaints.rules.intake import TransferTo
from seoul_health.core.models import DecidedByTwo

from .complaints import Complaint
from .conversation import Message


class SupplementDemand(models.Model):
    """A demand for what is missing, with the day until which it can be sent (보완요구)."""

    complaint = models.ForeignKey(
        Complaint, models.PROTECT, related_name="demands", verbose_name=_("Complaint")
    )
    message = models.OneToOneField(Message, models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField(_("Demand"), default=1)
    until = models.DateField(_("Until"))
    extended = models.PositiveSmallIntegerField(_("Times extended"), default=0)
    ended_at = models.DateTimeField(_("Ended at"), null=True, blank=True)

    class Meta:
        verbose_name = _("demand for a supplement")
        verbose_name_plural = _("demands for supplements")
        constraints = [
            models.UniqueConstraint(
                fields=["complaint"],
                condition=Q(ended_at=None),
                name="one_open_demand_per_complaint",
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=2), name="a_supplement_is_demanded_twice"
            ),
            models.CheckConstraint(
                condition=Q(extended__lte=2), name="a_demand_is_extended_at_most_twice"
            ),
        ]

    def __str__(self) -> str:
        return f"demand {self.pk}"


class ConsultationQuerySet(models.QuerySet["Consultation"]):
    def open(self) -> Self:
        return self.filter(replied_at=None)


class Consultation(models.Model):
    """A question to another department; its reply date lies inside the period (법 §20)."""

    complaint = models.ForeignKey(
        Complaint, models.PROTECT, related_name="consultations", verbose_name=_("Complaint")
    )
    department = models.CharField(_("Department asked"), max_length=60)
    question = models.TextField(_("Question"), max_length=2_000)
    asked_by = models.CharField(_("Asked by"), max_length=100)
    asked_at = models.DateTimeField(_("Asked at"), db_default=Now())
    reply_by = models.DateTimeField(_("Reply by"))
    is_extended = models.BooleanField(_("Extended"), default=False)
    reply = models.TextField(_("Reply"), max_length=5_000, blank=True)
    replied_at = models.DateTimeField(_("Replied at"), null=True, blank=True)

    objects = ConsultationQuerySet.as_manager()

    class Meta:
        verbose_name = _("consultation")
        verbose_name_plural = _("consultations")
        constraints = [
            models.UniqueConstraint(
                fields=["complaint"],
                condition=Q(replied_at=None),
                name="one_open_consultation_per_complaint",
            ),
            models.CheckConstraint(
                condition=Q(replied_at=None, reply="") | Q(replied_at__isnull=False) & ~Q(reply=""),
                name="a_reply_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(department="") & ~Q(question=""), name="a_consultation_asks_somebody"
            ),
        ]
        indexes = [
            models.Index(
                fields=["reply_by"], condition=Q(replied_at=None), name="consultations_to_reply"
            )
        ]

    def __str__(self) -> str:
        return f"consultation {self.pk}"


class Transferral(models.Model):
    """A complaint that was passed on to whoever is competent, and by when it had to be (이송)."""

    class Recipient(models.TextChoices):
        DEPARTMENT = TransferTo.DEPARTMENT.value, _("A department of this office")
        REMOTE_DEPARTMENT = TransferTo.REMOTE_DEPARTMENT.value, _("A department elsewhere")
        AGENCY = TransferTo.AGENCY.value, _("An office of the city")
        OTHER_AGENCY = TransferTo.OTHER_AGENCY.value, _("Another agency")

    complaint = models.OneToOneField(
        Complaint, models.PROTECT, related_name="transferral", verbose_name=_("Complaint")
    )
    recipient = models.CharField(_("Kind of recipient"), max_length=20, choices=Recipient)
    name = models.CharField(_("Recipient"), max_length=80)
    contact = models.CharField(_("Recipient's telephone"), max_length=20, blank=True)
    reason = models.CharField(_("Reason"), max_length=500)
    sent_by = models.CharField(_("Sent by"), max_length=100)
    sent_at = models.DateTimeField(_("Sent at"))
    send_by = models.DateTimeField(_("To be sent by"))

    class Meta:
        verbose_name = _("transferral")
        verbose_name_plural = _("transferrals")
        constraints = [
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(reason=""), name="a_transferral_says_where_and_why"
            )
        ]
        indexes = [models.Index(fields=["-sent_at"], name="transferrals_by_time")]

    def __str__(self) -> str:
        return f"transferral {self.pk}"

    @property
    def is_late(self) -> bool:
        return self.sent_at > self.send_by


class RepeatClosure(models.Model):
    """A third same complaint that was closed, and the two whose results had been told (법 §23)."""

    complaint = models.OneToOneField(
        Complaint, models.PROTECT, related_name="repeat_closure", verbose_name=_("Complaint")
    )
    first = models.ForeignKey(
        Complaint, models.PROTECT, related_name="+", verbose_name=_("First result")
    )
    second = models.ForeignKey(
        Complaint, models.PROTECT, related_name="+", verbose_name=_("Second result")
    )
    sameness = models.CharField(_("Why they are the same"), max_length=500)
    closed_by = models.CharField(_("Closed by"), max_length=100)
    closed_at = models.DateTimeField(_("Closed at"), db_default=Now())

    class Meta:
        verbose_name = _("closure of a repeated complaint")
        verbose_name_plural = _("closures of repeated complaints")
        constraints = [
            models.CheckConstraint(
                condition=~Q(first=F("second"))
                & ~Q(first=F("complaint"))
                & ~Q(second=F("complaint")),
                name="a_repeat_has_two_earlier_results",
            ),
            models.CheckConstraint(condition=~Q(sameness=""), name="a_repeat_is_judged"),
        ]

    def __str__(self) -> str:
        return f"closure {self.pk}"


class AnswerDraft(DecidedByTwo):
    """An answer that a second person reads before it goes out (결재)."""

    class Status(models.TextChoices):
        REQUESTED = "requested", _("Waiting for approval")
        APPROVED = "approved", _("Approved")
        SENT_BACK = "sent_back", _("Sent back")
        DROPPED = "dropped", _("Dropped")

    class Purpose(models.TextChoices):
        ANSWER = Message.Purpose.ANSWER.value, _("Answer")
        REFUSAL = Message.Purpose.REFUSAL.value, _("Refusal")

    NEXT: ClassVar = {
        Status.REQUESTED: frozenset({Status.APPROVED, Status.SENT_BACK, Status.DROPPED})
    }

    complaint = models.ForeignKey(
        Complaint, models.PROTECT, related_name="drafts", verbose_name=_("Complaint")
    )
    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.REQUESTED)
    purpose = models.CharField(_("Purpose"), max_length=12, choices=Purpose)
    text = models.TextField(_("Text"), max_length=10_000)
    reason = models.TextField(_("Reason"), max_length=2_000, blank=True)
    remedy = models.TextField(_("Remedy"), max_length=2_000, blank=True)
    remark = models.CharField(_("What is to be changed"), max_length=500, blank=True)

    class Meta(DecidedByTwo.Meta):
        verbose_name = _("draft of an answer")
        verbose_name_plural = _("drafts of answers")
        permissions = [("decide_answerdraft", _("Can approve answers before they go out"))]
        constraints = [
            *DecidedByTwo.Meta.constraints,
            models.UniqueConstraint(
                fields=["complaint"],
                condition=Q(status="requested"),
                name="one_open_draft_per_complaint",
            ),
            models.CheckConstraint(
                condition=~Q(purpose="refusal") | ~Q(reason="") & ~Q(remedy=""),
                name="a_drafted_refusal_is_complete",
            ),
            models.CheckConstraint(
                condition=~Q(status="sent_back") | ~Q(remark=""),
                name="a_draft_sent_back_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"draft {self.pk}"


class DunningNotice(models.Model):
    """A written reminder to the department that is late (독촉장)."""

    complaint = models.ForeignKey(
        Complaint, models.PROTECT, related_name="dunnings", verbose_name=_("Complaint")
    )
    number = models.PositiveSmallIntegerField(_("Reminder"))
    due_at = models.DateTimeField(_("Was due at"))
    department = models.CharField(_("Department"), max_length=60, blank=True)
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Agent"),
    )
    issued_at = models.DateTimeField(_("Issued at"))
    explained_by = models.CharField(_("Explained by"), max_length=100, blank=True)
    explained_at = models.DateTimeField(_("Explained at"), null=True, blank=True)
    explanation = models.CharField(_("Explanation"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("reminder to a department")
        verbose_name_plural = _("reminders to departments")
        constraints = [
            models.UniqueConstraint(
                fields=["complaint", "due_at", "number"], name="each_reminder_goes_out_once"
            ),
            models.CheckConstraint(
                condition=Q(explained_at=None, explanation="", explained_by="")
                | Q(explained_at__isnull=False) & ~Q(explanation="") & ~Q(explained_by=""),
                name="an_explanation_says_when_and_by_whom",
            ),
        ]
        indexes = [models.Index(fields=["-issued_at"], name="reminders_by_time")]

    def __str__(self) -> str:
        return f"reminder {self.pk}"
