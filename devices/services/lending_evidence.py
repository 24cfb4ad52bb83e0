"""Where a person's watch is and how it came there; what may be told of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from devices.models import Loan, Shipment
from devices.rules.lending_words import lending_sentence
from participants.models import Participant
from seoul_health.core import audit, clock
from seoul_health.core.models import AuditEvent

MOST_EVENTS = 30


@dataclass(frozen=True, slots=True)
class LendingEvidence:
    """One loan for the agent; `citizen_text` is for the citizen."""

    loan: Loan
    shipments: Sequence[Shipment]
    events: Sequence[AuditEvent]
    sentence: str
    citizen_text: str


def panel(participant: Participant, loan: Loan | None = None) -> LendingEvidence | None:
    """Gather what is known about a loan, or about the person's last one. Reads only."""
    rows = participant.loans.select_related("device__lot__model")
    found = rows.filter(pk=loan.pk).first() if loan else rows.order_by("-pk").first()
    if found is None:
        return None
    parcels = list(found.shipments.order_by("pk"))
    told = sentence_of(found, parcels)
    events = AuditEvent.objects.filter(subject=audit.subject_of(found))
    return LendingEvidence(
        loan=found,
        shipments=parcels,
        events=list(events.order_by("-at", "-pk")[:MOST_EVENTS]),
        sentence=told,
        citizen_text=told,
    )


def sentence_of(loan: Loan, parcels: Sequence[Shipment]) -> str:
    way = Shipment.Direction.BACK if loan.status == Loan.Status.RETURNING else "out"
    numbers = [one.tracking_no for one in parcels if one.direction == way and one.tracking_no]
    arrived = [one.delivered_at for one in parcels if one.direction == "out" and one.delivered_at]
    state = str(loan.status)
    if state == Loan.Status.LIVE and loan.due_on < clock.today():
        state = "overdue"
    return lending_sentence(
        state,
        due_on=loan.due_on,
        reserved_at=loan.reserved_at,
        arrived_at=arrived[-1] if arrived else loan.accepted_at,
        returned_at=loan.returned_at,
        tracking=numbers[-1] if numbers else "",
    )
