"""Asks again where somebody lives; until the register answers, nothing is held against them."""

from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q

from participants.gateways.identity import ResidenceRegister, Unreachable
from participants.models import Application, Basis, Participant
from participants.services.identity import birth_date_of
from participants.services.reviewing import TO_REVIEW
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor

BATCH = 200
AGAIN_AFTER = timedelta(minutes=30)


def recheck_all(*, register: ResidenceRegister, by: Actor) -> int:
    """Ask about everybody who waits for an answer; stop at the first silence, and come again."""
    answered = 0
    for participant in unanswered():
        try:
            answered += recheck(participant, register=register, by=by)
        except Unreachable:
            break
    return answered


def unanswered() -> list[Participant]:
    """Find whose address nobody has confirmed, those asked longest ago first."""
    due = clock.now() - AGAIN_AFTER
    waiting = Application.objects.filter(
        status__in=[*TO_REVIEW, Application.Status.ON_HOLD],
        basis=Basis.RESIDENT,
        participant__is_resident=None,
    )
    asked_before = Q(residence_asked_at=None) | Q(residence_asked_at__lte=due)
    people = Participant.objects.filter(asked_before, pk__in=waiting.values("participant"))
    oldest = F("residence_asked_at").asc(nulls_first=True)
    return list(people.select_related("profile").order_by(oldest, "pk")[:BATCH])


def recheck(participant: Participant, *, register: ResidenceRegister, by: Actor) -> bool:
    """Ask the register about one person, outside any transaction; keep a yes or a no."""
    profile = participant.profile
    resident = register.lives_in_seoul(
        name=profile.name, birth_date=birth_date_of(participant), address=profile.address
    )
    keep(participant, resident, by=by)
    return resident is not None


@transaction.atomic
def keep(participant: Participant, resident: bool | None, *, by: Actor) -> None:
    """Keep what the register said, unless somebody else was told meanwhile."""
    now = clock.now()
    unknown = Participant.objects.filter(pk=participant.pk, is_resident=None)
    if not unknown.update(residence_asked_at=now, is_resident=resident) or resident is None:
        return
    if resident:
        Participant.objects.filter(pk=participant.pk, verified_at=None).update(verified_at=now)
    audit.record("residence_checked", participant, by=by, resident=resident)
