"""What people may change about themselves, and how they leave."""

from django.db import transaction

from participants.models import Application, Participant, Participation, Profile
from participants.services import applications, participations, tokens
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor

FIELDS = ("phone", "address")


@transaction.atomic
def change_contact(
    participant: Participant,
    *,
    by: Actor,
    phone: str | None = None,
    address: str | None = None,
    district: str | None = None,
) -> Profile:
    """Note a new phone, address or district; the record says which, not what."""
    profile = Profile.objects.select_for_update().get(participant=participant)
    if district is not None:
        move_house(participant, district, by=by)
    wished = dict(zip(FIELDS, (phone, address), strict=True))
    changed = {
        name: value
        for name, value in wished.items()
        if value is not None and value != getattr(profile, name)
    }
    if changed:
        for name, value in changed.items():
            setattr(profile, name, value)
        profile.index()
        profile.save(update_fields=[*changed, "phone_index", "phone_tail_index"])
        audit.record("contact_changed", participant, by=by, fields=sorted(changed))
    return profile


def move_house(participant: Participant, district: str, *, by: Actor) -> None:
    """Note another district; a residence the provider confirmed is then no longer confirmed."""
    elsewhere = Participant.objects.filter(pk=participant.pk).exclude(district=district)
    known = elsewhere.filter(is_resident=True).update(district=district, is_resident=None)
    if known or elsewhere.update(district=district):
        audit.record("contact_changed", participant, by=by, fields=["district"])


@transaction.atomic
def leave(participant: Participant, *, by: Actor, why: str = "") -> Participant:
    """Let somebody leave the programme: nothing goes on, and no device stays signed in."""
    locked = Participant.objects.select_for_update().get(pk=participant.pk)
    for application in Application.objects.live().filter(participant=locked).order_by("pk"):
        applications.withdraw(application, by=by, why=why)
    live = Participation.objects.live().filter(participant=locked)
    for participation in live.select_related("participant").order_by("pk"):
        participations.withdraw(participation, by=by, why=why)
    locked.withdrawn_at = clock.now()
    locked.save(update_fields=["withdrawn_at"])
    tokens.revoke_all(locked)
    audit.record("left", locked, by=by, why=why)
    return locked
