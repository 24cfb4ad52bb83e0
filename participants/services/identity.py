from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from participants.errors import AssertionRefused
from participants.gateways.identity import Identity, IdentityProvider, Refused, Unreachable
from participants.models import Participant, Profile
from participants.models.people import hash_ci
from participants.rules.seniority import senior_from
from participants.services import tokens
from participants.services.numbers import new_participant_number
from participants.services.tokens import Pair
from seoul_health.core import audit, clock
from seoul_health.core.errors import PartnerUnavailable

CHUNK = 2_000


@dataclass(frozen=True)
class Session:
    """A participant who has just proved who they are, and the app's keys."""

    participant: Participant
    pair: Pair


def sign_in(assertion: str, *, provider: IdentityProvider, device: str) -> Session:
    """Let the provider say who this is, then let them in; the provider is asked outside
    any transaction, and its silence is never held against anybody."""
    try:
        identity = provider.verify(assertion)
    except Refused as refusal:
        raise AssertionRefused from refusal
    except Unreachable as silence:
        raise PartnerUnavailable(partner=_("The identity service")) from silence
    return enter(identity, device=device)


@transaction.atomic
def enter(identity: Identity, *, device: str) -> Session:
    participant = recognise(identity)
    return Session(participant, tokens.issue(participant, device=device))


@transaction.atomic
def recognise(identity: Identity) -> Participant:
    """Give the one participant a person is, made at first sight; the CI decides, also in a race."""
    known = Participant.objects.with_ci(identity.ci).select_related("profile").first()
    if known is None:
        known, is_new = Participant.objects.select_related("profile").get_or_create(
            ci_hash=hash_ci(identity.ci),
            defaults={
                "number": new_participant_number,
                "district": identity.district,
                "senior_from": first_senior_day(identity.birth_date),
                **residence(identity),
            },
        )
        if is_new:
            return welcome(known, identity)
    renew(known, identity)
    return known


def first_senior_day(birth: date) -> date | None:
    """Say from when somebody who joins today is a senior."""
    return senior_from(birth, joined=clock.today(), today=clock.today())


def residence(identity: Identity) -> dict[str, object]:
    """Say what is newly known of where a person lives; silence changes nothing."""
    if identity.resident is None:
        return {}
    confirmed = {"verified_at": clock.now()} if identity.resident else {}
    return {"is_resident": identity.resident, **confirmed}


def welcome(participant: Participant, identity: Identity) -> Participant:
    profile = Profile(
        participant=participant,
        name=identity.name,
        phone=identity.phone,
        birth_date=identity.birth_date.isoformat(),
        address=identity.address,
    )
    profile.index()
    profile.save(force_insert=True)
    audit.record("joined", participant, by=participant)
    participant.refresh_from_db()
    return participant


def renew(participant: Participant, identity: Identity) -> None:
    """Take the provider's newer word about a known person; contacts stay the person's own."""
    changes: dict[str, object] = {"withdrawn_at": None, **residence(identity)}
    if participant.verified_at:
        changes.pop("verified_at", None)
    if not participant.district:
        changes["district"] = identity.district
    stale = {name: new for name, new in changes.items() if getattr(participant, name) != new}
    if stale:
        Participant.objects.filter(pk=participant.pk).update(**stale)
        audit.record("renewed", participant, by=participant, changed=sorted(stale))
        participant.refresh_from_db(fields=list(stale))
    rename(participant.profile, identity)


def rename(profile: Profile, identity: Identity) -> None:
    """Follow a changed name or a corrected birth date."""
    vouched = {"name": identity.name, "birth_date": identity.birth_date.isoformat()}
    if all(getattr(profile, field) == value for field, value in vouched.items()):
        return
    profile.name, profile.birth_date = vouched["name"], vouched["birth_date"]
    profile.index()
    profile.save(update_fields=["name", "birth_date", "name_index"])


def birth_date_of(participant: Participant) -> date:
    return date.fromisoformat(participant.profile.birth_date)


def note_seniority() -> int:
    """Tell of everybody who turns 70 soon; runs nightly and finds again what it missed."""
    noted = after = 0
    while chunk := undated(after):
        noted += sum(note_senior(*person) for person in chunk)
        after = chunk[-1][0]
    return noted


def undated(after: int) -> list[tuple[int, str, date]]:
    """Read the next people whose day as a senior is not known yet."""
    rows = Participant.objects.filter(pk__gt=after, senior_from=None, withdrawn_at=None)
    found = rows.order_by("pk").values_list("pk", "profile__birth_date", "joined_at")[:CHUNK]
    return [(pk, birth, clock.seoul_day(joined)) for pk, birth, joined in found if birth]


def note_senior(pk: int, birth: str, joined: date) -> int:
    day = senior_from(date.fromisoformat(birth), joined=joined, today=clock.today())
    if day is None:
        return 0
    return Participant.objects.filter(pk=pk, senior_from=None).update(senior_from=day)
