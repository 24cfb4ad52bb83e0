"""What an announced round offers, as the rush of its opening reads it."""

from participants.errors import UnknownLane, UnknownQuota
from participants.models import Lane, Quota, RecruitmentRound
from seoul_health.core.errors import NotFound
from seoul_health.core.memory import remembered


@remembered
def announced(code: str) -> RecruitmentRound:
    """Give a round with its lanes, seats and rules; from its announcement these only grow."""
    rounds = RecruitmentRound.objects.public().prefetch_related("lanes__quotas", "rules")
    found = rounds.filter(code=code).first()
    if found is None:
        raise NotFound
    return found


def lane_of(round_: RecruitmentRound, kind: str) -> Lane:
    for lane in round_.lanes.all():
        if lane.kind == kind:
            return lane
    raise UnknownLane(round=round_.code, lane=kind)


def quota_of(lane: Lane, code: str | None) -> Quota | None:
    if code is None:
        return None
    for quota in lane.quotas.all():
        if quota.code == code:
            return quota
    raise UnknownQuota(quota=code)
