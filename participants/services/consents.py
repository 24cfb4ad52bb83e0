"""A citizen's yes, per purpose and version; taken back as easily as given."""

from datetime import date

from django.db import transaction

from participants.errors import ConsentKept, UnknownConsentText
from participants.models import Consent, ConsentText, Participant, Participation
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor

# Without these the programme cannot go on.
NEEDED = frozenset({Consent.Purpose.SERVICE, Consent.Purpose.HEALTH})


@transaction.atomic
def give(
    participant: Participant,
    *,
    purpose: str,
    version: str,
    by: Actor,
    paper_no: str = "",
    signed_on: date | None = None,
) -> Consent:
    """Record a yes to words that are in force; the same yes again is the first one."""
    in_force = ConsentText.objects.in_force(clock.today())
    if not in_force.filter(purpose=purpose, version=version).exists():
        raise UnknownConsentText(version=version)
    consent, is_new = Consent.objects.get_or_create(
        participant=participant,
        purpose=purpose,
        version=version,
        withdrawn_at=None,
        defaults={
            "recorded_by": by.actor_name,
            "paper_no": paper_no,
            "signed_on": signed_on,
        },
    )
    if is_new:
        audit.record("given", consent, by=by, purpose=purpose, version=version)
    return consent


def has_given(participant: Participant, purpose: str) -> bool:
    """Tell whether a yes to a purpose stands, in whatever version."""
    live = Consent.objects.filter(participant=participant, purpose=purpose, withdrawn_at=None)
    return live.exists()


@transaction.atomic
def withdraw(participant: Participant, *, purpose: str, by: Actor) -> int:
    """Take back every yes to a purpose; the needed ones only after leaving the programme."""
    if purpose in NEEDED and Participation.objects.live().filter(participant=participant).exists():
        raise ConsentKept
    live = Consent.objects.filter(participant=participant, purpose=purpose, withdrawn_at=None)
    taken_back = list(live.select_for_update().order_by("pk"))
    live.update(withdrawn_at=clock.now())
    for consent in taken_back:
        audit.record("taken_back", consent, by=by, purpose=purpose)
    return len(taken_back)
