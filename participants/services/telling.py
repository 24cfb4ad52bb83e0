"""Tells people of seats and places: after the selection, by batch, and each of them once."""

from collections.abc import Callable

from django.db import transaction
from django.db.models import F, QuerySet

from participants.models import Application, Offer
from participants.rules.offers import REMIND_BEFORE
from participants.services import notices
from participants.services.notices import Planned
from participants.services.offer_links import link_of
from seoul_health.core import clock
from seoul_health.core.clock import KST

BATCH = 1_000


def tell_all() -> int:
    """Tell a batch of everything there is to tell; the sweep comes again for the rest."""
    tellers: tuple[Callable[[], int], ...] = (tell_offered, tell_waiting, remind_expiring)
    return sum(tell() for tell in tellers)


@transaction.atomic
def tell_offered() -> int:
    """Tell those who were offered a seat, with the link to answer."""
    untold = Offer.objects.open().filter(told_at=None, expires_at__gt=clock.now())
    offers = locked(untold.order_by("pk"))
    notices.plan("seat_offered", (planned(offer) for offer in offers))
    Offer.objects.filter(pk__in=[offer.pk for offer in offers]).update(told_at=clock.now())
    return len(offers)


@transaction.atomic
def remind_expiring() -> int:
    """Remind once of offers that soon expire; one as short as that from the first needs none."""
    soon = Offer.objects.open().filter(
        reminded_at=None,
        expires_at__gt=clock.now(),
        expires_at__lte=clock.now() + REMIND_BEFORE,
        made_at__lt=F("expires_at") - REMIND_BEFORE,
    )
    offers = locked(soon.order_by("expires_at", "pk"))
    notices.plan("offer_expiring", (planned(offer) for offer in offers))
    Offer.objects.filter(pk__in=[offer.pk for offer in offers]).update(reminded_at=clock.now())
    return len(offers)


@transaction.atomic
def tell_waiting() -> int:
    """Tell those on the waiting list of their place."""
    untold = Application.objects.filter(
        status=Application.Status.WAITLISTED, wait_told_at=None, rank__isnull=False
    )
    rows = untold.select_for_update(of=("self",), skip_locked=True).select_related("round")
    waiting = list(rows.order_by("pk")[:BATCH])
    notices.plan(
        "waitlisted",
        (
            Planned(row.participant_id, str(row.pk), {"round": row.round.name, "rank": row.rank})
            for row in waiting
            if row.rank is not None
        ),
    )
    Application.objects.filter(pk__in=[row.pk for row in waiting]).update(wait_told_at=clock.now())
    return len(waiting)


def tell_lapsed(applications: list[int]) -> None:
    rows = Application.objects.filter(pk__in=applications).select_related("round")
    notices.plan(
        "offer_lapsed",
        (Planned(row.participant_id, str(row.pk), {"round": row.round.name}) for row in rows),
    )


def locked(offers: QuerySet[Offer]) -> list[Offer]:
    rows = offers.select_for_update(of=("self",), skip_locked=True)
    return list(rows.select_related("application__round")[:BATCH])


def planned(offer: Offer) -> Planned:
    application = offer.application
    until = f"{offer.expires_at.astimezone(KST):%Y-%m-%d %H:%M}"
    values = {"round": application.round.name, "until": until, "link": link_of(offer)}
    return Planned(application.participant_id, f"{offer.pk}:{until}", values)
