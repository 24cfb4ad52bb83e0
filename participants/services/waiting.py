"""A place on the waiting list, as it is now."""

from participants.models import Application, Lane
from participants.services.seating import EXACT_PLACES


def position_of(application: Application) -> int | None:
    """Count who waits ahead in the same line; far back the place once told is told again."""
    if application.status != Application.Status.WAITLISTED or application.rank is None:
        return None
    if application.rank > EXACT_PLACES:
        return application.rank
    ahead = Application.objects.filter(quota=application.quota_id, status=application.status)
    if application.lane.method == Lane.Method.LOTTERY:
        return ahead.filter(rank__lt=application.rank).count() + 1
    return ahead.filter(sequence__lt=application.sequence).count() + 1
