"""Lanes with waiting people: laid out as a draft, since an announced lane does not change."""

from datetime import timedelta
from typing import Any

from participants.models import Application, Lane, Offer, Quota, RecruitmentRound
from participants.services import rounds, selection
from seoul_health.core import clock
from tests.conftest import JOB
from tests.participants.recruiting import add_lane, approved, draft_round


def lane_with(
    *quotas: dict[str, Any], starts_in: int = 30, follows: Lane | None = None, **lane: Any
) -> Lane:
    """Open a lane with these quotas: lane_with({"code": "senior", "seats": 2})."""
    found = draft_round(starts_in=starts_in)
    first, *others = quotas or ({"seats": 2},)
    made = add_lane(found, **first, **lane)
    for place, quota in enumerate(others, start=1):
        Quota.objects.create(lane=made, **{"group": "general", "spill_order": place, **quota})
    rounds.announce(found, by=JOB)
    rounds.open_round(found, by=JOB)
    made.refresh_from_db()
    return made


def close_window(lane: Lane) -> Lane:
    """Let the office close the round, so that every window of it is over."""
    rounds.close_round(lane.round, by=JOB)
    return Lane.objects.select_related("round").get(pk=lane.pk)


def served(lane: Lane, people: list[Any], **terms: Any) -> list[Application]:
    """Let people apply, be approved and be served in this order."""
    for person in people:
        approved(person, lane, **terms)
    selection.select_lane(lane, by=JOB)
    return list(Application.objects.filter(lane=lane).order_by("sequence"))


def statuses(lane: Lane) -> list[str]:
    rows = Application.objects.filter(lane=lane, sequence__isnull=False)
    return list(rows.order_by("sequence").values_list("status", flat=True))


def start(lane: Lane) -> Lane:
    """Let the round run from today on."""
    row = RecruitmentRound.objects.get(pk=lane.round_id)
    if row.status == RecruitmentRound.Status.OPEN:
        rounds.close_round(row, by=JOB)
    rounds.start(row, by=JOB)
    return Lane.objects.select_related("round").get(pk=lane.pk)


def expire(*offers: Offer) -> None:
    """Turn the clock of offers so that their time is over by now."""
    past = clock.now() - timedelta(minutes=1)
    Offer.objects.filter(pk__in=[offer.pk for offer in offers]).update(
        made_at=past - timedelta(hours=48), expires_at=past
    )
