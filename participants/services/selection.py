"""First come, first served: decided by set, and the same however often it is asked."""

from django.db import connection, transaction

from participants.errors import DrawnByLot, RoundStarted
from participants.models import Application, Lane, RecruitmentRound
from participants.rules.offers import has_started
from participants.services.offers import make_offers
from participants.services.seating import room_of, seat_own, seat_spilled
from seoul_health.core import clock
from seoul_health.core.audit import Actor

Status = Application.Status
SERVED_IN_ORDER = (Lane.Method.FIRST_COME, Lane.Method.ROLLING, Lane.Method.WEEKDAY_BY_BIRTH_YEAR)
TO_DECIDE = (Status.SUBMITTED, Status.UNDER_REVIEW, Status.ON_HOLD, Status.APPROVED)
DRAWN = (RecruitmentRound.Status.DRAWN, RecruitmentRound.Status.RUNNING)
GIVING = (
    RecruitmentRound.Status.ANNOUNCED,
    RecruitmentRound.Status.OPEN,
    RecruitmentRound.Status.CLOSED,
    RecruitmentRound.Status.DRAWN,
    RecruitmentRound.Status.RUNNING,
)


@transaction.atomic
def select_lane(lane: Lane, *, by: Actor) -> int:
    """Give the free seats of a lane to the first in line; give how many were given."""
    if lane.method not in SERVED_IN_ORDER and lane.round.status not in DRAWN:
        raise DrawnByLot
    if is_over(lane):
        raise RoundStarted
    wait_for_turn(lane)
    # The lock keeps the seats from becoming fewer before the end of this pass.
    rows = lane.quotas.select_for_update(of=("self",), no_key=True)
    quotas = list(rows.select_related("lane").order_by("spill_order", "pk"))
    given = sum(seat_own(quota, by=by) for quota in quotas)
    if is_settled(lane) and (spilled := sum(seat_spilled(quota, by=by) for quota in quotas)):
        # The waiting have moved up by those who left for a seat of another quota.
        given += spilled + sum(seat_own(quota, by=by) for quota in quotas)
    make_offers(lane, by=by)
    return given


def wait_for_turn(lane: Lane) -> None:
    """Let one pass after the other: a second one would count the first's seats as still free."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"participants.lane:{lane.pk}"],
        )


def is_over(lane: Lane) -> bool:
    """Tell whether seats are no longer given; a rolling lane gives them to the end."""
    round_, today = lane.round, clock.today()
    if lane.method == Lane.Method.ROLLING:
        return round_.ends_on < today
    return has_started(round_.status, starts_on=round_.starts_on, today=today)


def is_settled(lane: Lane) -> bool:
    """Tell whether every window of a lane is over and nobody in it is still undecided."""
    if lane.closes_at > clock.now() and lane.round.status in (
        RecruitmentRound.Status.ANNOUNCED,
        RecruitmentRound.Status.OPEN,
    ):
        return False
    return not Application.objects.filter(quota__lane=lane, status__in=TO_DECIDE).exists()


def select_due_lanes(*, by: Actor) -> int:
    """Serve every lane where somebody waits for a decision."""
    return sum(select_lane(lane, by=by) for lane in due_lanes())


def due_lanes() -> list[Lane]:
    """Find lanes with somebody approved, or somebody waiting for a seat that is free."""
    lanes = Lane.objects.filter(
        round__status__in=GIVING, round__ends_on__gte=clock.today(), quotas__isnull=False
    )
    return [
        lane
        for lane in lanes.select_related("round").distinct().order_by("pk")
        if not is_over(lane) and is_due(lane)
    ]


def is_due(lane: Lane) -> bool:
    if lane.method in SERVED_IN_ORDER and of_lane(lane, Status.APPROVED):
        return True
    if not of_lane(lane, Status.WAITLISTED):
        return False
    with_room = [quota for quota in lane.quotas.all() if room_of(quota).free]
    if not with_room:
        return False
    waiting = Application.objects.filter(quota__in=with_room, status=Status.WAITLISTED)
    return waiting.exists() or is_settled(lane)


def of_lane(lane: Lane, status: Status) -> bool:
    return Application.objects.filter(quota__lane=lane, status=status).exists()
