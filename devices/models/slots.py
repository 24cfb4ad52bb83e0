import uuid
from datetime import datetime, time
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from seoul_health.core.models import StaffUser

from .scopes import within
from .sites import Site

WEEKDAYS = (
    (0, _("Monday")),
    (1, _("Tuesday")),
    (2, _("Wednesday")),
    (3, _("Thursday")),
    (4, _("Friday")),
    (5, _("Saturday")),
    (6, _("Sunday")),
)


class ResourceQuerySet(models.QuerySet["Resource"]):
    def visible_to(self, user: StaffUser) -> Self:
        return self.filter(within(user, "site"))

    def active(self) -> Self:
        return self.filter(is_active=True)


class Resource(models.Model):
    """What is reserved at a site: a device, a room or a nurse, for so many people at once."""

    class Kind(models.TextChoices):
        DEVICE = "device", _("Device")
        ROOM = "room", _("Room")
        NURSE = "nurse", _("Nurse")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    site = models.ForeignKey(Site, models.PROTECT, related_name="resources", verbose_name=_("Site"))
    kind = models.CharField(_("Kind"), max_length=8, choices=Kind)
    name = models.CharField(_("Name"), max_length=60)
    capacity = models.PositiveSmallIntegerField(
        _("People at once"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(1000)],
    )
    is_active = models.BooleanField(_("In use"), default=True)

    objects = ResourceQuerySet.as_manager()

    class Meta:
        verbose_name = _("resource")
        verbose_name_plural = _("resources")
        constraints = [
            models.UniqueConstraint(
                fields=["site", "name"], name="one_name_per_resource_of_a_site"
            ),
            models.CheckConstraint(
                condition=Q(capacity__gte=1, capacity__lte=1000),
                name="a_resource_serves_at_least_one",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SlotPlan(models.Model):
    """When a resource is open and from which moment its slots can be reserved."""

    resource = models.ForeignKey(
        Resource, models.PROTECT, related_name="plans", verbose_name=_("Resource")
    )
    effective_from = models.DateField(_("In force from"))
    effective_to = models.DateField(_("In force until"), null=True, blank=True)
    weekdays = ArrayField(
        models.PositiveSmallIntegerField(choices=WEEKDAYS), verbose_name=_("Weekdays")
    )
    starts_at = models.TimeField(_("Open from"), default=time(9))
    ends_at = models.TimeField(_("Open until"), default=time(17))
    break_from = models.TimeField(_("Break from"), null=True, blank=True)
    break_to = models.TimeField(_("Break until"), null=True, blank=True)
    minutes = models.PositiveSmallIntegerField(_("Minutes per slot"), default=30)
    # On each of these days of a month, at this time in Seoul, the next stretch of days opens.
    opens_on = ArrayField(
        models.PositiveSmallIntegerField(), verbose_name=_("Opens for booking on the days")
    )
    opens_at = models.TimeField(_("Opens for booking at"), default=time(13))
    # Within this time before a slot the waiting list no longer moves up by itself.
    last_call_minutes = models.PositiveSmallIntegerField(
        _("Waiting list closes before (minutes)"), default=120
    )
    waiting_limit = models.PositiveSmallIntegerField(_("Length of the waiting list"), default=20)

    class Meta:
        verbose_name = _("opening plan")
        verbose_name_plural = _("opening plans")
        constraints = [
            models.UniqueConstraint(
                fields=["resource", "effective_from"], name="one_plan_per_resource_and_day"
            ),
            models.CheckConstraint(
                condition=Q(effective_to=None) | Q(effective_to__gte=F("effective_from")),
                name="a_plan_ends_after_it_began",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")) & Q(minutes__gte=5, minutes__lte=480),
                name="a_plan_has_room_for_a_slot",
            ),
            models.CheckConstraint(
                condition=Q(opens_on__len__gte=1, opens_on__contained_by=list(range(1, 29)))
                & Q(weekdays__contained_by=list(range(7))),
                name="a_plan_opens_on_days_every_month_has",
            ),
            models.CheckConstraint(
                condition=Q(break_from=None, break_to=None) | Q(break_to__gt=F("break_from")),
                name="a_break_has_both_ends",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resource} {self.effective_from}"


class SlotQuerySet(models.QuerySet["Slot"]):
    def visible_to(self, user: StaffUser) -> Self:
        return self.filter(within(user, "resource__site"))

    def standing(self) -> Self:
        return self.filter(closed_at=None)

    def between(self, first: datetime, last: datetime) -> Self:
        return self.filter(starts_at__gte=first, starts_at__lt=last).order_by("starts_at", "pk")

    def take(self, slot: "Slot", now: datetime) -> bool:
        """Take a place nobody waits for; the WHERE clause is the check."""
        free = self.standing().filter(pk=slot.pk, taken__lt=F("capacity"), waiting=0)
        return bool(free.filter(opens_at__lte=now, starts_at__gt=now).update(taken=F("taken") + 1))

    def take_for_waiting(self, slot: "Slot") -> bool:
        """Give a free place to one of those who wait."""
        free = self.standing().filter(pk=slot.pk, taken__lt=F("capacity"), waiting__gt=0)
        return bool(free.update(taken=F("taken") + 1, waiting=F("waiting") - 1))

    def queue(self, slot: "Slot", *, limit: int) -> bool:
        """Let one more wait, only where there is no free place."""
        full = Q(taken__gte=F("capacity")) | Q(waiting__gt=0)
        rows = self.standing().filter(full, pk=slot.pk, waiting__lt=limit)
        return bool(rows.update(waiting=F("waiting") + 1))

    def leave(self, slot: "Slot") -> None:
        self.filter(pk=slot.pk).update(taken=F("taken") - 1)

    def stop_waiting(self, slot: "Slot") -> None:
        self.filter(pk=slot.pk).update(waiting=F("waiting") - 1)


class Slot(models.Model):
    """A stretch of time at a resource, with so many places."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    resource = models.ForeignKey(
        Resource, models.PROTECT, related_name="slots", verbose_name=_("Resource")
    )
    plan = models.ForeignKey(
        SlotPlan, models.PROTECT, related_name="slots", verbose_name=_("Opening plan")
    )
    starts_at = models.DateTimeField(_("Slot starts at"))
    ends_at = models.DateTimeField(_("Slot ends at"))
    opens_at = models.DateTimeField(_("Reservable from"))
    capacity = models.PositiveSmallIntegerField(_("Number of places"))
    taken = models.PositiveSmallIntegerField(_("Taken"), default=0)
    waiting = models.PositiveSmallIntegerField(_("Waiting"), default=0)
    closed_at = models.DateTimeField(_("Closed at"), null=True, blank=True)
    closed_because = models.CharField(_("Closed because"), max_length=100, blank=True)

    objects = SlotQuerySet.as_manager()

    class Meta:
        verbose_name = _("slot")
        verbose_name_plural = _("slots")
        constraints = [
            ExclusionConstraint(
                name="slots_of_a_resource_do_not_overlap",
                expressions=[
                    ("resource", RangeOperators.EQUAL),
                    (
                        Func("starts_at", "ends_at", function="tstzrange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(closed_at=None),
            ),
            models.CheckConstraint(
                condition=Q(taken__lte=F("capacity")), name="a_slot_is_never_overbooked"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="a_slot_ends_after_it_began"
            ),
        ]
        indexes = [
            models.Index(fields=["resource", "starts_at"], name="slots_of_a_resource"),
            models.Index(
                fields=["starts_at"], condition=Q(waiting__gt=0), name="slots_people_wait_for"
            ),
        ]

    def __str__(self) -> str:
        return f"slot {self.pk}"

    @property
    def free(self) -> int:
        """Places anybody may take now; one that others wait for is theirs."""
        return 0 if self.waiting or self.closed_at else max(0, self.capacity - self.taken)
