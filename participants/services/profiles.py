"""What people may change about themselves."""

from django.db import transaction

from participants.models import Participant, Profile
from seoul_health.core import audit
from seoul_health.core.audit import Actor

FIELDS = ("phone", "address")


@transaction.atomic
def change_contact(
    participant: Participant, *, by: Actor, phone: str | None = None, address: str | None = None
) -> Profile:
    """Note a new phone or address; the record says which, not what."""
    profile = Profile.objects.select_for_update().get(participant=participant)
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
