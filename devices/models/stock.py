from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from devices.rules.serials import LOOK_ALIKES, look_of
from seoul_health.core.models import StaffUser
from seoul_health.core.models.staff import Scope
from seoul_health.core.stateful import Stateful

from .leaving import leaves_by_two, leaves_us_clean
from .sites import Site as Site

GRADES = ["A", "B", "C", "D"]


def look(column: str) -> models.Func:
    """Say in SQL what a serial looks like when O is read as 0 and I or L as 1."""
    signs = [models.Value(each) for each in LOOK_ALIKES]
    return models.Func(
        models.F(column), *signs, function="translate", output_field=models.CharField()
    )


def only_one(column: str) -> models.UniqueConstraint:
    """Say that no two watches share a number, where they have one."""
    return models.UniqueConstraint(
        fields=[column], condition=~Q(**{column: ""}), name=f"one_watch_per_{column}"
    )


class DeviceModel(models.Model):
    code = models.SlugField(_("Code"), max_length=30, unique=True)
    name = models.CharField(_("Name"), max_length=60)
    maker = models.CharField(_("Maker"), max_length=60)
    # Suppliers' serials of one model are of one length; a shorter one has lost its zeros.
    serial_length = models.PositiveSmallIntegerField(
        _("Length of serial numbers"), null=True, blank=True
    )

    class Meta:
        verbose_name = _("device model")
        verbose_name_plural = _("device models")

    def __str__(self) -> str:
        return self.code


class Lot(models.Model):
    """Watches bought together: supplier, contract, price and warranty."""

    code = models.SlugField(_("Code"), max_length=30, unique=True)
    model = models.ForeignKey(
        DeviceModel, models.PROTECT, related_name="lots", verbose_name=_("Model")
    )
    supplier = models.CharField(_("Supplier"), max_length=60)
    contract_no = models.CharField(_("Contract number"), max_length=40)
    unit_price = models.PositiveIntegerField(_("Unit price (KRW)"))
    # How many the contract is for; empty where nobody wrote it down.
    ordered = models.PositiveIntegerField(_("Ordered units"), null=True, blank=True)
    warranty_until = models.DateField(_("Warranty until"), null=True, blank=True)
    received_on = models.DateField(_("Received on"))

    class Meta:
        verbose_name = _("lot")
        verbose_name_plural = _("lots")

    def __str__(self) -> str:
        return self.code


class DeviceQuerySet(models.QuerySet["Device"]):
    def visible_to(self, user: StaffUser) -> Self:
        """Whole city, or what stands at the user's district or site."""
        if user.scope == Scope.CITY or user.is_superuser:
            return self
        if user.scope == Scope.DISTRICT:
            return self.filter(site__district=user.district)
        return self.filter(site__code=user.site_code)

    def looking_like(self, serial: str) -> Self:
        """Watches whose label could be taken for this serial number."""
        return self.looking_like_any({look_of(serial)})

    def looking_like_any(self, looks: set[str]) -> Self:
        return self.annotate(look=look("serial")).filter(look__in=looks)

    def ready(self) -> Self:
        """Watches that can be reserved now, oldest lot first."""
        return self.filter(status=Device.Status.IN_STOCK).order_by("pk")


