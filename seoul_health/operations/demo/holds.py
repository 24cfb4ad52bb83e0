"""Four people whose steps look like a machine's, and what became of each."""

from collections.abc import Sequence
from datetime import date, timedelta

from devices.models import DaySteps
from devices.rules.samples import HOUR, Span
from devices.rules.spans import pack, union
from participants.models import Participant
from points.models import AwardReview, Hold
from points.services.clawbacks import approve_clawback, propose_clawback
from points.services.hold_appeals import file_appeal
from points.services.holding import confirm_hold, release_hold
from points.services.scans import scan_day
from seoul_health.core.models import StaffUser

from .plans import HEROES, World
from .staff import LOADER

MOST_PEOPLE = 100_000
PEOPLE, EARLIER = 4, 5
BEAT, MINUTES, FIRST_HOUR = 108, 280, 20
RELEASED = "러닝머신 운동 사진과 운동 기록을 확인하였습니다."
CONFIRMED = "밤사이 일정한 간격으로 반복된 기록으로, 걸음으로 인정하기 어렵습니다."
OBJECTION = "야간 근무 중 순찰을 돌며 걸은 기록입니다. 근무표를 제출하겠습니다."


def shake_some(world: World) -> int:
    """Let four people's watches hang on a machine, and find the two of yesterday in the night."""
    if world.size > MOST_PEOPLE or world.days <= EARLIER:
        return 0
    yesterday, earlier = days_of(world)
    people = walkers(yesterday, earlier)
    for place, person in enumerate(people):
        shake(person, yesterday if place < PEOPLE // 2 else earlier, beat=BEAT + place)
    scan_day(yesterday, by=LOADER)
    return len(people)


def days_of(world: World) -> tuple[date, date]:
    return world.today - timedelta(days=1), world.today - timedelta(days=EARLIER)


def walkers(*days: date) -> Sequence[Participant]:
    """Choose the first who take part and walked with one watch on both days."""
    heroes = Participant.objects.order_by("pk").values_list("pk", flat=True)[:HEROES]
    people = Participant.objects.filter(
        participations__status="active", participations__starts_on__lte=min(days)
    )
    for day in days:
        told = DaySteps.objects.filter(activity_date=day, source="watch")
        people = people.filter(pk__in=told.values("participant"))
        others = DaySteps.objects.filter(activity_date=day).exclude(source="watch")
        people = people.exclude(pk__in=others.values("participant"))
    return list(people.exclude(pk__in=list(heroes)).order_by("pk").distinct()[:PEOPLE])


def shake(person: Participant, day: date, *, beat: int) -> None:
    start = FIRST_HOUR * HOUR - 60 * 60
    spans = [pack(Span(start + 60 * n, start + 60 * (n + 1), beat + n % 3)) for n in range(MINUTES)]
    hours = union(spans)
    DaySteps.objects.filter(participant=person, activity_date=day).update(
        spans=spans, hours=hours, steps=sum(hours)
    )


def decide_some(world: World) -> int:
    """Release one, confirm two that had earned before; ask one of them for the points back."""
    if world.size > MOST_PEOPLE or world.days <= EARLIER:
        return 0
    yesterday, earlier = days_of(world)
    officer = StaffUser.objects.get(username="finance")
    approver = StaffUser.objects.get(username="approver")
    scan_day(earlier, by=LOADER)
    held = Hold.objects.open().select_related("participant").order_by("participant_id")
    for hold in held.filter(first_day=yesterday)[1:2]:
        release_hold(hold, why=RELEASED, by=approver)
    for hold in (late := list(held.filter(first_day=earlier))):
        confirm_hold(hold, why=CONFIRMED, by=approver)
    if late:
        file_appeal(late[0], text=OBJECTION, by=late[0].participant)
    for hold in late[1:]:
        mine = AwardReview.objects.open().filter(participant=hold.participant)
        if reviews := list(mine.select_related("participant")):
            approve_clawback(propose_clawback(reviews, why=CONFIRMED, by=officer), by=approver)
    return len(late)
