from typing import Self

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from devices.rules.distance import on_earth
from participants.rules.districts import DISTRICTS
from seoul_health.core.models import StaffUser
from seoul_health.core.models.staff import Scope

PUBLIC_HOLIDAY = 7
# As the index devices_site_on_earth has it.
LAT, LNG = (f'radians("devices_site"."{name}"::float8)' for name in ("lat", "lng"))
ON_EARTH = f"""cube(ARRAY[
    6371000 * cos({LAT}) * cos({LNG}), 6371000 * cos({LAT}) * sin({LNG}), 6371000 * sin({LAT})
])"""


class SiteQuerySet(models.QuerySet["Site"]):
    def visible_to(self, user: StaffUser) -> Self:
        """Whole city, the user's district, or the one site where the user works."""
        if user.scope == Scope.CITY or user.is_superuser:
            return self
        if user.scope == Scope.DISTRICT:
            return self.filter(district=user.district)
        return self.filter(code=user.site_code)

    def within(self, lat: float, lng: float, metres: int) -> Self:
        """Sites around a point, through the index; a little more than the circle."""
        point = list(on_earth(lat, lng))
        inside = f"{ON_EARTH} <@ cube_enlarge(cube(%s::float8[]), %s, 3)"
        lies_inside = RawSQL(inside, [point, metres], models.BooleanField())  # noqa: S611 - Fixed.
        return self.filter(lies_inside)

    def public(self) -> Self:
        """Places citizens may go to."""
        return self.filter(is_active=True).exclude(kind=Site.Kind.DEPOT)


class Site(models.Model):
    """A place of the programme: health centre, community centre or health zone."""

    class Kind(models.TextChoices):
        HEALTH_CENTRE = "health_centre", _("Health centre")
        COMMUNITY_CENTRE = "community_centre", _("Community centre")
        ZONE = "zone", _("Health zone")
        DEPOT = "depot", _("Depot")

    public_id = models.UUIDField(db_default=RandomUUID(), unique=True, editable=False)
    code = models.SlugField(_("Code"), max_length=20, unique=True)
    name = models.CharField(_("Name"), max_length=60)
    kind = models.CharField(_("Kind"), max_length=16, choices=Kind)
    district = models.CharField(_("District"), max_length=20)
    address = models.CharField(_("Address"), max_length=120)
    phone = models.CharField(_("Telephone"), max_length=20, blank=True)
    lat = models.DecimalField(_("Latitude"), max_digits=9, decimal_places=6)
    lng = models.DecimalField(_("Longitude"), max_digits=9, decimal_places=6)
    is_active = models.BooleanField(_("Open to citizens"), default=True)

    objects = SiteQuerySet.as_manager()

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        permissions = [
            ("import_site", _("Can import sites")),
            ("report_site", _("Can enter the stock of a site")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(lat__range=(33, 39), lng__range=(124, 132)),
                name="a_site_is_in_korea",
                violation_error_message=_("The point is not in Korea."),
            ),
            models.CheckConstraint(
                condition=Q(district__in=DISTRICTS),
                name="a_site_is_in_a_district_of_seoul",
                violation_error_message=_("This is not one of the 25 districts of Seoul."),
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Window(models.Model):
    """A counter of a site; each reports its own stock."""

    site = models.ForeignKey(Site, models.CASCADE, related_name="windows", verbose_name=_("Site"))
    code = models.SlugField(_("Code"), max_length=12)
    name = models.CharField(_("Name"), max_length=40)
    is_active = models.BooleanField(_("In use"), default=True)

    class Meta:
        verbose_name = _("counter window")
        verbose_name_plural = _("counter windows")
        constraints = [
            models.UniqueConstraint(
                fields=["site", "code"],
                name="windows_of_a_site_have_different_codes",
                violation_error_message=_("The site already has a window with this code."),
            )
        ]

    def __str__(self) -> str:
        return self.code


class OpeningHours(models.Model):
    """When a site is open on one day of the week; without a row it is closed."""

    class Day(models.IntegerChoices):
        MONDAY = 0, _("Monday")
        TUESDAY = 1, _("Tuesday")
        WEDNESDAY = 2, _("Wednesday")
        THURSDAY = 3, _("Thursday")
        FRIDAY = 4, _("Friday")
        SATURDAY = 5, _("Saturday")
        SUNDAY = 6, _("Sunday")
        PUBLIC_HOLIDAY = PUBLIC_HOLIDAY, _("Public holiday")

    site = models.ForeignKey(Site, models.CASCADE, related_name="hours", verbose_name=_("Site"))
    day = models.PositiveSmallIntegerField(_("Day of the week"), choices=Day)
    opens = models.TimeField(_("Doors open"))
    closes = models.TimeField(_("Doors close"))

    class Meta:
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")
        constraints = [
            models.UniqueConstraint(fields=["site", "day"], name="one_opening_per_site_and_day"),
            models.CheckConstraint(
                condition=Q(closes__gt=F("opens")),
                name="a_site_opens_before_it_closes",
                violation_error_message=_("A site must open before it closes."),
            ),
            models.CheckConstraint(
                condition=Q(day__lte=PUBLIC_HOLIDAY), name="a_day_is_of_the_week_or_a_holiday"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.opens:%H:%M}-{self.closes:%H:%M}"


class SpecialDay(models.Model):
    """A date on which a site is closed, or open at other hours than usual."""

    site = models.ForeignKey(
        Site, models.CASCADE, related_name="special_days", verbose_name=_("Site")
    )
    on = models.DateField(_("Date"))
    opens = models.TimeField(_("Doors open"), null=True, blank=True)
    closes = models.TimeField(_("Doors close"), null=True, blank=True)
    note = models.CharField(_("Note"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("special day")
        verbose_name_plural = _("special days")
        constraints = [
            models.UniqueConstraint(
                fields=["site", "on"], name="one_special_day_per_site_and_date"
            ),
            models.CheckConstraint(
                condition=Q(opens=None, closes=None)
                | Q(opens__isnull=False, closes__isnull=False, closes__gt=F("opens")),
                name="a_special_day_is_closed_or_has_hours",
                violation_error_message=_("Leave both times empty, or open before closing."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.on}"
