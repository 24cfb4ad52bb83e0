"""What became of a person's payouts: money, attempts, the partner's answer, one sentence."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from participants.models import Participant
from points.models import Payout, Transfer
from points.rules.payout_words import payout_sentence
from seoul_health.core import audit
from seoul_health.core.models import AuditEvent

MOST_EVENTS, MOST_PAYOUTS = 20, 8


@dataclass(frozen=True, slots=True)
class PayoutEvidence:
    """One payout for the agent; `citizen_text` is for the citizen, without the partner's codes."""

    payout: Payout
    others: Sequence[Payout]
    transfers: Sequence[Transfer]
    events: Sequence[AuditEvent]
    sentence: str
    citizen_text: str


def panel(participant: Participant, payout: Payout | None = None) -> PayoutEvidence | None:
    """Gather what is known about a payout, or about the person's last one. Reads only."""
    rows = participant.payouts.select_related("operator", "transfer")
    latest = list(rows.order_by("-pk")[:MOST_PAYOUTS])
    found = rows.filter(pk=payout.pk).first() if payout else next(iter(latest), None)
    if found is None:
        return None
    told = payout_sentence(
        str(found.status),
        amount=found.amount,
        operator=found.operator.name,
        asked_at=found.requested_at,
        paid_at=found.paid_at,
    )
    events = AuditEvent.objects.filter(subject=audit.subject_of(found))
    return PayoutEvidence(
        payout=found,
        others=latest,
        transfers=transfers_of(found),
        events=list(events.order_by("-at", "-pk")[:MOST_EVENTS]),
        sentence=told,
        citizen_text=told,
    )


def transfers_of(payout: Payout) -> list[Transfer]:
    """Give what moved the points: aside, and then paid or given back."""
    moved = Q(pk=payout.transfer_id) | Q(key=f"payout-paid:{payout.reference}")
    rows = Transfer.objects.filter(moved | Q(reversal_of=payout.transfer_id))
    return list(rows.select_related("source", "target").order_by("pk"))
