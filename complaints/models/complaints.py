from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from devices.models import Loan
from participants.models import Participant
from points.models import Transfer
from seoul_health.core.fields import EncryptedText
from seoul_health.core.models import StaffUser
from seoul_health.core.models.staff import Scope
from seoul_health.core.stateful import Stateful

from .catalogue import Category, Kind

NEAR_BREACH = timedelta(hours=4)
WAITING = ["received", "reopened"]
RUNNING = ["received", "assigned", "in_progress", "consulting", "approval", "reopened"]
STOPPED = ["supplement_requested", "inspecting"]
# A merged complaint keeps a clock of its own: it is watched like those that are worked on.
WATCHED = [*RUNNING, "merged"]


class Channel(models.TextChoices):
    APP = "app", _("App")
    WEB = "web", _("Web")
    PHONE = "phone", _("Phone call")
    COUNTER = "counter", _("Counter")
    PAPER = "paper", _("Paper form")
    EUNGDAPSO = "eungdapso", _("Eungdapso")
    DASAN = "dasan120", _("120 Dasan Call")


class ComplaintQuerySet(models.QuerySet["Complaint"]):
    def visible_to(self, user: StaffUser) -> Self:
        """Whole city, or only people of the user's own district."""
        if user.scope == Scope.CITY or user.is_superuser:
            return self
        return self.filter(participant__district=user.district or None)

    def of(self, participant: Participant) -> Self:
        return self.filter(participant=participant)

    def arrived(self) -> Self:
        """Filed, and not yet received."""
        return self.filter(status=Complaint.Status.PENDING_INTAKE).order_by("arrived_at", "pk")

    def waiting(self) -> Self:
        """Nobody's yet; the most urgent first."""
        return self.filter(status__in=WAITING, handler=None).by_urgency()

    def by_urgency(self) -> Self:
        return self.order_by("due_at", "pk")

    def running(self) -> Self:
        """Complaints whose clock runs."""
        return self.filter(status__in=RUNNING)

    def watched(self) -> Self:
        """Complaints that can pass their due time, merged ones too."""
        return self.filter(status__in=WATCHED)

    def live(self) -> Self:
        return self.filter(status__in=[*RUNNING, *STOPPED])

    def mine(self, user: StaffUser) -> Self:
        return self.live().filter(handler=user).by_urgency()

    def near_breach(self, now: datetime) -> Self:
        within = (now, now + NEAR_BREACH)
        return self.watched().filter(due_at__gt=within[0], due_at__lte=within[1]).by_urgency()

    def breached(self, now: datetime) -> Self:
        return self.watched().filter(due_at__lte=now).by_urgency()

    def reopened(self) -> Self:
        return self.running().filter(reopen_count__gt=0).by_urgency()


