"""Three health zones: instruments, what they measured, people to be called, and reserved times."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from devices.models import (
    Calibration,
    Instrument,
    Reading,
    Reservation,
    Resource,
    RiskAlert,
    Site,
    Slot,
    SlotPlan,
    Waiting,
)
from devices.rules.openings import stretch_start
from devices.services import readings
from devices.services.examining import Told
from devices.services.slots import AHEAD, laid_out
from devices.services.waiting import priority_of
from participants.models import Consent, Participant
from seoul_health.core import clock

from .copy import public_id
from .plans import World
from .staff import CLERKS_SITE, LOADER

ZONES = (
    ("zone-songpa", "송파 헬스케어존", "송파구", "올림픽로 326", "37.514600", "127.105900"),
    ("zone-seongdong", "성동 스마트건강존", "성동구", "고산자로 270", "37.563400", "127.036900"),
)
KIT = (
    (Instrument.Kind.BLOOD_PRESSURE, "BP", "자동혈압계 BPBIO 320"),
    (Instrument.Kind.BODY_COMPOSITION, "BC", "체성분분석기 InBody 570"),
    (Instrument.Kind.GRIP, "GR", "악력계 TKK-5401"),
)
RESOURCES = (
    (Resource.Kind.ROOM, "체력측정", 4),
    (Resource.Kind.NURSE, "건강상담", 1),
)
VISITORS, VISITS = 40, 60
ALERTED = ((192, 108), (165, 98), (84, 52), (171, 102), (183, 96))
HISTORY = timedelta(days=90)
SHARE_TAKEN, SHARE_MISSED = 0.55, 0.08
WAITERS = 4


def load_zones(world: World) -> int:
    """Lay out the zones and what has happened there; give how many readings."""
    sites = lay_out()
    people = list(visitors())
    if len(people) < len(ALERTED) + WAITERS + 1:
        return 0
    place_instruments(sites, world)
    plans = plan_slots(sites, world)
    kept = measure(sites, people, world)
    reserve(plans, people, world)
    return kept


def lay_out() -> list[Site]:
    clerks = Site.objects.get(code=CLERKS_SITE)
    zones = Site.objects.bulk_create(
        Site(
            code=code, name=name, kind=Site.Kind.ZONE, district=district,
            address=f"서울특별시 {district} {street}", lat=Decimal(lat), lng=Decimal(lng),
        )
        for code, name, district, street, lat, lng in ZONES
    )  # fmt: skip
    return [clerks, *zones]


def visitors() -> Iterator[Participant]:
    """Give people who have agreed to the use of their health data, the nine demo people first."""
    agreed = Consent.objects.filter(purpose=Consent.Purpose.HEALTH, withdrawn_at=None)
    rows = Participant.objects.filter(pk__in=agreed.values("participant"), withdrawn_at=None)
    yield from rows.select_related("profile").order_by("pk")[:VISITORS]


def place_instruments(sites: Sequence[Site], world: World) -> None:
    """Place a kit at each site; one grip dynamometer's calibration has run out."""
    for number, site in enumerate(sites):
        for kind, letters, name in KIT:
            instrument = Instrument.objects.create(
                serial=f"{letters}-{number + 1:02d}", site=site, kind=kind, name=name
            )
            ran_out = kind == Instrument.Kind.GRIP and number == 0
            back = timedelta(days=380 if ran_out else 120)
            Calibration.objects.create(
                instrument=instrument,
                done_on=world.today - back,
                valid_until=world.today - back + timedelta(days=365),
                certificate_no=f"KTL-{world.today:%Y}-{instrument.pk:04d}",
                recorded_by=LOADER.actor_name,
            )


def measure(sites: Sequence[Site], people: Sequence[Participant], world: World) -> int:
    """Tell what was measured on visits of three months, then today's that need a call."""
    dice, kept = world.dice("readings"), 0
    told: dict[int, list[Told]] = {number: [] for number in range(len(sites))}
    for visit in range(VISITS):
        place = visit % len(sites)
        person = people[visit % len(people)]
        told[place] += visit_of(person, place, opened(world, dice), dice)
    for number, (upper, lower) in enumerate(ALERTED):
        at = world.now - timedelta(minutes=20 + 7 * number)
        told[number % len(sites)] += pressure(people[number], number % len(sites), at, upper, lower)
    for place, values in told.items():
        site = sites[place]
        items = readings.record(values, site=site, channel=Reading.Channel.SITE, by=LOADER)
        kept += sum(item.outcome == "accepted" for item in items)
    late = RiskAlert.objects.order_by("pk").first()
    if late is not None:
        RiskAlert.objects.filter(pk=late.pk).update(
            opened_at=world.now - timedelta(minutes=70), due_at=world.now - timedelta(minutes=10)
        )
    return kept


def opened(world: World, dice: Random) -> datetime:
    """Choose a moment in opening hours, long enough ago to call nobody."""
    day = world.today - timedelta(days=dice.randint(8, HISTORY.days))
    return clock.day_starts(day) + timedelta(minutes=dice.randint(9 * 60, 17 * 60))


