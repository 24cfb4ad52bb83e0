"""Carriers, and the files they send: tracking numbers, and where parcels are."""

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from seoul_health.core.models import StaffUser
from seoul_health.core.models.staff import Scope
from seoul_health.core.stateful import Stateful


class Carrier(models.Model):
    """Who carries parcels, and how long its tracking numbers are."""

    code = models.SlugField(_("Code"), max_length=20, unique=True)
    name = models.CharField(_("Name"), max_length=30)
    # A number of another length has lost its zeros, or belongs to another column.
    lengths = ArrayField(
        models.PositiveSmallIntegerField(), verbose_name=_("Lengths of tracking numbers")
    )
    is_active = models.BooleanField(_("In use"), default=True)

    class Meta:
        verbose_name = _("carrier")
        verbose_name_plural = _("carriers")
        constraints = [
            models.CheckConstraint(condition=Q(lengths__len__gte=1), name="a_carrier_has_lengths")
        ]

    def __str__(self) -> str:
        return self.name


class CourierFileQuerySet(models.QuerySet["CourierFile"]):
    def visible_to(self, user: StaffUser) -> Self:
        if user.scope == Scope.CITY or user.is_superuser:
            return self
        return self.filter(uploaded_by=user)


class CourierFile(Stateful):
    """A file of the courier: looked at row by row, then taken in or dropped."""

    class Kind(models.TextChoices):
        NUMBERS = "numbers", _("Tracking numbers")
        PROGRESS = "progress", _("Where parcels are")

    class Status(models.TextChoices):
        DRAFT = "draft", _("Looked at, nothing kept")
        DONE = "done", _("Read in")
        DROPPED = "dropped", _("Not taken in")

    NEXT = {Status.DRAFT: frozenset({Status.DONE, Status.DROPPED})}

    kind = models.CharField(_("Kind"), max_length=8, choices=Kind)
    carrier = models.ForeignKey(
        Carrier, models.PROTECT, related_name="files", verbose_name=_("Carrier")
    )
    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.DRAFT)
    file_name = models.CharField(_("File"), max_length=100)
    digest = models.CharField(max_length=64, editable=False)
    # The rows as read, JSON: references and tracking numbers, no names.
    content = models.TextField(default="[]", editable=False)
    rows = models.PositiveIntegerField(_("Rows"), default=0)
    accepted = models.PositiveIntegerField(_("Rows kept"), default=0)
    known = models.PositiveIntegerField(_("Already known"), default=0)
    refused = models.PositiveIntegerField(_("Refused"), default=0)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("Sent by")
    )
    uploaded_at = models.DateTimeField(_("File sent at"), db_default=Now())
    ended_at = models.DateTimeField(_("Ended at"), null=True, blank=True)

    objects = CourierFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("courier file")
        verbose_name_plural = _("courier files")
        constraints = [
            models.UniqueConstraint(
                fields=["digest"],
                condition=Q(status="done"),
                name="a_courier_file_is_taken_in_once",
            ),
            models.CheckConstraint(
                condition=Q(status="draft", ended_at=None)
                | (~Q(status="draft") & Q(ended_at__isnull=False)),
                name="a_courier_file_says_when_it_ended",
            ),
        ]

    def __str__(self) -> str:
        return f"CF-{self.pk:06d}"
