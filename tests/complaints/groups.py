"""Groups of people with one complaint."""

from collections.abc import Callable

from complaints.models import Complaint
from complaints.services import merging
from participants.models import Participant
from seoul_health.core.models import StaffUser

from .builders import receive_one

PURPOSE = "같은 장애"


def crowd(
    make_participant: Callable[..., Participant], count: int = 5, **terms: object
) -> list[Complaint]:
    """Give the same complaint of several people, received one after another."""
    return [receive_one(make_participant(), **terms) for _ in range(count)]


def merged(complaints: list[Complaint], *, by: StaffUser) -> Complaint:
    """Merge all into the first and give it."""
    lead, *children = complaints
    merging.merge(lead, children, purpose=PURPOSE, by=by)
    return lead
