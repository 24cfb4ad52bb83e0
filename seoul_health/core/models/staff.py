from datetime import date
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    RECRUITMENT_OFFICER = "recruitment_officer", _("Recruitment officer")
    DEVICE_OFFICER = "device_officer", _("Device officer")
    SITE_CLERK = "site_clerk", _("Site clerk")
    FINANCE_OFFICER = "finance_officer", _("Finance officer")
    FINANCE_APPROVER = "finance_approver", _("Finance approver")
    AGENT = "agent", _("Call-centre agent")
    SUPERVISOR = "supervisor", _("Call-centre supervisor")
    PRIVACY_OFFICER = "privacy_officer", _("Privacy officer")
    AUDITOR = "auditor", _("Auditor")
    SYSTEM_OPERATOR = "system_operator", _("System operator")


class Scope(models.TextChoices):
    CITY = "city", _("Whole city")
    DISTRICT = "district", _("One district")
    SITE = "site", _("One site")


class StaffUser(AbstractUser):
    """A member of staff: one account per person, roles by grant, sight by scope."""

    department = models.CharField(_("Department"), max_length=60, blank=True)
    office_phone = models.CharField(_("Office phone"), max_length=20, blank=True)
    scope = models.CharField(_("Scope"), max_length=8, choices=Scope, default=Scope.CITY)
    district = models.CharField(_("District"), max_length=20, blank=True)
    site_code = models.CharField(_("Site"), max_length=20, blank=True)

    class Meta:
        verbose_name = _("member of staff")
        verbose_name_plural = _("staff")
        constraints = [
            models.CheckConstraint(
                condition=Q(scope="city", district="", site_code="")
                | (Q(scope="district", site_code="") & ~Q(district=""))
                | (Q(scope="site") & ~Q(site_code="")),
                name="a_scope_names_its_place",
            )
        ]

    @property
    def actor_name(self) -> str:
        return f"staff:{self.username}"

    def roles_on(self, day: date) -> list[str]:
        return list(self.grants.live(day).values_list("role", flat=True))


class RoleGrantQuerySet(models.QuerySet["RoleGrant"]):
    def live(self, day: date) -> Self:
        unexpired = Q(expires_on=None) | Q(expires_on__gte=day)
        return self.filter(unexpired, revoked_at=None)


class RoleGrant(models.Model):
    """A role given to somebody by somebody else. Grants are ended, not deleted (kept 3 years)."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="grants", verbose_name=_("Person")
    )
    role = models.CharField(_("Role"), max_length=24, choices=Role)
    granted_at = models.DateTimeField(_("Granted at"), db_default=Now())
    granted_by = models.CharField(_("Granted by"), max_length=100)
    expires_on = models.DateField(_("Expires on"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("Ended at"), null=True, blank=True)

    objects = RoleGrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("role grant")
        verbose_name_plural = _("role grants")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role"],
                condition=Q(revoked_at=None),
                name="one_live_grant_per_person_and_role",
            )
        ]

    def __str__(self) -> str:
        return f"{self.role} #{self.pk}"