class Complaint(Stateful):
    """A citizen's complaint, with the clock the law puts on it."""

    class Status(models.TextChoices):
        PENDING_INTAKE = "pending_intake", _("Waiting for intake")
        RECEIVED = "received", _("Received")
        ASSIGNED = "assigned", _("Assigned")
        IN_PROGRESS = "in_progress", _("Being worked on")
        SUPPLEMENT_REQUESTED = "supplement_requested", _("Waiting for a supplement")
        CONSULTING = "consulting", _("With another department")
        INSPECTING = "inspecting", _("Site inspection")
        APPROVAL = "approval", _("Waiting for approval")
        ANSWERED = "answered", _("Answered")
        REOPENED = "reopened", _("Reopened")
        TRANSFERRED = "transferred", _("Transferred")
        WITHDRAWN = "withdrawn", _("Withdrawn by the citizen")
        RETURNED = "returned", _("Returned to the citizen")
        CLOSED_REPEAT = "closed_repeat", _("Closed as repeated")
        EXEMPT = "exempt", _("Not to be processed")
        MERGED = "merged", _("Merged into another")

    EXITS = frozenset(
        {Status.TRANSFERRED, Status.WITHDRAWN, Status.RETURNED, Status.CLOSED_REPEAT}
        | {Status.EXEMPT, Status.MERGED}
    )
    NEXT = {
        Status.PENDING_INTAKE: frozenset({Status.RECEIVED, Status.WITHDRAWN}),
        Status.RECEIVED: EXITS | {Status.ASSIGNED},
        Status.ASSIGNED: EXITS | {Status.IN_PROGRESS, Status.ASSIGNED},
        Status.IN_PROGRESS: EXITS
        | {Status.SUPPLEMENT_REQUESTED, Status.CONSULTING, Status.INSPECTING}
        | {Status.APPROVAL, Status.ANSWERED, Status.ASSIGNED},
        Status.SUPPLEMENT_REQUESTED: frozenset(
            {Status.IN_PROGRESS, Status.WITHDRAWN, Status.RETURNED}
        ),
        Status.CONSULTING: frozenset({Status.IN_PROGRESS, Status.WITHDRAWN}),
        Status.INSPECTING: frozenset({Status.IN_PROGRESS, Status.WITHDRAWN}),
        Status.APPROVAL: frozenset({Status.ANSWERED, Status.IN_PROGRESS, Status.WITHDRAWN}),
        Status.ANSWERED: frozenset({Status.REOPENED}),
        Status.REOPENED: EXITS | {Status.ASSIGNED},
        Status.MERGED: frozenset(
            {Status.RECEIVED, Status.REOPENED, Status.ANSWERED, Status.WITHDRAWN}
        ),
    }

    class Warned(models.TextChoices):
        NO = "", _("Not warned")
        NEAR = "near", _("Warned before it was due")
        OVERDUE = "overdue", _("Reminded when it was overdue")

    receipt_no = models.CharField(_("Receipt number"), max_length=16, unique=True)
    secret_digest = models.BinaryField(max_length=32)
    kind = models.CharField(_("Kind"), max_length=20, choices=Kind)
    published_days = models.PositiveSmallIntegerField(_("Published days"), null=True, blank=True)
    category = models.ForeignKey(
        Category, models.PROTECT, related_name="complaints", verbose_name=_("Category")
    )
    channel = models.CharField(_("Channel"), max_length=12, choices=Channel)
    status = models.CharField(
        _("Status"), max_length=24, choices=Status, default=Status.PENDING_INTAKE
    )
    participant = models.ForeignKey(
        Participant,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="complaints",
        verbose_name=_("Participant"),
    )
    guest_name = EncryptedText(null=True)
    guest_phone = EncryptedText(null=True)
    title = models.CharField(_("Title"), max_length=100)
    text = models.TextField(_("Text"), max_length=10_000)
    about_date = models.DateField(_("About the day"), null=True, blank=True)
    loan = models.ForeignKey(
        Loan,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="complaints",
        verbose_name=_("Loan"),
    )
    transfer = models.ForeignKey(
        Transfer,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="complaints",
        verbose_name=_("Transfer"),
    )
    arrived_at = models.DateTimeField(_("Arrived at"))
    received_at = models.DateTimeField(_("Received at"), null=True, blank=True)
    due_at = models.DateTimeField(_("Due at"), null=True, blank=True)
    article = models.CharField(_("Article"), max_length=60, blank=True)
    handler = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="complaints",
        verbose_name=_("Agent"),
    )
    # Counts every change; whoever answers says which version they have read.
    version = models.PositiveIntegerField(_("Version"), default=1)
    answered_at = models.DateTimeField(_("Answered at"), null=True, blank=True)
    reopened_at = models.DateTimeField(_("Reopened at"), null=True, blank=True)
    reopen_count = models.PositiveSmallIntegerField(_("Times reopened"), default=0)
    satisfaction = models.PositiveSmallIntegerField(_("Satisfaction"), null=True, blank=True)
    warned = models.CharField(
        _("Warning"), max_length=8, choices=Warned, default=Warned.NO, blank=True
    )

    objects = ComplaintQuerySet.as_manager()

    class Meta:
        verbose_name = _("complaint")
        verbose_name_plural = _("complaints")
        permissions = [
            ("use_desk", _("Can use the complaint desk")),
            ("answer_complaint", _("Can answer complaints")),
            ("supervise_desk", _("Can supervise the complaint desk")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(received_at=None, due_at=None, article="")
                | Q(received_at__isnull=False, due_at__isnull=False) & ~Q(article=""),
                name="a_received_complaint_has_a_due_time",
            ),
            models.CheckConstraint(
                condition=Q(received_at=None) | Q(received_at__gte=models.F("arrived_at")),
                name="receipt_follows_arrival",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["pending_intake", "withdrawn"])
                | Q(received_at__isnull=False),
                name="only_received_complaints_are_worked_on",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["assigned", "in_progress", "approval"])
                | Q(handler__isnull=False),
                name="work_on_a_complaint_has_an_agent",
            ),
            models.CheckConstraint(
                condition=~Q(status="answered") | Q(answered_at__isnull=False),
                name="an_answered_complaint_says_when",
            ),
            models.CheckConstraint(
                condition=Q(kind="statutory", published_days__isnull=False, published_days__gte=1)
                | ~Q(kind="statutory") & Q(published_days=None),
                name="only_statutory_complaints_have_published_days",
            ),
            models.CheckConstraint(
                condition=Q(satisfaction=None) | Q(satisfaction__gte=1, satisfaction__lte=5),
                name="satisfaction_is_one_to_five",
            ),
            models.CheckConstraint(condition=~Q(title=""), name="a_complaint_has_a_title"),
        ]
        indexes = [
            models.Index(fields=["status", "due_at", "id"], name="complaints_by_urgency"),
            models.Index(fields=["handler", "status", "due_at"], name="complaints_of_an_agent"),
            models.Index(fields=["due_at", "id"], name="complaints_in_due_order"),
            models.Index(fields=["participant", "-arrived_at"], name="complaints_of_a_person"),
            models.Index(fields=["received_at"], name="complaints_by_receipt"),
        ]

    def __str__(self) -> str:
        return self.receipt_no

    @property
    def clock_from(self) -> datetime:
        """When the clock last started; before the receipt it would start on arrival."""
        return self.reopened_at or self.received_at or self.arrived_at

    @property
    def is_open(self) -> bool:
        return self.status in {"pending_intake", *WATCHED, *STOPPED}

    def audit_detail(self, stamps: Mapping[str, Any]) -> dict[str, object]:
        """Keep the due time before and after every step."""
        after = stamps.get("due_at", self.due_at)
        return {"due_before": _stamp(self.due_at), "due_after": _stamp(after)}


def _stamp(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
