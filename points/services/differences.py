"""Payments that we and the partner tell differently: each has an owner until it is resolved."""

from django.db import transaction

from points.errors import NotTheirJob, NotYours
from points.models import Difference
from seoul_health.core import audit, clock
from seoul_health.core.models import StaffUser


def take_difference(difference: Difference, *, by: StaffUser) -> None:
    """Take a difference on, also from a colleague."""
    difference.move(Difference.Status.ASSIGNED, by=by, owner=by)


def assign_difference(difference: Difference, *, to: StaffUser, by: StaffUser) -> None:
    """Give a difference to a colleague who may resolve it."""
    if not to.has_perm("points.resolve_difference"):
        raise NotTheirJob
    difference.move(Difference.Status.ASSIGNED, by=by, why=to.actor_name, owner=to)


@transaction.atomic
def note_difference(difference: Difference, *, note: str, by: StaffUser) -> None:
    Difference.objects.filter(pk=difference.pk).update(note=note)
    audit.record("noted", difference, by=by, note=note)


def resolve_difference(
    difference: Difference, *, resolution: str, note: str, by: StaffUser
) -> None:
    """Close a difference with its reason; the money itself is not touched here."""
    if difference.owner_id != by.pk:
        raise NotYours
    difference.move(
        Difference.Status.RESOLVED,
        by=by,
        why=note,
        resolution=resolution,
        note=note,
        resolved_at=clock.now(),
    )
