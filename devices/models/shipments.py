from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from seoul_health.core.models import StaffUser
from seoul_health.core.models.staff import Scope
from seoul_health.core.stateful import Stateful

from .courier import Carrier
from .loans import Loan

ENDED_PARCELS = ["lost", "refused", "cancelled"]


class ShipmentQuerySet(models.QuerySet["Shipment"]):
    def visible_to(self, user: StaffUser) -> Self:
        if user.scope == Scope.CITY or user.is_superuser:
            return self
        return self.filter(loan__in=Loan.objects.visible_to(user))

    def planned(self) -> Self:
        return self.filter(status="planned")

    def by_line(self) -> Self:
        """Parcels the courier is asked to take over the line; those of a file wait for it."""
        return self.exclude(status="planned", batch__isnull=False)

    def on_the_way(self) -> Self:
        return self.filter(status__in=["accepted", "in_transit"])

    def unfinished(self) -> Self:
        return self.filter(status__in=["planned", "accepted", "in_transit"])


class Shipment(Stateful):
    """A parcel with a watch, out to the citizen or back to the depot."""

    class Direction(models.TextChoices):
        OUT = "out", _("To the citizen")
        BACK = "back", _("To the depot")

    class Status(models.TextChoices):
        PLANNED = "planned", _("Planned")
        ACCEPTED = "accepted", _("Accepted by the courier")
        IN_TRANSIT = "in_transit", _("In transit")
        DELIVERED = "delivered", _("Delivered")
        LOST = "lost", _("Lost")
        REFUSED = "refused", _("Refused by the courier")
        CANCELLED = "cancelled", _("Cancelled")

    NEXT = {
        Status.PLANNED: frozenset({Status.ACCEPTED, Status.REFUSED, Status.CANCELLED}),
        Status.ACCEPTED: frozenset(
            {Status.IN_TRANSIT, Status.DELIVERED, Status.LOST, Status.CANCELLED}
        ),
        Status.IN_TRANSIT: frozenset({Status.DELIVERED, Status.LOST, Status.CANCELLED}),
    }

    loan = models.ForeignKey(Loan, models.PROTECT, related_name="shipments", verbose_name=_("Loan"))
    direction = models.CharField(_("Direction"), max_length=4, choices=Direction)
    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.PLANNED)
    # Fixed when planned: asking the courier twice books one parcel.
    reference = models.CharField(max_length=40, unique=True)
    carrier = models.CharField(_("Carrier"), max_length=30, blank=True)
    tracking_no = models.CharField(_("Tracking number"), max_length=40, blank=True)
    planned_at = models.DateTimeField(_("Planned at"), db_default=Now())
    # Parcels of a file are booked by that file, never over the line as well.
    batch = models.ForeignKey(
        "devices.ParcelBatch",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="parcels",
        db_index=False,
        verbose_name=_("Parcel list"),
    )
    asked_at = models.DateTimeField(_("Last asked at"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("Delivered at"), null=True, blank=True)

    objects = ShipmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("shipment")
        verbose_name_plural = _("shipments")
        permissions = [
            ("pack_shipment", _("Can pack parcels and take the courier's files in")),
            ("export_shipment", _("Can give names and addresses to the courier")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["tracking_no"],
                condition=~Q(tracking_no=""),
                name="one_shipment_per_tracking_number",
            ),
            models.UniqueConstraint(
                fields=["loan", "direction"],
                condition=~Q(status__in=ENDED_PARCELS),
                name="one_shipment_per_loan_and_direction",
            ),
        ]
        indexes = [
            models.Index(
                F("asked_at").asc(nulls_first=True),
                "id",
                condition=Q(status__in=["planned", "accepted", "in_transit"]),
                name="parcels_to_ask_about",
            ),
            models.Index(fields=["status", "direction", "planned_at"], name="parcels_by_status"),
            models.Index(
                fields=["batch", "id"],
                condition=Q(batch__isnull=False),
                name="parcels_of_a_list",
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class ParcelBatchQuerySet(models.QuerySet["ParcelBatch"]):
    def visible_to(self, user: StaffUser) -> Self:
        """The whole city's lists, or those somebody made."""
        if user.scope == Scope.CITY or user.is_superuser:
            return self
        return self.filter(made_by=user)


class ParcelBatch(Stateful):
    """Parcels packed together: a list goes to the courier, its tracking numbers come back."""

    class Status(models.TextChoices):
        OPEN = "open", _("Waits for tracking numbers")
        DONE = "done", _("All numbers in")
        CANCELLED = "cancelled", _("Called off")

    NEXT = {Status.OPEN: frozenset({Status.DONE, Status.CANCELLED})}

    direction = models.CharField(_("Direction"), max_length=4, choices=Shipment.Direction)
    carrier = models.ForeignKey(
        Carrier, models.PROTECT, related_name="batches", verbose_name=_("Carrier")
    )
    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.OPEN)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("Made by")
    )
    made_at = models.DateTimeField(_("Made at"), db_default=Now())
    ended_at = models.DateTimeField(_("Ended at"), null=True, blank=True)

    objects = ParcelBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("parcel list")
        verbose_name_plural = _("parcel lists")
        constraints = [
            models.CheckConstraint(
                condition=Q(status="open", ended_at=None)
                | (~Q(status="open") & Q(ended_at__isnull=False)),
                name="a_parcel_list_says_when_it_ended",
            )
        ]

    def __str__(self) -> str:
        return f"PL-{self.pk:06d}"
