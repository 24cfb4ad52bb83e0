"""People who go on into the next round, people on a break, and words that come into force soon."""

from datetime import timedelta

from participants.models import Application, Consent, ConsentText, Participation
from participants.services.carrying import carry
from participants.services.continuing import go_on
from seoul_health.core.audit import System
from seoul_health.core.errors import DomainError

from .copy import public_id
from .plans import World

GOING_ON, BREAKS, CARRIED = 3, 5, 2
BREAK, NOTICE = timedelta(days=14), timedelta(days=40)


def load_continuing(world: World) -> int:
    """Let a few who completed the last round go on, through the same service the app uses."""
    end_breaks(world)
    write_draft(world)
    carry_some(world)
    done, dice = 0, world.dice("continuing")
    over = Participation.objects.filter(round=world.rounds.past.round, status="completed")
    for participation in over.select_related("participant").order_by("pk"):
        try:
            application = go_on(
                participation.participant,
                into=world.rounds.open.round,
                by=participation.participant,
            )
        except DomainError:
            continue  # A watch not given back, or an application of their own.
        rows = Application.objects.filter(pk=application.pk)
        rows.update(public_id=public_id(dice))  # The same for the same seed.
        done += 1
        if done == GOING_ON:
            break
    return done


def carry_some(world: World) -> None:
    """Let the first of a waiting list wait on in the round that is open."""
    found, dice = world.rounds.open, world.dice("carrying")
    target = found.lanes["own_device"]
    waiting = Application.objects.filter(round=world.rounds.running.round, status="waitlisted")
    for application in waiting.select_related("participant__profile", "round", "quota").order_by(
        "pk"
    )[:CARRIED]:
        carry(
            application,
            target,
            quota=found.quotas["own_device"],
            rule=found.rule,
            by=System("operations.load_demo"),
        )
        carried = Application.objects.filter(participant=application.participant, round=found.round)
        carried.update(public_id=public_id(dice))


def end_breaks(world: World) -> None:
    """Give the first few breaks a last day; the others wait for a word of their citizen."""
    on_break = Participation.objects.filter(status="suspended").order_by("pk")
    first = list(on_break.values_list("pk", flat=True)[:BREAKS])
    Participation.objects.filter(pk__in=first).update(suspended_until=world.today + BREAK)


def write_draft(world: World) -> None:
    """Write the next words about health data, not yet released."""
    now = ConsentText.objects.get(purpose=Consent.Purpose.HEALTH, version="2026-01")
    first_day = world.today + NOTICE
    ConsentText.objects.create(
        purpose=now.purpose,
        version=f"{first_day:%Y-%m}",
        effective_from=first_day,
        title=now.title,
        text=now.text.replace("1년", "6개월"),
        is_required=True,
    )