class Device(Stateful):
    class Status(models.TextChoices):
        IN_STOCK = "in_stock", _("In stock")
        ALLOCATED = "allocated", _("Allocated")
        SHIPPED = "shipped", _("Shipped")
        ON_LOAN = "on_loan", _("On loan")
        RETURNING = "returning", _("On its way back")
        AWAITING_INSPECTION = "awaiting_inspection", _("Awaiting inspection")
        IN_REPAIR = "in_repair", _("In repair")
        QUARANTINED = "quarantined", _("In quarantine")
        DISPOSED = "disposed", _("Disposed")
        LOST = "lost", _("Lost")

    IN_HOUSE = frozenset({Status.AWAITING_INSPECTION, Status.IN_REPAIR, Status.QUARANTINED})
    NEXT = {
        Status.IN_STOCK: frozenset(
            {Status.ALLOCATED, Status.QUARANTINED, Status.IN_REPAIR, Status.LOST}
        ),
        Status.ALLOCATED: frozenset({Status.SHIPPED, Status.ON_LOAN, Status.IN_STOCK}),
        Status.SHIPPED: frozenset({Status.ON_LOAN, Status.AWAITING_INSPECTION, Status.LOST}),
        Status.ON_LOAN: frozenset(
            {Status.RETURNING, Status.AWAITING_INSPECTION, Status.LOST, Status.DISPOSED}
        ),
        Status.RETURNING: frozenset({Status.AWAITING_INSPECTION, Status.LOST}),
        Status.AWAITING_INSPECTION: frozenset(
            {Status.IN_STOCK, Status.IN_REPAIR, Status.QUARANTINED, Status.LOST}
        ),
        Status.IN_REPAIR: frozenset({Status.AWAITING_INSPECTION, Status.QUARANTINED, Status.LOST}),
        # Only what was set apart and approved by two leaves for good.
        Status.QUARANTINED: frozenset({Status.AWAITING_INSPECTION, Status.DISPOSED, Status.LOST}),
        Status.LOST: frozenset({Status.AWAITING_INSPECTION}),
    }

    serial = models.CharField(_("Serial number"), max_length=32, unique=True)
    # The city's own number of a thing it owns, and what the radio is known by.
    asset_no = models.CharField(_("Asset number"), max_length=30, blank=True)
    imei = models.CharField(_("IMEI"), max_length=15, blank=True)
    mac = models.CharField(_("MAC address"), max_length=17, blank=True)
    # The indexes below begin with lot and site: two more would only slow a delivery down.
    lot = models.ForeignKey(
        Lot, models.PROTECT, related_name="devices", db_index=False, verbose_name=_("Lot")
    )
    site = models.ForeignKey(
        Site,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="devices",
        db_index=False,
        verbose_name=_("Site"),
    )
    status = models.CharField(_("Status"), max_length=24, choices=Status, default=Status.IN_STOCK)
    # True from the moment a citizen wears it until a wipe is recorded.
    holds_personal_data = models.BooleanField(_("Holds personal data"), default=False)
    grade = models.CharField(_("Grade"), max_length=1, default="A")
    registered_at = models.DateTimeField(_("Registered at"), db_default=Now())

    objects = DeviceQuerySet.as_manager()

    class Meta:
        verbose_name = _("watch")
        verbose_name_plural = _("watches")
        permissions = [
            ("import_device", _("Can import watches")),
            ("export_device", _("Can export watches")),
            ("scan_device", _("Can scan watches in")),
            ("inspect_device", _("Can inspect and wipe watches")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status__in=["in_stock", "allocated", "shipped"])
                | Q(holds_personal_data=False),
                name="a_watch_is_wiped_before_reissue",
                violation_error_message=_("This watch must be wiped before it is lent again."),
            ),
            models.UniqueConstraint(look("serial"), name="no_two_serials_look_alike"),
            models.CheckConstraint(condition=Q(grade__in=GRADES), name="a_grade_is_a_to_d"),
            *[only_one(name) for name in ("asset_no", "imei", "mac")],
        ]
        indexes = [
            models.Index(fields=["status", "id"], name="devices_by_status"),
            models.Index(fields=["site", "id"], name="devices_of_a_site"),
            models.Index(fields=["lot", "id"], name="devices_of_a_lot"),
        ]
        triggers = [leaves_us_clean(), leaves_by_two()]

    def __str__(self) -> str:
        return self.serial

    @property
    def is_in_house(self) -> bool:
        """Back in our hands, but not yet fit to be lent."""
        return self.status in self.IN_HOUSE
