"""Watches that are back in our hands, by what is to be done with them next."""

from typing import Any

from django.db import models
from django.db.models import Case, Exists, OuterRef, Subquery, Value, When

from seoul_health.core.models import StaffUser

from .inspections import Inspection
from .loans import Loan, LoanReport
from .stock import Device

# Rows with columns the model does not have.
Annotated = models.QuerySet[Any]

INSPECT, WIPE, READY, APART, MENDED = STAGES = ("inspect", "wipe", "ready", "apart", "mended")


def returned_watches(user: StaffUser) -> Annotated:
    """Give the watches in our hands that somebody sees, each with its next step as `stage`."""
    uninspected = Loan.objects.filter(device=OuterRef("pk"), status=Loan.Status.RETURNED)
    looked_at = Inspection.objects.filter(device=OuterRef("pk"))
    stage = Case(
        When(status=Device.Status.QUARANTINED, then=Value(APART)),
        When(status=Device.Status.IN_REPAIR, then=Value(MENDED)),
        When(Exists(uninspected) | ~Exists(looked_at), then=Value(INSPECT)),
        When(holds_personal_data=True, then=Value(WIPE)),
        default=Value(READY),
        output_field=models.CharField(),
    )
    rows = Device.objects.visible_to(user).filter(status__in=sorted(Device.IN_HOUSE))
    return rows.annotate(stage=stage)


def with_story(rows: Annotated) -> Annotated:
    """Add when each came back, and what its citizen said was wrong."""
    loans = Loan.objects.filter(device=OuterRef("pk"), returned_at__isnull=False)
    said = LoanReport.objects.filter(loan__device=OuterRef("pk"))
    found: Annotated = rows.annotate(
        came_back_at=Subquery(loans.order_by("-pk").values("returned_at")[:1]),
        said=Subquery(said.order_by("-pk").values("kind")[:1]),
    )
    return found
