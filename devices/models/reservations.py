import uuid
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from participants.models import Participant
from seoul_health.core.models import StaffUser
from seoul_health.core.stateful import Stateful

from .scopes import within
from .slots import Resource, Slot


class ReservationQuerySet(models.QuerySet["Reservation"]):
    def visible_to(self, user: StaffUser) -> Self:
        return self.filter(within(user, "slot__resource__site"))

    def booked(self) -> Self:
        return self.filter(status=Reservation.Status.BOOKED)

    def missed_by(self, participant: Participant) -> Self:
        return self.filter(participant=participant, status=Reservation.Status.NO_SHOW)


class Reservation(Stateful):
    """One person's place in a slot."""

    class Status(models.TextChoices):
        BOOKED = "booked", _("Booked")
        CHECKED_IN = "checked_in", _("Came")
        CANCELLED = "cancelled", _("Cancelled")
        NO_SHOW = "no_show", _("Did not come")
        EXCUSED = "excused", _("Excused")

    NEXT = {
        Status.BOOKED: frozenset({Status.CHECKED_IN, Status.CANCELLED, Status.NO_SHOW}),
        Status.NO_SHOW: frozenset({Status.CHECKED_IN, Status.EXCUSED}),
    }

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slot = models.ForeignKey(
        Slot, models.PROTECT, related_name="reservations", verbose_name=_("Slot")
    )
    # Resource and time are the slot's own, repeated so that the database can compare them.
    resource = models.ForeignKey(Resource, models.PROTECT, related_name="+")
    during = DateTimeRangeField(_("Time"))
    place = models.PositiveSmallIntegerField(_("Place number"))
    participant = models.ForeignKey(
        Participant, models.PROTECT, related_name="reservations", verbose_name=_("Participant")
    )
    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.BOOKED)
    booked_at = models.DateTimeField(_("Booked at"), db_default=Now())
    booked_by = models.CharField(_("Booked by"), max_length=100)
    came_at = models.DateTimeField(_("Came at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("Cancelled or missed at"), null=True, blank=True)
    reminded_at = models.DateTimeField(_("Reminder sent at"), null=True, blank=True)

    objects = ReservationQuerySet.as_manager()

    class Meta:
        verbose_name = _("reservation")
        verbose_name_plural = _("reservations")
        permissions = [("manage_reservation", _("Can reserve for people and check them in"))]
        constraints = [
            ExclusionConstraint(
                name="a_place_is_reserved_once",
                expressions=[
                    ("resource", RangeOperators.EQUAL),
                    ("place", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
                condition=Q(status__in=["booked", "checked_in"]),
            ),
            ExclusionConstraint(
                name="nobody_is_at_two_places_at_once",
                expressions=[
                    ("participant", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
                condition=Q(status__in=["booked", "checked_in"]),
            ),
            models.CheckConstraint(
                condition=~Q(status="checked_in") | Q(came_at__isnull=False),
                name="who_came_came_at_a_moment",
            ),
        ]
        indexes = [
            models.Index(fields=["slot", "status"], name="reservations_of_a_slot"),
            models.Index(fields=["participant", "-id"], name="reservations_of_a_person"),
            models.Index(
                fields=["during"], condition=Q(status="booked"), name="reservations_to_come"
            ),
        ]

    def __str__(self) -> str:
        return f"reservation {self.pk}"


class WaitingQuerySet(models.QuerySet["Waiting"]):
    def live(self) -> Self:
        return self.filter(status=Waiting.Status.WAITING)

    def in_order(self) -> Self:
        return self.order_by("-score", "asked_at", "pk")


class Waiting(Stateful):
    """A wish for a place in a full slot; its priority is counted once, when it is made."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        MOVED_UP = "moved_up", _("Moved up")
        LEFT = "left", _("Left the list")
        LAPSED = "lapsed", _("Lapsed")

    NEXT = {Status.WAITING: frozenset({Status.MOVED_UP, Status.LEFT, Status.LAPSED})}

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slot = models.ForeignKey(Slot, models.PROTECT, related_name="waiters", verbose_name=_("Slot"))
    participant = models.ForeignKey(
        Participant, models.PROTECT, related_name="waitings", verbose_name=_("Participant")
    )
    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.WAITING)
    score = models.SmallIntegerField(_("Priority"), default=0)
    score_parts = models.JSONField(_("Why this priority"), default=list)
    asked_at = models.DateTimeField(_("Asked at"), db_default=Now())
    ended_at = models.DateTimeField(_("Ended at"), null=True, blank=True)
    reservation = models.OneToOneField(
        Reservation, models.PROTECT, null=True, blank=True, related_name="waited"
    )

    objects = WaitingQuerySet.as_manager()

    class Meta:
        verbose_name = _("place on a waiting list")
        verbose_name_plural = _("waiting lists")
        constraints = [
            models.UniqueConstraint(
                fields=["slot", "participant"],
                condition=Q(status="waiting"),
                name="nobody_waits_twice_for_a_slot",
            ),
            models.CheckConstraint(
                condition=Q(status="moved_up", reservation__isnull=False)
                | (~Q(status="moved_up") & Q(reservation=None)),
                name="who_moved_up_has_a_reservation",
            ),
        ]
        indexes = [
            models.Index(
                fields=["slot", "-score", "asked_at"],
                condition=Q(status="waiting"),
                name="waiting_list_of_a_slot",
            )
        ]

    def __str__(self) -> str:
        return f"waiting {self.pk}"


class PriorityRule(models.Model):
    """What moves somebody forward on a waiting list, and by how much."""

    class Kind(models.TextChoices):
        AGE_FROM = "age_from", _("Age from")
        FIRST_VISIT = "first_visit", _("First visit")
        OPEN_ALERT = "open_alert", _("Reading that needs care")
        NO_SHOWS = "no_shows", _("Missed visits")

    kind = models.CharField(_("Kind"), max_length=12, choices=Kind)
    value = models.PositiveSmallIntegerField(
        _("Value"), default=0, help_text=_("Years for an age, days back for missed visits.")
    )
    points = models.SmallIntegerField(_("Priority"))
    effective_from = models.DateField(_("In force from"))
    effective_to = models.DateField(_("In force until"), null=True, blank=True)

    class Meta:
        verbose_name = _("priority rule")
        verbose_name_plural = _("priority rules")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "value", "effective_from"],
                name="one_priority_rule_per_kind_and_day",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


class NoShowRule(models.Model):
    """So many missed visits within so many days: no new reservation for so long."""

    effective_from = models.DateField(_("In force from"), unique=True)
    count = models.PositiveSmallIntegerField(_("Missed visits"))
    within_days = models.PositiveSmallIntegerField(_("Within days"))
    pause_days = models.PositiveSmallIntegerField(_("Pause in days"))

    class Meta:
        verbose_name = _("no-show rule")
        verbose_name_plural = _("no-show rules")
        constraints = [
            models.CheckConstraint(
                condition=Q(count__gte=1, within_days__gte=1, pause_days__gte=0),
                name="a_no_show_rule_counts_something",
            )
        ]

    def __str__(self) -> str:
        return f"{self.count}/{self.within_days}"
