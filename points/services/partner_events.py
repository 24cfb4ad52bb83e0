"""What partners tell us, signed: each event once, its effect and its answer in one transaction."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from devices.gateways.courier import Progress, Tracking
from devices.models import Shipment
from devices.services import shipping
from participants.models import Participant
from points.gateways.wallet import Receipt
from points.models import PartnerEvent, Payout
from points.services import campaigns, payouts
from points.services.activities import award_activity
from seoul_health.core.audit import Actor, System
from seoul_health.core.errors import DomainError
from seoul_health.core.signatures import SHORTEST_SECRET

Kind, Outcome = PartnerEvent.Kind, PartnerEvent.Outcome
COURIER = "courier"
CLAIM = """
INSERT INTO points_partnerevent (partner, event_id, kind, content_hash, outcome, reason, item)
VALUES (%s, %s, %s, %s, '', '', '') ON CONFLICT (partner, event_id) DO NOTHING RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Partner:
    """Who may tell us of what, and the secret that proves it."""

    code: str
    secret: str
    kind: PartnerEvent.Kind

    @property
    def actor(self) -> Actor:
        return System(f"partner.{self.code}")


@dataclass(frozen=True, slots=True)
class Told:
    """One event as a partner tells it; the fields are those of its kind."""

    event_id: str
    kind: str
    fields: Mapping[str, Any]

    @property
    def content_hash(self) -> str:
        text = json.dumps([self.kind, self.fields], sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of an event, now or the first time it was told."""

    outcome: str
    reason: str = ""
    points: int | None = None
    participant: Participant | None = None
    is_repeat: bool = False


def rejected(reason: str) -> Answer:
    return Answer(Outcome.REJECTED, reason)


def partner_of(code: str) -> Partner | None:
    """Find a partner by its code; one without a proper secret is nobody."""
    known = {
        **{name: (secret, Kind.ACTIVITY) for name, secret in settings.ACTIVITY_PARTNERS.items()},
        **{name: (secret, Kind.PAYOUT) for name, (_url, secret) in settings.WALLETS.items()},
        COURIER: (settings.COURIER_SECRET, Kind.SCAN),
    }
    secret, kind = known.get(code, ("", Kind.ACTIVITY))
    return Partner(code, secret, kind) if len(secret) >= SHORTEST_SECRET else None


@transaction.atomic
def receive_event(partner: Partner, told: Told) -> Answer:
    """Take in one event; a repeat waits for the first and gets its answer."""
    claim = claim_event(partner, told)
    if claim is None:
        return answer_again(partner, told)
    answer = effect_of(partner, told)
    is_activity = told.kind == Kind.ACTIVITY and answer.participant is not None
    PartnerEvent.objects.filter(pk=claim).update(
        outcome=answer.outcome,
        reason=answer.reason,
        points=answer.points,
        participant=answer.participant,
        item=told.fields["item"] if is_activity else "",
        activity_date=told.fields["date"] if is_activity else None,
    )
    return answer


def claim_event(partner: Partner, told: Told) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [partner.code, told.event_id, told.kind, told.content_hash])
        row = cursor.fetchone()
    return row[0] if row else None


def answer_again(partner: Partner, told: Told) -> Answer:
    first = PartnerEvent.objects.get(partner=partner.code, event_id=told.event_id)
    if first.content_hash != told.content_hash:
        return rejected("event_reused")
    return Answer(first.outcome, first.reason, first.points, is_repeat=True)


def effect_of(partner: Partner, told: Told) -> Answer:
    """Do what an event of this kind means; a refusal of the programme is its answer."""
    if told.kind != partner.kind:
        return rejected("kind_not_allowed")
    act: dict[str, Callable[..., Answer]] = {
        Kind.ACTIVITY: take_activity,
        Kind.SCAN: take_scan,
        Kind.PAYOUT: take_payout,
    }
    try:
        with transaction.atomic():
            return act[told.kind](partner, **told.fields)
    except DomainError as refusal:
        return rejected(refusal.code)


def take_activity(partner: Partner, *, member: str, item: str, date: date) -> Answer:
    participant = Participant.objects.filter(number=member).first()
    if participant is None:
        return rejected("unknown_member")
    outcome = award_activity(participant, item, date)
    if not outcome.due:
        return rejected(outcome.reason)
    campaigns.award_reached(participant, [date])
    return Answer(Outcome.ACCEPTED, outcome.reason, outcome.points, participant)


def take_scan(partner: Partner, *, tracking_no: str, status: str, at: datetime) -> Answer:
    shipment = Shipment.objects.filter(tracking_no=tracking_no).select_related("loan").first()
    if shipment is None:
        return rejected("unknown_parcel")
    tracking = Tracking(tracking_no, Progress(status), at)
    moved = shipping.follow(shipment, tracking, by=partner.actor)
    return Answer(Outcome.ACCEPTED, "moved" if moved else "nothing_new")


def take_payout(
    partner: Partner,
    *,
    reference: str,
    status: str,
    amount: int,
    receipt_no: str = "",
    paid_at: datetime | None = None,
    code: str = "",
) -> Answer:
    """Book an operator's own word on a payout of its own; a contradiction waits for a person."""
    rows = Payout.objects.select_for_update(of=("self",)).select_related("operator", "transfer")
    payout = rows.filter(reference=reference, operator__code=partner.code).first()
    if payout is None:
        return rejected("unknown_payout")
    if amount != payout.amount:
        payouts.flag(payout, "other_amount", by=partner.actor)
        return rejected("other_amount")
    if is_known(payout, status, receipt_no):
        return Answer(Outcome.ACCEPTED, "nothing_new")
    if payout.status in {Payout.Status.PAID, Payout.Status.REFUSED}:
        payouts.flag(payout, f"{payout.status}_and_{status}", by=partner.actor)
        return rejected("contradicts")
    if status == Payout.Status.PAID:
        assert paid_at is not None, "a payout that was paid says when"
        receipt = Receipt(receipt_no, reference, amount, paid_at, duplicate=False)
        payouts.settle_payout(payout, receipt, by=partner.actor)
    else:
        payouts.refuse_payout(payout, by=partner.actor, code=code)
    return Answer(Outcome.ACCEPTED, status)


def is_known(payout: Payout, status: str, receipt_no: str) -> bool:
    if payout.status != status:
        return False
    return status == Payout.Status.REFUSED or payout.receipt_no == receipt_no
