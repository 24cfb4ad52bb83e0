from datetime import datetime
from typing import Self

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from seoul_health.core.models import StaffUser
from seoul_health.core.models.staff import Scope
from seoul_health.core.stateful import Stateful

from .applications import Application

NOT_SELECTED = """
    IF EXISTS (
        SELECT 1 FROM made LEFT JOIN participants_application AS application
            ON application.id = made.application_id
        WHERE application.status IS DISTINCT FROM 'selected'
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation',
            CONSTRAINT = 'only_the_selected_have_offers',
            MESSAGE = 'only_the_selected_have_offers: this application has no seat';
    END IF;
    RETURN NULL;
"""


class OfferQuerySet(models.QuerySet["Offer"]):
    def visible_to(self, user: StaffUser) -> Self:
        if user.scope == Scope.CITY or user.is_superuser:
            return self
        return self.filter(application__participant__district=user.district)

    def open(self) -> Self:
        return self.filter(status=Offer.Status.OPEN)

    def due(self, moment: datetime) -> Self:
        """Offers nobody took in time; the last moment itself is too late."""
        return self.open().filter(expires_at__lte=moment)


class Offer(Stateful):
    """A seat offered to one application: once, and until a named moment."""

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        LAPSED = "lapsed", _("Lapsed")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    NEXT = {
        Status.OPEN: frozenset({Status.ACCEPTED, Status.DECLINED, Status.LAPSED, Status.WITHDRAWN})
    }

    # One for ever: a seat that was given back is never offered to the same application again.
    # The trigger keeps the reference, for all offers of a statement at once.
    application = models.OneToOneField(
        Application, models.PROTECT, related_name="offer", primary_key=True,
        verbose_name=_("Application"), db_constraint=False,
    )  # fmt: skip
    status = models.CharField(_("Status"), max_length=12, choices=Status, default=Status.OPEN)
    made_at = models.DateTimeField(_("Made at"), db_default=Now())
    expires_at = models.DateTimeField(_("Expires at"))
    closed_at = models.DateTimeField(_("Closed at"), null=True, blank=True)
    told_at = models.DateTimeField(_("Told at"), null=True, blank=True)
    reminded_at = models.DateTimeField(_("Reminded at"), null=True, blank=True)

    objects = OfferQuerySet.as_manager()

    class Meta:
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        permissions = [("manage_offer", _("Can extend and recall offers"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="open", closed_at=None)
                | Q(~Q(status="open"), closed_at__isnull=False),
                name="offer_closed_at_tells_the_truth",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=models.F("made_at")),
                name="an_offer_expires_after_it_is_made",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="only_the_selected_have_offers",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                level=pgtrigger.Statement,
                referencing=pgtrigger.Referencing(new="made"),
                func=NOT_SELECTED,
            )
        ]
        indexes = [
            models.Index(fields=["expires_at"], condition=Q(status="open"), name="offers_expiring"),
            models.Index(fields=["application"], condition=Q(told_at=None), name="offers_untold"),
        ]

    def __str__(self) -> str:
        return f"offer {self.pk}"
