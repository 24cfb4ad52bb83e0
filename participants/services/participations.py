from django.db import transaction

from participants.errors import AlreadyTakingPart, OfferLapsed
from participants.models import Application, Lane, Participation
from participants.signals import participation_ended, participation_started
from seoul_health.core import clock
from seoul_health.core.audit import Actor
from seoul_health.core.db import constraint

Status = Participation.Status
BATCH = 500


@transaction.atomic
def confirm(application: Application, *, by: Actor) -> Participation:
    """Take an offered seat: from the round's first day, or from today in a running round."""
    round_, today = application.round, clock.today()
    if today > round_.ends_on:
        raise OfferLapsed
    application.move(Application.Status.CONFIRMED, by=by)
    assert application.rule is not None, "nobody is selected without an approval and its rule"
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
            starts_on=max(round_.starts_on, today),
            ends_on=round_.ends_on,
        )
    participation_started.send(sender=Participation, participation=participation, by=by)
    return participation


def decline(application: Application, *, by: Actor) -> None:
    """Leave an offered seat to the next in line."""
    application.move(Application.Status.DECLINED, by=by, decided_at=clock.now())


@transaction.atomic
def complete(participation: Participation, *, by: Actor) -> None:
    """End a participation at the end of its round."""
    participation.move(Status.COMPLETED, by=by, ended_at=clock.now())
    participation_ended.send(sender=Participation, participation=participation, by=by)


@transaction.atomic
def withdraw(participation: Participation, *, by: Actor, why: str = "") -> None:
    """End a participation early."""
    participation.move(Status.WITHDRAWN, by=by, why=why, ended_at=clock.now())
    participation_ended.send(sender=Participation, participation=participation, by=by)


def complete_over(*, by: Actor) -> int:
    """Complete a batch of participations whose last day has passed; the sweep comes again."""
    over = Participation.objects.live().filter(ends_on__lt=clock.today())
    batch = over.select_related("participant").order_by("pk")[:BATCH]
    for participation in batch:
        complete(participation, by=by)
    return len(batch)
