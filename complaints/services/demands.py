"""Demands for what is missing: until when, twice longer on request, once more, then the return."""

from datetime import date, timedelta

from django.db import transaction

from complaints.errors import (
    DemandedOnce,
    DemandExtendedTwice,
    DemandStillRuns,
    DemandTooLong,
    NothingAsked,
)
from complaints.models import Complaint, Message, SupplementDemand
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.models import StaffUser

from .steps import hold, say, touch

USUAL_DAYS, LEAST_DAYS, MOST_DAYS = 7, 1, 60
SECOND_DAYS = 10
EXTENSIONS = 2


def demand(complaint: Complaint, message: Message, *, days: int, number: int = 1) -> None:
    """Note until when the citizen may send what is missing; the complaint is held."""
    most = SECOND_DAYS if number > 1 else MOST_DAYS
    if not LEAST_DAYS <= days <= most:
        raise DemandTooLong(least=LEAST_DAYS, most=most)
    end_open(complaint)
    SupplementDemand.objects.create(
        complaint=complaint,
        message=message,
        number=number,
        until=clock.today() + timedelta(days=days),
    )


def end_open(complaint: Complaint) -> None:
    complaint.demands.filter(ended_at=None).update(ended_at=clock.now())


def open_demand(complaint: Complaint) -> SupplementDemand:
    """Give the demand that waits for the citizen."""
    found = complaint.demands.filter(ended_at=None).first()
    if found is None or complaint.status != Complaint.Status.SUPPLEMENT_REQUESTED:
        raise NothingAsked(complaint=complaint)
    return found


@transaction.atomic
def extend_demand(complaint: Complaint, *, until: date, by: Actor) -> None:
    """Give the citizen more time, as asked: at most twice (영 §24)."""
    hold(complaint)
    asked = open_demand(complaint)
    if asked.extended >= EXTENSIONS:
        raise DemandExtendedTwice
    if not asked.until < until <= asked.until + timedelta(days=MOST_DAYS):
        raise DemandTooLong(least=LEAST_DAYS, most=MOST_DAYS)
    SupplementDemand.objects.filter(pk=asked.pk).update(until=until, extended=asked.extended + 1)
    touch(complaint)
    audit.record("demand_extended", complaint, by=by, until=str(until))


@transaction.atomic
def demand_again(
    complaint: Complaint, *, text: str, days: int, version: int, by: StaffUser
) -> None:
    """Demand once more, for ten days at most, what did not come in time (영 §24)."""
    hold(complaint, version=version)
    asked = open_demand(complaint)
    check_passed(asked)
    told = say(
        complaint,
        Message.Author.STAFF,
        text,
        by=by,
        purpose=Message.Purpose.SUPPLEMENT,
        agent=by,
    )
    demand(complaint, told, days=days, number=2)
    touch(complaint)
    audit.record("demanded_again", complaint, by=by, days=days)


@transaction.atomic
def return_unsupplied(
    complaint: Complaint, *, text: str, reason: str, version: int, by: StaffUser
) -> Message:
    """Return a complaint whose supplement never came, after the second demand (영 §25)."""
    hold(complaint, version=version)
    asked = open_demand(complaint)
    if asked.number < 2:
        raise DemandedOnce
    check_passed(asked)
    told = say(
        complaint,
        Message.Author.STAFF,
        text,
        by=by,
        purpose=Message.Purpose.RETURN,
        reason=reason.strip(),
        agent=by,
    )
    end_open(complaint)
    complaint.move(
        Complaint.Status.RETURNED, by=by, why=reason.strip(), version=complaint.version + 1
    )
    return told


def check_passed(asked: SupplementDemand) -> None:
    if clock.today() <= asked.until:
        raise DemandStillRuns(until=asked.until)
