"""Days are put on hold, released or kept from earning; whoever does so takes the purse first."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.functional import Promise
from django.utils.translation import override

from participants.models import Participant, Participation
from participants.rules.messages import spoken_day
from participants.rules.promises import working_days_after
from participants.services.notices import notify
from points.errors import (
    AppealWaits,
    DaysHeldAlready,
    HoldTooLong,
    NotTakingPart,
    SomebodyElseMustDecide,
)
from points.models import AwardReview, Hold, HoldAppeal, Signal
from points.models.holds import LONGEST
from points.rules.signals import Finding
from points.services.accounts import lock_purses
from points.services.awards import judge_days
from points.services.down_revisions import revise_hold
from seoul_health.core import audit, clock
from seoul_health.core.audit import System
from seoul_health.core.db import constraint
from seoul_health.core.errors import IllegalMove, ReasonNeeded
from seoul_health.core.models import StaffUser

Status = Hold.Status
ONE_DAY = timedelta(days=1)
SCAN = System("points.scan_for_misuse")
BY_HAND_SCORE = 50


@transaction.atomic
def hold_day(day: date, doubts: Mapping[tuple[int, str], Finding]) -> int:
    """Put a day of these people on hold, each for its signal, once; give how many were new."""
    people = sorted({person for person, _signal in doubts})
    if not people:
        return 0
    lock_purses(people)
    moment = database_now()
    taking = participations_on(day, people)
    known = {(one.participant_id, one.signal): one for one in holds_around(day, people)}
    raised = 0
    for (person, signal), finding in sorted(doubts.items()):
        earlier = known.get((person, signal))
        if person not in taking or (earlier and earlier.last_day >= day):
            continue
        numbers = {**finding.numbers, "score": finding.score, "held_at": moment.isoformat()}
        if earlier and day - earlier.first_day <= LONGEST:
            lengthen(earlier, day, finding.score, numbers)
        else:
            begin_hold(taking[person], day, finding, numbers, moment)
            raised += 1
    return raised


def database_now() -> datetime:
    """Ask the clock that awards are stamped with."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def participations_on(day: date, people: Collection[int]) -> dict[int, Participation]:
    """Give each person's participation of a day, the later one when there are two."""
    rows = Participation.objects.filter(
        participant__in=people, starts_on__lte=day, ends_on__gte=day
    ).exclude(status=Participation.Status.WITHDRAWN)
    ordered = rows.select_related("participant").order_by("starts_on", "pk")
    return {one.participant_id: one for one in ordered}


def holds_around(day: date, people: Collection[int]) -> list[Hold]:
    """Give the scan's holds that cover a day already, and open ones that end the day before.

    A hold with an objection is not made longer: the citizen answered to what it was.
    """
    ends_before = Q(status=Status.OPEN, last_day=day - ONE_DAY, appeal=None)
    covers = Q(first_day__lte=day, last_day__gte=day)
    rows = Hold.objects.filter(ends_before | covers, participant__in=people, raised_by=None)
    return list(rows.order_by("last_day", "pk"))


def lengthen(hold: Hold, day: date, score: int, numbers: Mapping[str, Any]) -> None:
    """Let a hold that ends the day before go on for a day of the same kind."""
    evidence = {**hold.evidence, str(day): dict(numbers)}
    rows = Hold.objects.filter(pk=hold.pk, status=Status.OPEN, last_day=hold.last_day)
    if rows.update(last_day=day, evidence=evidence, score=max(score, hold.score)):
        audit.record("extended", hold, by=SCAN, until=str(day))


def begin_hold(
    taking: Participation,
    day: date,
    finding: Finding,
    numbers: Mapping[str, Any],
    moment: datetime,
) -> None:
    hold, is_new = Hold.objects.get_or_create(
        participation=taking,
        signal=finding.signal,
        first_day=day,
        defaults={
            "participant": taking.participant,
            "last_day": day,
            "score": finding.score,
            "evidence": {str(day): dict(numbers)},
            "raised_at": moment,
            "promised_on": promised_day(),
        },
    )
    if is_new:
        audit.record("raised", hold, by=SCAN, score=finding.score)
        tell_raised(hold)


def promised_day() -> date:
    return working_days_after(clock.today(), settings.HOLD_WORKING_DAYS)


