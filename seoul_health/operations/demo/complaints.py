"""Complaints of every category and in every state, and the calls around them."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random

from complaints.models import Category, Channel, ClockEvent, Complaint, Contact, Message
from complaints.services.deadlines import current_calendar
from devices.models import Loan
from participants.models import Participation
from seoul_health.core.models import StaffUser

from .cases import Case, Citizen, Desk, make_case
from .copy import public_id
from .plans import HEROES, World
from .voices import CALLS

MOST, BATCH = 20_000, 1_000


def load_complaints(world: World) -> int:
    """Write a complaint for about every twentieth person; give how many."""
    dice = world.dice("complaints")
    desk = Desk(
        world=world,
        calendar=current_calendar(),
        categories=list(Category.objects.offered()),
        agents=list(StaffUser.objects.filter(username__in=["agent", "supervisor"]).order_by("pk")),
        citizens=_citizens(world, dice),
        dice=dice,
    )
    count = min(max(60, world.size // 20), MOST)
    for first in range(0, count, BATCH):
        last = min(first + BATCH, count)
        _write([make_case(place, desk) for place in range(first, last)])
    Contact.objects.bulk_create(_contacts(desk, count // 2), batch_size=BATCH)
    return count


def _citizens(world: World, dice: Random) -> list[Citizen]:
    """Choose people who walk; the nine demo people come first, and come three times."""
    walking = Participation.objects.filter(round=world.rounds.running.round, status="active")
    people = list(walking.order_by("participant").values_list("participant", flat=True)[: MOST * 2])
    heroes, others = people[:HEROES], people[HEROES:]
    dice.shuffle(others)
    loans = dict(
        Loan.objects.live().filter(participant__in=people).values_list("participant", "pk")
    )
    return [Citizen(pk, loans.get(pk)) for pk in (*heroes, *heroes, *heroes, *others)]


def _write(cases: list[Case]) -> None:
    Complaint.objects.bulk_create(case.complaint for case in cases)
    for case in cases:
        for event in case.events:
            event.complaint = case.complaint
        for message in case.messages:
            message.complaint = case.complaint
    ClockEvent.objects.bulk_create(event for case in cases for event in case.events)
    Message.objects.bulk_create(message for case in cases for message in case.messages)


def _contacts(desk: Desk, count: int) -> Iterator[Contact]:
    dice, now = desk.dice, desk.world.now
    for _ in range(count):
        opened = now - timedelta(minutes=dice.randint(30, 60 * 24 * 20))
        yield Contact(
            public_id=public_id(dice),
            channel=dice.choice((Channel.PHONE, Channel.PHONE, Channel.COUNTER)),
            participant_id=dice.choice(desk.citizens).participant_id,
            agent=dice.choice(desk.agents),
            opened_at=opened,
            closed_at=opened + timedelta(minutes=dice.randint(2, 14)),
            summary=dice.choice(CALLS),
        )