def visit_of(person: Participant, place: int, at: datetime, dice: Random) -> list[Told]:
    """Measure one visit: pressure, weight, body fat and grip."""
    upper = dice.randint(104, 148)
    grip = ("grip", f"{dice.uniform(16, 42):.1f}", "GR")
    body = (("weight", f"{dice.uniform(47, 88):.1f}", "BC"),
            ("body_fat", f"{dice.uniform(15, 38):.1f}", "BC"), grip)  # fmt: skip
    rest = [
        Told(person.number, kind, value, at, instrument=f"{letters}-{place + 1:02d}")
        for kind, value, letters in body
    ]
    return [*pressure(person, place, at, upper, upper - dice.randint(34, 52)), *rest]


def pressure(person: Participant, place: int, at: datetime, upper: int, lower: int) -> list[Told]:
    instrument = f"BP-{place + 1:02d}"
    return [
        Told(person.number, "systolic", str(upper), at, "mmHg", instrument),
        Told(person.number, "diastolic", str(lower), at, "mmHg", instrument),
    ]


def plan_slots(sites: Sequence[Site], world: World) -> list[SlotPlan]:
    """Plan two resources at each zone, opening on the 1st and the 16th at one o'clock."""
    plans, dice = [], world.dice("plans of slots")
    for site in sites:
        for kind, name, capacity in RESOURCES:
            resource = Resource.objects.create(site=site, kind=kind, name=name, capacity=capacity)
            plan = SlotPlan.objects.create(
                resource=resource,
                effective_from=world.today - HISTORY,
                weekdays=[0, 1, 2, 3, 4],
                starts_at=time(9),
                ends_at=time(18),
                break_from=time(12),
                break_to=time(13),
                minutes=60,
                opens_on=[1, 16],
                opens_at=time(13),
            )
            slots = list(laid_out(plan, *stretch(world.today)))
            for slot in slots:
                slot.public_id = UUID(public_id(dice))
            Slot.objects.bulk_create(slots)
            plans.append(plan)
    return plans


def stretch(today: date) -> tuple[date, date]:
    """Give the running half month with what opens after it."""
    return stretch_start(today, (1, 16)), today + 2 * AHEAD


def reserve(plans: Sequence[SlotPlan], people: Sequence[Participant], world: World) -> None:
    """Fill many of the open times; nobody is at two places within one hour."""
    dice = world.dice("slots")
    opened = Slot.objects.filter(plan__in=plans, opens_at__lte=world.now)
    busy: dict[datetime, set[int]] = {}
    rows: list[Reservation] = []
    for slot in opened.order_by("starts_at", "resource"):
        there = busy.setdefault(slot.starts_at, set())
        free = [person for person in people if person.pk not in there]
        wanted = sum(dice.random() < SHARE_TAKEN for _ in range(slot.capacity))
        for place, person in enumerate(dice.sample(free, min(wanted, len(free))), start=1):
            there.add(person.pk)
            rows.append(reservation_of(slot, person, place, dice, world))
    Reservation.objects.bulk_create(rows)
    count_taken(rows)
    wait_for_one(plans, people, busy, world)


def reservation_of(
    slot: Slot, person: Participant, place: int, dice: Random, world: World
) -> Reservation:
    status, came, ended = Reservation.Status.BOOKED, None, None
    if slot.ends_at < world.now:
        missed = dice.random() < SHARE_MISSED
        status = Reservation.Status.NO_SHOW if missed else Reservation.Status.CHECKED_IN
        came, ended = (None, slot.ends_at) if missed else (slot.starts_at, None)
    return Reservation(
        public_id=public_id(dice),
        slot=slot,
        resource_id=slot.resource_id,
        during=(slot.starts_at, slot.ends_at),
        place=place,
        participant=person,
        status=status,
        booked_at=min(slot.opens_at + timedelta(minutes=dice.randint(0, 90)), world.now),
        booked_by=person.actor_name,
        came_at=came,
        ended_at=ended,
        reminded_at=world.now,
    )


def count_taken(rows: Sequence[Reservation]) -> None:
    counts: dict[int, int] = {}
    for row in rows:
        counts[row.slot_id] = counts.get(row.slot_id, 0) + 1
    slots = [Slot(pk=pk, taken=taken) for pk, taken in counts.items()]
    Slot.objects.bulk_update(slots, ["taken"], batch_size=500)


def wait_for_one(
    plans: Sequence[SlotPlan],
    people: Sequence[Participant],
    busy: dict[datetime, set[int]],
    world: World,
) -> None:
    """Let a few wait for the first full time of more than a day ahead, by their priorities."""
    ahead = Slot.objects.filter(
        plan__in=plans, capacity=1, taken=1, starts_at__gt=world.now + timedelta(days=1)
    )
    slot = ahead.order_by("starts_at", "pk").first()
    if slot is None:
        return
    free = [person for person in people if person.pk not in busy[slot.starts_at]][:WAITERS]
    for number, person in enumerate(free):
        score, parts = priority_of(person)
        Waiting.objects.create(
            slot=slot,
            participant=person,
            score=score,
            score_parts=parts,
            asked_at=world.now - timedelta(hours=5, minutes=-number),
        )
    Slot.objects.filter(pk=slot.pk).update(waiting=len(free))
