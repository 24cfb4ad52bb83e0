"""Other ways to earn: visits told by a partner, two campaigns, and a rule somebody drafts."""

from datetime import date, timedelta
from typing import Any

from participants.models import Participant, Participation
from points.models import Campaign, PartnerEvent
from points.rules.earning import Cap, Rule
from points.services import qualifying
from points.services.campaigns import close_campaign, give_place, open_places
from points.services.partner_events import Partner, Told, receive_event
from points.services.rule_drafts import draft_rule
from points.services.simulations import last_closed_day, plan_simulation, simulate
from seoul_health.core import clock
from seoul_health.core.models import StaffUser

from .plans import World
from .staff import LOADER

VISITORS, FEWEST_LEFT = 60, 3
SIMULATED_AT_ONCE = 20_000
WALKING = ("walking_day", "walking_week")


def load_visits(world: World) -> int:
    """Let a fitness centre tell of visits, grades and surveys of the last weeks."""
    dice = world.dice("visits")
    partner = Partner("fitness", "", PartnerEvent.Kind.ACTIVITY)
    taking = Participation.objects.live().filter(round=world.rounds.running.round)
    people = Participant.objects.filter(pk__in=taking.values("participant")).order_by("pk")
    for number, person in enumerate(people[:VISITORS], start=1):
        item = dice.choice(["fitness_visit", "fitness_visit", "fitness_grade", "survey"])
        day = world.today - timedelta(days=dice.randrange(1, 28))
        fields = {"member": person.number, "item": item, "date": day}
        receive_event(partner, Told(f"demo-{number:04}", PartnerEvent.Kind.ACTIVITY, fields))
    return PartnerEvent.objects.filter(outcome=PartnerEvent.Outcome.ACCEPTED).count()


def load_campaigns(world: World) -> int:
    """Run one campaign that is nearly full, and one that was full and is closed."""
    started = world.today - timedelta(days=10)
    running = campaign(
        world, f"{started:%Y-%m}-long-walk", ("하루 1만 보 걷기", "Ten thousand steps"),
        (started, world.today + timedelta(days=18)), kind=Campaign.Kind.STEPS, steps=10_000,
        points=2_000,
    )  # fmt: skip
    ended = world.today - timedelta(days=12)
    over = campaign(
        world, f"{ended:%Y-%m}-three-days", ("사흘 걷기", "Three goal days"),
        (ended - timedelta(days=14), ended), kind=Campaign.Kind.GOAL_DAYS, days=3, points=1_000,
    )  # fmt: skip
    reached = len(qualifying.waiting(running, most=1_000_000))
    taken = fill(running, places=reached + max(FEWEST_LEFT, reached // 12))
    reached = len(qualifying.waiting(over, most=1_000_000))
    taken += fill(over, places=max(1, reached * 2 // 3))
    close_campaign(over, by=LOADER, why="기간 종료")
    return taken


def campaign(
    world: World,
    code: str,
    names: tuple[str, str],
    window: tuple[date, date],
    **terms: Any,
) -> Campaign:
    """Draft a campaign as of some days before it began."""
    drafted = clock.day_starts(window[0]) - timedelta(days=9, hours=-10)
    return Campaign(
        code=code, name_ko=names[0], name_en=names[1], starts_on=window[0], ends_on=window[1],
        requested_by=StaffUser.objects.get(username="finance"), requested_at=drafted, **terms,
    )  # fmt: skip


def fill(found: Campaign, *, places: int) -> int:
    """Open a campaign's places and give them in the order in which people reached the goal."""
    found.places = places
    found.save()
    approver = StaffUser.objects.get(username="approver")
    decided = found.requested_at + timedelta(days=1, hours=3)
    found.move(Campaign.Status.RELEASED, by=approver, decided_by=approver, decided_at=decided)
    open_places(found)
    waiting = qualifying.waiting(found, most=places)
    people = Participant.objects.in_bulk([person for person, _day in waiting])
    for number, (person, day) in enumerate(waiting):
        evening = clock.day_starts(day) + timedelta(hours=19, seconds=number)
        give_place(found, people[person], earned_on=day, at=min(evening, clock.now()))
    return len(waiting)


def load_draft_rule(world: World) -> None:
    """Draft a rule for the month after the next and try it on the days everybody has walked."""
    finance = StaffUser.objects.get(username="finance")
    first = clock.add_months(world.today.replace(day=1), 2)
    terms = Rule(
        code=first.isoformat(), effective_from=first, effective_to=None, goal=8_000,
        senior_goal=5_000, senior_age=70, daily_points=120, weekly_points=300, weekly_days=4,
        caps=(
            Cap("walking", WALKING, 65_000, "year"),
            Cap("physical", (*WALKING, "fitness_visit", "fitness_grade"), 75_000, "year"),
        ),
    )  # fmt: skip
    rule = draft_rule(terms, by=finance)
    last = last_closed_day()
    since = min(last, world.today - timedelta(days=world.days))
    planned = plan_simulation(rule, first=since, last=last, by=finance)
    if world.size <= SIMULATED_AT_ONCE:
        simulate(planned, by=LOADER)
