"""A person's way through a round: taking the seat, a break, the end, the next round."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

from django.db import transaction

from participants.errors import AlreadyTakingPart, BreakTooLong, OfferLapsed
from participants.models import Application, Lane, Offer, Participation
from participants.services import offers
from participants.services.notices import tell_participant
from participants.signals import participation_ended, participation_started
from seoul_health.core import clock
from seoul_health.core.audit import Actor
from seoul_health.core.db import constraint
from seoul_health.core.errors import Conflict, ReasonNeeded

Status = Participation.Status
BATCH = 500


@transaction.atomic
def confirm(application: Application, *, by: Actor) -> Participation:
    """Take an offered seat: from the round's first day, or from today in a running round."""
    round_, today = application.round, clock.today()
    if today > round_.ends_on:
        raise OfferLapsed
    offers.close(application, Offer.Status.ACCEPTED, by=by)
    application.move(Application.Status.CONFIRMED, by=by)
    assert application.rule is not None, "nobody is selected without an approval and its rule"
    earlier = hand_over(application, by=by)
    starts_on = max(round_.starts_on, today, first_day_after(earlier))
    if starts_on > round_.ends_on:
        raise OfferLapsed
    with (
        constraint("one_live_participation_per_participant", AlreadyTakingPart()),
        constraint("one_participation_per_round", AlreadyTakingPart()),
    ):
        participation = Participation.objects.create(
            participant=application.participant,
            round=round_,
            application=application,
            rule=application.rule,
            basis=application.basis,
            needs_watch=application.lane.kind == Lane.Kind.NEEDS_WATCH,
            starts_on=starts_on,
            ends_on=round_.ends_on,
        )
    participation_started.send(sender=Participation, participation=participation, by=by)
    tell_participant(participation, "participation_started")
    return participation


def hand_over(application: Application, *, by: Actor) -> Participation | None:
    """Close the participation that goes on, so that its watch stays and its days still count."""
    earlier = application.continues
    if earlier is None:
        return None
    locked = Participation.objects.select_for_update().get(pk=earlier.pk)
    if locked.status in Participation.LIVE:
        locked.move(
            Status.COMPLETED,
            by=by,
            why=application.receipt_no,
            ended_at=clock.now(),
            suspended_until=None,
        )
    return locked


def first_day_after(earlier: Participation | None) -> date:
    return earlier.ends_on + timedelta(days=1) if earlier else date.min


@transaction.atomic
def decline(application: Application, *, by: Actor) -> None:
    """Leave an offered seat to the next in line."""
    offers.close(application, Offer.Status.DECLINED, by=by)
    application.move(
        Application.Status.DECLINED, by=by, decided_at=clock.now(), seat=None, seat_no=None
    )


@transaction.atomic
def suspend(
    participation: Participation, *, why: str, by: Actor, until: date | None = None
) -> None:
    """Give somebody a break, with its last day if that is known; the seat stays theirs."""
    if not why.strip():
        raise ReasonNeeded
    if until and not clock.today() <= until < participation.ends_on:
        raise BreakTooLong(day=participation.ends_on)
    participation.move(Status.SUSPENDED, by=by, why=why, suspended_until=until)


@transaction.atomic
def resume(participation: Participation, *, by: Actor, why: str = "") -> None:
    """Let somebody go on after a break."""
    participation.move(Status.ACTIVE, by=by, why=why, suspended_until=None)


@transaction.atomic
def complete(participation: Participation, *, by: Actor, why: str = "") -> None:
    """End a participation at the end of its round."""
    participation.move(Status.COMPLETED, by=by, why=why, ended_at=clock.now(), suspended_until=None)
    participation_ended.send(sender=Participation, participation=participation, by=by)
    tell_participant(participation, "participation_ended")


@transaction.atomic
def withdraw(participation: Participation, *, by: Actor, why: str = "") -> None:
    """End a participation early."""
    participation.move(Status.WITHDRAWN, by=by, why=why, ended_at=clock.now(), suspended_until=None)
    participation_ended.send(sender=Participation, participation=participation, by=by)
    tell_participant(participation, "participation_ended")


def resume_over(*, by: Actor) -> int:
    """End a batch of breaks whose last day has passed; the sweep comes again."""
    over = Participation.objects.filter(
        status=Status.SUSPENDED, suspended_until__lt=clock.today()
    ).order_by("suspended_until", "pk")[:BATCH]
    return sum(unless_moved(partial(resume, row, by=by)) for row in over)


def complete_over(*, by: Actor) -> int:
    """Complete a batch of participations whose last day has passed; the sweep comes again."""
    over = Participation.objects.live().filter(ends_on__lt=clock.today())
    batch = over.select_related("participant").order_by("pk")[:BATCH]
    return sum(unless_moved(partial(complete, row, by=by)) for row in batch)


def unless_moved(turn: Callable[[], None]) -> bool:
    """Tell whether a row was still there to turn: its citizen may have been faster."""
    try:
        turn()
    except Conflict:
        return False
    return True
