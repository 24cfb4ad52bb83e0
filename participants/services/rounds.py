from django.db import transaction
from django.db.models import Max, Min, QuerySet

from participants.errors import RoundIncomplete
from participants.models import Lane, RecruitmentRound
from participants.services import participations
from participants.services.round_checks import missing
from seoul_health.core import clock
from seoul_health.core.audit import Actor
from seoul_health.core.errors import Conflict

Status = RecruitmentRound.Status


@transaction.atomic
def announce(round_: RecruitmentRound, *, by: Actor) -> None:
    """Tell citizens of a round; from now on its lanes, seats and rules stay as they are."""
    # Whoever still writes a part of the draft goes first or is refused.
    draft = RecruitmentRound.objects.select_for_update().get(pk=round_.pk)
    if draft.status == Status.DRAFT and (unmet := missing(draft)):
        raise RoundIncomplete(missing=" ".join(map(str, unmet)))
    round_.move(Status.ANNOUNCED, by=by, announced_at=clock.now())


def open_round(round_: RecruitmentRound, *, by: Actor) -> None:
    round_.move(Status.OPEN, by=by)


def close_round(round_: RecruitmentRound, *, by: Actor) -> None:
    """Take no more applications, whatever the lanes' windows say."""
    round_.move(Status.CLOSED, by=by)


def start(round_: RecruitmentRound, *, by: Actor) -> None:
    round_.move(Status.RUNNING, by=by)


def end(round_: RecruitmentRound, *, by: Actor) -> None:
    round_.move(Status.ENDED, by=by)


def turn_rounds(*, by: Actor) -> None:
    """Let every round follow its windows and days; running twice changes nothing."""
    for rows, turn in (
        (to_open(), open_round),
        (to_close(), close_round),
        (to_start(), start),
        (to_end(), end),
    ):
        for round_ in rows:
            try:
                turn(round_, by=by)
            except Conflict:
                continue  # Staff or a second sweep were faster.
    participations.complete_over(by=by)
    participations.resume_over(by=by)


def to_open() -> QuerySet[RecruitmentRound]:
    announced = RecruitmentRound.objects.filter(status=Status.ANNOUNCED)
    return announced.alias(opens=Min("lanes__opens_at")).filter(opens__lte=clock.now())


def to_close() -> QuerySet[RecruitmentRound]:
    opened = RecruitmentRound.objects.filter(status=Status.OPEN)
    return opened.alias(closes=Max("lanes__closes_at")).filter(closes__lte=clock.now())


def to_start() -> QuerySet[RecruitmentRound]:
    """Find rounds whose first day has come; a lottery is drawn before."""
    due = RecruitmentRound.objects.filter(starts_on__lte=clock.today())
    lotteries = Lane.objects.filter(method=Lane.Method.LOTTERY).values("round")
    undrawn = due.filter(status=Status.CLOSED).exclude(pk__in=lotteries)
    return undrawn | due.filter(status=Status.DRAWN)


def to_end() -> QuerySet[RecruitmentRound]:
    return RecruitmentRound.objects.filter(status=Status.RUNNING, ends_on__lt=clock.today())
