"""Seats offered for a time: made by set, closed once, and free again when nobody takes them."""

from datetime import datetime

from django.db import connection, transaction

from participants.errors import OfferClosed, OfferLapsed, TooLateForOffer
from participants.models import Application, Lane, Offer
from participants.rules.offers import kept_until
from participants.services.telling import tell_lapsed
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor

Status = Offer.Status
ANSWERS = (Status.ACCEPTED, Status.DECLINED)
BATCH = 1_000

MAKE = """
INSERT INTO participants_offer (application_id, status, made_at, expires_at)
SELECT application.id, 'open', %(now)s, %(until)s
FROM participants_application AS application
WHERE application.status = 'selected'
    AND application.quota_id IN (SELECT id FROM participants_quota WHERE lane_id = %(lane)s)
    AND NOT EXISTS (
        SELECT 1 FROM participants_offer WHERE application_id = application.id)
ON CONFLICT (application_id) DO NOTHING
"""
# Whoever is just answering holds the row of the offer: that answer counts, not the clock.
LAPSE = """
WITH due AS (
    SELECT application_id FROM participants_offer
    WHERE status = 'open' AND expires_at <= %(now)s
    ORDER BY application_id LIMIT %(batch)s FOR UPDATE SKIP LOCKED
), freed AS (
    UPDATE participants_application AS application
    SET status = 'lapsed', seat_id = NULL, seat_no = NULL, decided_at = %(now)s
    FROM due WHERE application.id = due.application_id AND application.status = 'selected'
    RETURNING application.id
), closed AS (
    UPDATE participants_offer AS offer SET status = 'lapsed', closed_at = %(now)s
    FROM due WHERE offer.application_id = due.application_id
    RETURNING offer.application_id
), written AS (
    INSERT INTO core_auditevent (actor, verb, subject, detail)
    SELECT %(actor)s, 'lapsed', subject, jsonb_build_object('before', before, 'why', '')
    FROM (
        SELECT 'participants.application:' || id, 'selected' FROM freed
        UNION ALL SELECT 'participants.offer:' || application_id, 'open' FROM closed
    ) AS moves (subject, before)
)
SELECT application_id FROM closed
"""


def make_offers(lane: Lane, *, by: Actor) -> int:
    """Offer their seats to all who were selected and have no offer yet; give how many."""
    now, until = clock.now(), end_of_offer(lane, hours=lane.offer_hours)
    with connection.cursor() as cursor:
        cursor.execute(MAKE, {"lane": lane.pk, "now": now, "until": until})
        made = int(cursor.rowcount)
    if made:
        audit.record("offered", lane, by=by, count=made, until=until.isoformat())
    return made


def end_of_offer(lane: Lane, *, hours: int) -> datetime:
    return kept_until(
        clock.now(),
        hours=hours,
        starts_on=lane.round.starts_on,
        is_rolling=lane.method == Lane.Method.ROLLING,
    )


def close(application: Application, to: Status, *, by: Actor, why: str = "") -> None:
    """Close the open offer of an application, if it has one; an answer must come in time."""
    offer = Offer.objects.select_for_update().filter(application=application).first()
    if offer is None:
        return
    lapsed = offer.status == Status.LAPSED
    if to in ANSWERS and (lapsed or (offer.may(to) and offer.expires_at <= clock.now())):
        raise OfferLapsed
    if offer.may(to):
        offer.move(to, by=by, why=why, closed_at=clock.now())


def lapse_due(*, by: Actor) -> int:
    """Take back a batch of seats nobody accepted in time; give how many. The sweep comes again."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LAPSE, {"now": clock.now(), "batch": BATCH, "actor": by.actor_name})
        lapsed = [application for (application,) in cursor.fetchall()]
        tell_lapsed(lapsed)
    return len(lapsed)


@transaction.atomic
def extend(offer: Offer, *, hours: int, why: str, by: Actor) -> None:
    """Give somebody more time for an answer, up to the first day of the round."""
    lane = offer.application.lane
    until = end_of_offer(lane, hours=hours)
    locked = Offer.objects.select_for_update().get(pk=offer.pk)
    if locked.status != Status.OPEN or locked.expires_at <= clock.now():
        raise OfferClosed
    if until <= locked.expires_at:
        raise TooLateForOffer
    Offer.objects.filter(pk=locked.pk).update(expires_at=until, reminded_at=None)
    audit.record(
        "extended",
        locked,
        by=by,
        why=why,
        before=locked.expires_at.isoformat(),
        until=until.isoformat(),
    )
    offer.expires_at = until


@transaction.atomic
def recall(offer: Offer, *, why: str, by: Actor) -> None:
    """Take an offer back that should not have been made, with the application it was made to."""
    offer.move(Status.WITHDRAWN, by=by, why=why, closed_at=clock.now())
    offer.application.move(
        Application.Status.WITHDRAWN,
        by=by,
        why=why,
        reason=why,
        decided_at=clock.now(),
        seat=None,
        seat_no=None,
    )