@transaction.atomic
def raise_hold(
    participant: Participant, *, first_day: date, last_day: date, why: str, by: StaffUser
) -> Hold:
    """Put days of one person on hold by hand; somebody else will decide."""
    if not timedelta(0) <= last_day - first_day <= LONGEST:
        raise HoldTooLong
    if not why.strip():
        raise ReasonNeeded
    lock_purses([participant.pk])
    taking = participations_on(first_day, [participant.pk]).get(participant.pk)
    if taking is None or taking.ends_on < last_day:
        raise NotTakingPart
    with constraint("one_hold_per_signal_and_day", DaysHeldAlready()):
        hold = Hold.objects.create(
            participation=taking,
            participant=participant,
            signal=Signal.BY_HAND,
            first_day=first_day,
            last_day=last_day,
            score=BY_HAND_SCORE,
            evidence={"note": why.strip()},
            raised_by=by,
            promised_on=promised_day(),
        )
    audit.record("raised", hold, by=by, why=why)
    tell_raised(hold)
    return hold


@transaction.atomic
def release_hold(hold: Hold, *, why: str, by: StaffUser) -> None:
    """Let the days earn after all: each is judged at once under its own day's rule."""
    take_open(hold, Status.RELEASED)
    let_go(hold, why=why, by=by)
    notify(hold.participant, "hold_released", {"days": spoken_days(hold)}, key=str(hold.pk))


@transaction.atomic
def confirm_hold(hold: Hold, *, why: str, by: StaffUser) -> None:
    """Keep the days from earning; what they had earned before goes to a review."""
    take_open(hold, Status.CONFIRMED)
    keep(hold, why=why, by=by)
    until = clock.today() + timedelta(days=settings.APPEAL_DAYS)
    values = {"days": spoken_days(hold), "reason": why, "until": spoken_day(until)}
    notify(hold.participant, "hold_confirmed", values, key=str(hold.pk))


def let_go(hold: Hold, *, why: str, by: StaffUser) -> None:
    """Release an open hold, or a confirmed one whose appeal was upheld."""
    lock_purses([hold.participant_id])
    stamps: dict[str, Any] = {"ended_at": Now()}
    if hold.status == Status.OPEN:
        stamps |= decision(hold, why=why, by=by)
    hold.move(Status.RELEASED, by=by, why=why, **stamps)
    hold.refresh_from_db()
    for review in AwardReview.objects.open().filter(cause="hold", award__in=awards_of(hold)):
        review.move("kept", by=by, why=why, closed_by=by.actor_name, closed_at=clock.now())
    judge_days(hold.participant, [day for day in hold.days() if day <= clock.today()], by=by)


def awards_of(hold: Hold) -> list[int]:
    days = hold.participant.awards.filter(
        item="walking_day", period__range=(hold.first_day, hold.last_day)
    )
    return list(days.values_list("pk", flat=True))


def keep(hold: Hold, *, why: str, by: StaffUser) -> None:
    lock_purses([hold.participant_id])
    hold.move(Status.CONFIRMED, by=by, why=why, **decision(hold, why=why, by=by))
    revise_hold(hold, by=by)


def decision(hold: Hold, *, why: str, by: StaffUser) -> dict[str, Any]:
    """Give the stamps of a decision by somebody else than who raised the hold."""
    if not why.strip():
        raise ReasonNeeded
    if hold.raised_by_id == by.pk:
        raise SomebodyElseMustDecide
    return {"decided_by": by, "decided_at": clock.now(), "reason": why.strip()}


def take_open(hold: Hold, to: str) -> None:
    """Hold on to an open hold; one with an objection is left to whoever decides on that."""
    lock_purses([hold.participant_id])
    Hold.objects.select_for_update().get(pk=hold.pk)
    hold.refresh_from_db(fields=["status"])
    if hold.status != Status.OPEN:
        raise IllegalMove(what=hold, to=Hold.status_label(to))
    if HoldAppeal.objects.waiting().filter(hold=hold).exists():
        raise AppealWaits


def tell_raised(hold: Hold) -> None:
    values = {"days": spoken_days(hold), "until": spoken_day(hold.promised_on)}
    notify(hold.participant, "hold_raised", values, key=str(hold.pk))


def spoken_days(hold: Hold) -> str:
    first = spoken_day(hold.first_day)
    return first if hold.first_day == hold.last_day else f"{first}~{spoken_day(hold.last_day)}"


def in_words(label: str | Promise) -> str:
    """Say a word to a citizen in the language messages are written in."""
    with override(settings.LANGUAGE_CODE):
        return str(label)
