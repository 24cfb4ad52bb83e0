"""Takes a waiting list into the next lane: the same people in the same order."""

from copy import copy

from django.db import transaction
from django.db.models import QuerySet

from participants.errors import AlreadyApplied, NoLaneToCarryTo, StillDeciding
from participants.models import Application, EligibilityRule, Lane, Quota, RecruitmentRound
from participants.services.applications import general_seats
from participants.services.judging import TAKING, judge, rule_of
from participants.services.numbers import draw_from, new_receipt_no
from participants.services.selection import is_over, is_settled, wait_for_turn
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.db import constraint

Status = Application.Status
BATCH = 500


@transaction.atomic
def carry_over(lane: Lane, *, by: Actor) -> int:
    """Take a batch of those who still wait to the lane named for them; give how many."""
    target = lane.carries_over_to
    if target is None or target.round.status not in TAKING:
        raise NoLaneToCarryTo
    wait_for_turn(lane)
    if not (is_over(lane) or is_settled(lane)):
        raise StillDeciding
    waiting = list(line_of(lane)[:BATCH])
    if target.round_id == lane.round_id:
        return move_within(waiting, target, by=by)
    rule, quota = rule_of(target.round), general_seats(target)
    for application in waiting:
        carry(application, target, quota=quota, rule=rule, by=by)
    return len(waiting)


def line_of(lane: Lane) -> QuerySet[Application]:
    """List who still waits in a lane, in the order in which they would have been served."""
    order = "rank" if lane.method == Lane.Method.LOTTERY else "sequence"
    waiting = Application.objects.filter(quota__lane=lane, status=Status.WAITLISTED)
    return (
        waiting.select_for_update(of=("self",))
        .select_related("participant__profile", "round", "quota")
        .order_by("quota__spill_order", "quota", order)
    )


def move_within(waiting: list[Application], target: Lane, *, by: Actor) -> int:
    """Let them wait on in another lane of their round: one application per person and round."""
    quota = general_seats(target)
    rows = Application.objects.filter(pk__in=[row.pk for row in waiting])
    rows.update(lane=target, quota=quota, rank=None)
    for application in waiting:
        audit.record("moved_lane", application, by=by, lane=str(target), before=application.rank)
    return len(waiting)


def carry(
    application: Application, target: Lane, *, quota: Quota | None, rule: EligibilityRule, by: Actor
) -> None:
    """Let one person wait on in another round, judged by that round's rule; or say why not."""
    failures = judge(as_if_in(application, target, quota), rule, with_papers=True)
    try:
        with constraint("one_application_per_person_and_round", AlreadyApplied()):
            carried = enter(application, target, quota=quota, by=by)
    except AlreadyApplied:
        leave(application, by=by, to=f"{target}: applied already")
        return
    if failures:
        carried.move(
            Status.REJECTED,
            by=by,
            decided_at=clock.now(),
            reason=" ".join(str(failure) for failure in failures)[:200],
            failed_rules=[failure.code for failure in failures],
        )
    else:
        carried.move(Status.APPROVED, by=by, decided_at=clock.now(), rule=rule)
    leave(application, by=by, to=carried.receipt_no)


def as_if_in(application: Application, target: Lane, quota: Quota | None) -> Application:
    """Look at an application, with its papers, as if it had been made to another lane."""
    image = copy(application)
    image.round, image.lane, image.quota = target.round, target, quota
    return image


def enter(application: Application, target: Lane, *, quota: Quota | None, by: Actor) -> Application:
    carried = Application.objects.create(
        receipt_no=new_receipt_no(),
        participant=application.participant,
        round=target.round,
        lane=target,
        quota=quota,
        basis=application.basis,
    )
    carried.move(
        Status.SUBMITTED,
        by=by,
        why=f"carried over from {application.receipt_no}",
        sequence=draw_from("participants_arrival"),
        submitted_at=clock.now(),
    )
    return carried


def leave(application: Application, *, by: Actor, to: str) -> None:
    application.move(
        Status.CARRIED_OVER, by=by, why=f"carried over to {to}", decided_at=clock.now(), rank=None
    )


def carry_due(*, by: Actor) -> int:
    """Carry over where a round has started, or nothing is left to wait for in a lane."""
    lanes = Lane.objects.filter(
        carries_over_to__round__status__in=TAKING,
        round__status__in=[
            RecruitmentRound.Status.CLOSED,
            RecruitmentRound.Status.DRAWN,
            RecruitmentRound.Status.RUNNING,
            RecruitmentRound.Status.ENDED,
        ],
    ).select_related("round", "carries_over_to__round")
    return sum(carry_over(lane, by=by) for lane in lanes.order_by("pk") if is_due(lane))


def is_due(lane: Lane) -> bool:
    if not Application.objects.filter(quota__lane=lane, status=Status.WAITLISTED).exists():
        return False
    return is_over(lane) or (is_settled(lane) and all_confirmed(lane))


def all_confirmed(lane: Lane) -> bool:
    """Tell whether every seat is taken for good."""
    seats = sum(lane.quotas.values_list("seats", flat=True))
    taken = Application.objects.filter(seat__lane=lane, status=Status.CONFIRMED)
    return taken.count() >= seats
