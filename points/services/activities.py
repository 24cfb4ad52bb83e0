"""Activities other than walking: awarded at once, each as often as its rate allows."""

from datetime import date, timedelta

from django.conf import settings
from django.db import transaction

from participants.models import Participant
from points.models import ActivityRate
from points.rules.activities import turn_of
from points.rules.earning import Outcome, judge_activity
from points.services.accounts import lock_purses
from points.services.awards import read_facts, unfunded
from points.services.earnings import Due, read_earned, record
from seoul_health.core import clock
from seoul_health.core.errors import SamePerson
from seoul_health.core.models import StaffUser

FUTURE = Outcome(0, "future_day")
TOO_LATE = Outcome(0, "too_late")


def rate_on(item: str, day: date) -> ActivityRate | None:
    """Give what an activity earns on a day; the newest released rate counts."""
    return ActivityRate.objects.on(day).filter(item=item).first()


@transaction.atomic
def award_activity(participant: Participant, item: str, day: date) -> Outcome:
    """Award an activity that was done on a day, as far as its rate and the limits allow."""
    today = clock.today()
    if day > today:
        return FUTURE
    if day < today - timedelta(days=settings.ACTIVITY_GRACE_DAYS):
        return TOO_LATE
    return award_done(participant, item, day)


@transaction.atomic
def award_done(participant: Participant, item: str, day: date) -> Outcome:
    """Award an activity whose day has been accepted."""
    facts = read_facts(participant, item, [day])
    rule, taking, rate = facts.rule_on(day), facts.participation_on(day), rate_on(item, day)
    if rule is None or taking is None or rate is None:
        return judge_activity(
            rule, day, item=item, points=0, used={}, participating=taking is not None
        )
    purse = lock_purses([participant.pk])[participant.pk]
    first, last = turn_of(day, rate.how_often)
    earned = read_earned(participant, facts.book.rules, [first, day, last])
    outcome = judge_activity(
        rule,
        day,
        item=item,
        points=rate.points,
        used=earned.used(rule, day),
        counted_before=any(kind == item and first <= on <= last for kind, on, _ in earned.rows),
    )
    if outcome.due:
        due = Due(
            taking, participant.pk, purse, day, outcome.points, outcome.reason,
            facts.book.ids[rule.code], 0, 0,
        )  # fmt: skip
        outcome = unfunded(outcome) if record(item, [due]) else outcome
    return outcome


@transaction.atomic
def release_rate(rate: ActivityRate, *, by: StaffUser) -> None:
    """Put a drafted rate into force, by a second person."""
    if rate.drafted_by_id == by.pk:
        raise SamePerson
    rate.move(ActivityRate.Status.RELEASED, by=by, released_by=by, released_at=clock.now())
