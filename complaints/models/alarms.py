import uuid
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Max, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from participants.models import Participant
from seoul_health.core.fields import EncryptedText
from seoul_health.core.models import StaffUser
from seoul_health.core.models.files import KeptFile
from seoul_health.core.models.records import append_only
from seoul_health.core.models.staff import Scope
from seoul_health.core.stateful import Stateful

LIVE_ALARM = ["ringing", "taken", "passed_on"]


class Trip(Stateful):
    """A walk home somebody wants watched until they say that they have arrived."""

    class Status(models.TextChoices):
        GOING = "going", _("On the way")
        ARRIVED = "arrived", _("Arrived")
        OVERDUE = "overdue", _("Has not arrived")

    NEXT: ClassVar[Mapping[str, frozenset[str]]] = {
        Status.GOING: frozenset({Status.ARRIVED, Status.OVERDUE}),
        Status.OVERDUE: frozenset({Status.ARRIVED}),
    }

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    participant = models.ForeignKey(
        Participant, models.PROTECT, related_name="trips", verbose_name=_("Participant")
    )
    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.GOING)
    # Where somebody lives is nobody's business afterwards: it leaves with the positions.
    destination = EncryptedText(_("Destination"), null=True)
    started_at = models.DateTimeField(_("Started at"))
    expected_at = models.DateTimeField(_("Expected at"))
    arrived_at = models.DateTimeField(_("Arrived at"), null=True, blank=True)

    class Meta:
        verbose_name = _("safe return")
        verbose_name_plural = _("safe returns")
        constraints = [
            models.UniqueConstraint(
                fields=["participant"],
                condition=Q(status="going"),
                name="one_trip_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(status="arrived", arrived_at__isnull=False)
                | ~Q(status="arrived") & Q(arrived_at=None),
                name="a_trip_says_when_it_arrived",
            ),
            models.CheckConstraint(
                condition=Q(expected_at__gt=models.F("started_at")),
                name="a_trip_takes_its_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["expected_at"], condition=Q(status="going"), name="trips_under_way"
            )
        ]

    def __str__(self) -> str:
        return f"trip {self.pk}"


class AlarmQuerySet(models.QuerySet["Alarm"]):
    def visible_to(self, user: StaffUser) -> Self:
        """Whole city, or only people of the user's own district."""
        if user.scope == Scope.CITY or user.is_superuser:
            return self
        return self.filter(participant__district=user.district or None)

    def live(self) -> Self:
        return self.filter(status__in=LIVE_ALARM)

    def untaken(self) -> Self:
        return self.filter(status=Alarm.Status.RINGING).order_by("raised_at", "pk")

    def ringing(self) -> Self:
        """Calls that nobody has taken, or that were pressed again since staff last did anything."""
        again = Max("entries", filter=Q(entries__kind="repeated"))
        heard = Max("entries", filter=Q(entries__actor__startswith="staff:"))
        rows = self.live().annotate(again=again, heard=heard)
        unheard = Q(status=Alarm.Status.RINGING) | Q(again__gt=F("heard"))
        return rows.filter(unheard).order_by("raised_at", "pk")


class Alarm(Stateful):
    """A call for help: it rings until somebody takes it, and ends with what became of it."""

    class Status(models.TextChoices):
        RINGING = "ringing", _("Ringing")
        TAKEN = "taken", _("Looked after")
        PASSED_ON = "passed_on", _("Handed over")
        CLOSED = "closed", _("Closed")

    class Cause(models.TextChoices):
        SOS = "sos", _("Call for help")
        OVERDUE = "overdue", _("Has not arrived")

    class Outcome(models.TextChoices):
        HELPED = "helped", _("Helped")
        SAFE = "safe", _("Safe, no help was needed")
        FALSE = "false", _("Pressed by mistake")
        TEST = "test", _("Exercise")
        NOT_FOUND = "not_found", _("Not found; the police carry on")

    NEXT: ClassVar[Mapping[str, frozenset[str]]] = {
        Status.RINGING: frozenset({Status.TAKEN}),
        Status.TAKEN: frozenset({Status.PASSED_ON, Status.CLOSED}),
        Status.PASSED_ON: frozenset({Status.PASSED_ON, Status.CLOSED}),
    }

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    participant = models.ForeignKey(
        Participant, models.PROTECT, related_name="alarms", verbose_name=_("Participant")
    )
    trip = models.ForeignKey(
        Trip,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="alarms",
        verbose_name=_("Safe return"),
    )
    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.RINGING)
    cause = models.CharField(_("Cause"), max_length=8, choices=Cause)
    raised_at = models.DateTimeField(_("Called at"))
    # The caller's own all-clear never silences an alarm: somebody may stand beside them.
    safe_at = models.DateTimeField(_("Said to be safe at"), null=True, blank=True)
    level = models.PositiveSmallIntegerField(_("Escalations"), default=0)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Looked after by"),
    )
    taken_at = models.DateTimeField(_("Looked after since"), null=True, blank=True)
    closed_at = models.DateTimeField(_("Closed at"), null=True, blank=True)
    outcome = models.CharField(_("Outcome"), max_length=12, choices=Outcome, blank=True)
    wiped_at = models.DateTimeField(_("Positions deleted at"), null=True, blank=True)

    objects = AlarmQuerySet.as_manager()

    class Meta:
        verbose_name = _("alarm")
        verbose_name_plural = _("alarms")
        permissions = [("answer_alarm", "Can answer calls for help")]
        constraints = [
            models.UniqueConstraint(
                fields=["participant"],
                condition=Q(status__in=["ringing", "taken", "passed_on"]),
                name="one_live_alarm_per_participant",
            ),
            models.CheckConstraint(
                condition=Q(status="ringing", taken_by=None, taken_at=None)
                | ~Q(status="ringing") & Q(taken_by__isnull=False, taken_at__isnull=False),
                name="a_taken_alarm_says_by_whom_and_when",
            ),
            models.CheckConstraint(
                condition=Q(status="closed", closed_at__isnull=False) & ~Q(outcome="")
                | ~Q(status="closed") & Q(closed_at=None, outcome=""),
                name="a_closed_alarm_says_what_became_of_it",
            ),
        ]
        indexes = [
            models.Index(
                fields=["raised_at"],
                condition=Q(status__in=["ringing", "taken", "passed_on"]),
                name="live_alarms",
            ),
            models.Index(fields=["-raised_at", "-id"], name="alarms_newest_first"),
        ]

    def __str__(self) -> str:
        return f"alarm {self.pk}"

    def audit_detail(self, stamps: Mapping[str, Any]) -> dict[str, object]:
        return {name: stamps[name] for name in ("outcome",) if name in stamps}

    @property
    def is_live(self) -> bool:
        return self.status in LIVE_ALARM


