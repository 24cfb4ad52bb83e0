"""A faulty watch for a sound one, in one step: nobody is without a watch, no due day moves."""

from django.db import transaction

from devices.errors import NoWatchInStock, ParticipationOver
from devices.lending_errors import ExchangeNeedsWatch, NotExchangeable, ParticipationEnded
from devices.models import Device, Loan, Shipment
from devices.services import loans
from participants.models import Participant
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.errors import ReasonNeeded

Status = Loan.Status
EXCHANGEABLE = {Status.DELIVERED, Status.LIVE, Status.RECALL_REQUESTED}


@transaction.atomic
def exchange_by_parcel(loan: Loan, *, why: str, by: Actor) -> Loan:
    """Send a sound watch and have the faulty one fetched; it stays owed until it is scanned."""
    old = hold(loan, why=why)
    old.move(Status.REPLACED, by=by, why=why)
    old.device.move(Device.Status.RETURNING, by=by, why=why)
    loans.plan_parcel(old, Shipment.Direction.BACK, by=by)
    new = replacement_for(old, by=by)
    loans.ship(new, by=by)
    return new


@transaction.atomic
def exchange_at_counter(loan: Loan, *, why: str, by: Actor) -> Loan:
    """Take the faulty watch in and hand a sound one over."""
    old = hold(loan, why=why)
    old.move(Status.REPLACED, by=by, why=why)
    loans.scan_in(old.device.serial, by=by)
    new = replacement_for(old, by=by)
    loans.mark_delivered(new, by=by)
    return new


def hold(loan: Loan, *, why: str) -> Loan:
    """Lock the person and the loan, in that order, and refuse what cannot be exchanged."""
    if not why.strip():
        raise ReasonNeeded
    Participant.objects.select_for_update(no_key=True).get(pk=loan.participant_id)
    rows = Loan.objects.select_for_update(of=("self",)).select_related("device", "participation")
    held = rows.get(pk=loan.pk)
    if held.status not in EXCHANGEABLE:
        raise NotExchangeable(status=held.get_status_display())
    return held


def replacement_for(old: Loan, *, by: Actor) -> Loan:
    """Lend another watch for what is left of the old loan."""
    try:
        new = loans.reserve_watch(old.participation, by=by)
    except NoWatchInStock as exc:
        raise ExchangeNeedsWatch from exc
    except ParticipationOver as exc:
        raise ParticipationEnded from exc
    new.due_on, new.replaces = max(old.due_on, clock.today()), old
    new.save(update_fields=["due_on", "replaces"])
    audit.record("exchanged", old, by=by, replaced_by=new.device.serial)
    return new
