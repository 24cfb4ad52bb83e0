import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from participants.models import Participant
from seoul_health.core.models import StaffUser
from seoul_health.core.models.staff import Scope

from .complaints import Channel, Complaint


class ContactQuerySet(models.QuerySet["Contact"]):
    def visible_to(self, user: StaffUser) -> Self:
        """Whole city; else people of the user's own district, and strangers they speak with."""
        if user.scope == Scope.CITY or user.is_superuser:
            return self
        own = Q(participant=None, agent=user)
        return self.filter(Q(participant__district=user.district or None) | own)

    def open(self) -> Self:
        return self.filter(closed_at=None)


class Contact(models.Model):
    """One call, chat or visit. It becomes a complaint only when the citizen asks for an answer."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    channel = models.CharField(_("Channel"), max_length=12, choices=Channel, default=Channel.PHONE)
    participant = models.ForeignKey(
        Participant,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="contacts",
        verbose_name=_("Participant"),
    )
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("Agent")
    )
    opened_at = models.DateTimeField(_("Opened at"), db_default=Now())
    closed_at = models.DateTimeField(_("Closed at"), null=True, blank=True)
    summary = models.CharField(_("Summary"), max_length=500, blank=True)
    complaint = models.ForeignKey(
        Complaint,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="contacts",
        verbose_name=_("Complaint"),
    )

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        indexes = [
            models.Index(fields=["participant", "-opened_at"], name="contacts_of_a_person"),
            models.Index(fields=["agent", "closed_at"], name="contacts_of_an_agent"),
        ]

    def __str__(self) -> str:
        return f"contact {self.pk}"