class Position(models.Model):
    """Where somebody was on a trip or during an alarm. Deleted after seven days."""

    trip = models.ForeignKey(
        Trip, models.CASCADE, null=True, related_name="positions", verbose_name=_("Safe return")
    )
    alarm = models.ForeignKey(
        Alarm, models.CASCADE, null=True, related_name="positions", verbose_name=_("Alarm")
    )
    at = models.DateTimeField(_("At"))
    received_at = models.DateTimeField(_("Received at"), db_default=Now())
    # "lat,lng,metres of accuracy"
    point = EncryptedText(_("Point"))

    class Meta:
        verbose_name = _("position")
        verbose_name_plural = _("positions")
        constraints = [
            models.CheckConstraint(
                condition=Q(trip=None, alarm__isnull=False) | Q(trip__isnull=False, alarm=None),
                name="a_position_belongs_to_a_trip_or_an_alarm",
            ),
            models.UniqueConstraint(fields=["trip", "at"], name="one_position_per_trip_and_moment"),
            models.UniqueConstraint(
                fields=["alarm", "at"], name="one_position_per_alarm_and_moment"
            ),
        ]
        indexes = [models.Index(fields=["received_at"], name="positions_by_age")]

    def __str__(self) -> str:
        return f"position {self.pk}"


class AlarmPhoto(KeptFile):
    """A picture sent with a call for help; it leaves with the positions."""

    FOLDER = "alarms"

    alarm = models.ForeignKey(Alarm, models.PROTECT, related_name="photos", verbose_name=_("Alarm"))

    class Meta:
        verbose_name = _("photo of an alarm")
        verbose_name_plural = _("photos of alarms")
        constraints = [
            models.UniqueConstraint(
                fields=["alarm", "sha256"], name="one_photo_per_alarm_and_picture"
            )
        ]

    def __str__(self) -> str:
        return f"alarm photo {self.pk}"


class AlarmEntry(models.Model):
    """One line of an alarm's log: who did what, when, and to whom it was handed over."""

    class Kind(models.TextChoices):
        RAISED = "raised", _("Called for help")
        REPEATED = "repeated", _("Pressed again")
        ESCALATED = "escalated", _("Nobody had taken it")
        TAKEN = "taken", _("Looked after")
        TAKEN_OVER = "taken_over", _("Taken over by a colleague")
        NOTE = "note", _("Note")
        CALLED = "called", _("Called back")
        HANDED_OVER = "handed_over", _("Handed over")
        SAFE = "safe", _("The caller says: safe")
        PHOTO = "photo", _("Photo arrived")
        CLOSED = "closed", _("Closed")

    alarm = models.ForeignKey(
        Alarm, models.PROTECT, related_name="entries", verbose_name=_("Alarm")
    )
    kind = models.CharField(_("What"), max_length=12, choices=Kind)
    at = models.DateTimeField(_("At"), db_default=Now())
    actor = models.CharField(_("Actor"), max_length=100)
    text = EncryptedText(_("Text"))
    # To whom it was handed over, and the number it has there.
    organisation = models.CharField(_("Organisation"), max_length=60, blank=True)
    reference = models.CharField(_("Their number"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("entry of an alarm")
        verbose_name_plural = _("entries of alarms")
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="handed_over") | ~Q(organisation=""),
                name="a_hand_over_names_the_organisation",
            )
        ]
        indexes = [models.Index(fields=["alarm", "id"], name="entries_of_an_alarm")]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
