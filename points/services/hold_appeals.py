"""What a citizen says against a hold: once, in time, and decided by somebody not behind it."""

from datetime import date, timedelta

from django.conf import settings
from django.db import transaction

from participants.models import Participant
from participants.rules.messages import spoken_day
from participants.rules.promises import working_days_after
from participants.services.notices import notify
from points.errors import (
    NothingToObjectTo,
    ObjectedAlready,
    ObjectionTooLate,
    SomebodyElseMustDecide,
)
from points.models import Hold, HoldAppeal
from points.services.holding import in_words, keep, let_go
from seoul_health.core import audit, clock
from seoul_health.core.db import constraint
from seoul_health.core.errors import ReasonNeeded
from seoul_health.core.models import StaffUser

Status = HoldAppeal.Status


@transaction.atomic
def file_appeal(hold: Hold, *, text: str, by: Participant) -> HoldAppeal:
    """Object to a hold while it is open, or not too long after it was confirmed."""
    held = Hold.objects.select_for_update().get(pk=hold.pk)
    if held.status == Hold.Status.RELEASED:
        raise NothingToObjectTo
    last = last_day(held)
    if last and clock.today() > last:
        raise ObjectionTooLate(day=last)
    against = held.decided_by or held.raised_by
    promised = working_days_after(clock.today(), settings.HOLD_APPEAL_WORKING_DAYS)
    with constraint("points_holdappeal_hold_id_key", ObjectedAlready()):
        appeal = HoldAppeal.objects.create(
            hold=held, text=text, against=against, promised_on=promised
        )
    audit.record("filed", appeal, by=by, hold=held.pk)
    notify(by, "hold_appeal_received", {"until": spoken_day(promised)}, key=str(appeal.pk))
    return appeal


def last_day(hold: Hold) -> date | None:
    """Give the last day for an objection to a confirmed hold; an open one has none."""
    if hold.decided_at is None:
        return None
    return clock.seoul_day(hold.decided_at) + timedelta(days=settings.APPEAL_DAYS)


def can_appeal(hold: Hold) -> bool:
    """Tell whether an objection is still possible."""
    if hold.status == Hold.Status.RELEASED or hasattr(hold, "appeal"):
        return False
    last = last_day(hold)
    return last is None or clock.today() <= last


@transaction.atomic
def uphold_appeal(appeal: HoldAppeal, *, answer: str, by: StaffUser) -> None:
    """Agree with the citizen: the hold ends and its days earn."""
    close(appeal, Status.UPHELD, answer=answer, by=by)
    appeal.hold.refresh_from_db()
    let_go(appeal.hold, why=answer, by=by)


@transaction.atomic
def dismiss_appeal(appeal: HoldAppeal, *, answer: str, by: StaffUser) -> None:
    """Stand by the hold, and say why; one that was still open is confirmed by this."""
    close(appeal, Status.DISMISSED, answer=answer, by=by)
    appeal.hold.refresh_from_db()
    if appeal.hold.status == Hold.Status.OPEN:
        keep(appeal.hold, why=answer, by=by)


def close(appeal: HoldAppeal, to: str, *, answer: str, by: StaffUser) -> None:
    if not answer.strip():
        raise ReasonNeeded
    if by.pk in {appeal.against_id, appeal.hold.raised_by_id, appeal.hold.decided_by_id}:
        raise SomebodyElseMustDecide
    appeal.move(to, by=by, why=answer, answer=answer.strip(), decided_by=by, decided_at=clock.now())
    values = {"result": in_words(Status(to).label), "answer": answer.strip()}
    notify(appeal.hold.participant, "hold_appeal_decided", values, key=str(appeal.pk))
