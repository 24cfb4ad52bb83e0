from dataclasses import dataclass
from datetime import date
from typing import Protocol

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from participants.errors import AssertionRefused
from participants.gateways.identity import Identity, IdentityProvider, Refused, Unreachable
from participants.models import Participant, Profile
from participants.models.people import digits, hash_ci
from participants.rules.seniority import senior_from
from participants.services import tokens
from participants.services.numbers import new_participant_number
from participants.services.tokens import Pair
from seoul_health.core import audit, clock, crypto
from seoul_health.core.audit import Actor
from seoul_health.core.errors import PartnerUnavailable

CHUNK = 2_000


class Person(Protocol):
    """What the provider or a paper tells of somebody."""

    @property
    def name(self) -> str: ...
    @property
    def birth_date(self) -> date: ...
    @property
    def phone(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def district(self) -> str: ...


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
        claim_paper(identity)
        known, is_new = register(hash_ci(identity.ci), identity, **residence(identity))
        if is_new:
            audit.record("joined", known, by=known)
            return known
    renew(known, identity)
    return known


def register(key: str, person: Person, **known: object) -> tuple[Participant, bool]:
    """Give the participant under a key, made with a profile if there is none."""
    participant, is_new = Participant.objects.select_related("profile").get_or_create(
        ci_hash=key,
        defaults={
            "number": new_participant_number,
            "district": person.district,
            "senior_from": first_senior_day(person.birth_date),
            **known,
        },
    )
    if is_new:
        write_profile(participant, person)
        participant.refresh_from_db()
    return participant, is_new


@transaction.atomic
def meet_at_counter(person: Person, *, by: Actor) -> Participant:
    """Give the participant a paper is about: somebody known, or somebody without an app yet."""
    namesakes = Participant.objects.with_name(person.name).select_related("profile")
    for known in namesakes.filter(pk__in=Participant.objects.with_phone(person.phone)):
        if birth_date_of(known) == person.birth_date:
            return known
    participant, is_new = register(paper_key(person), person)
    if is_new:
        audit.record("joined", participant, by=by)
    return participant


def claim_paper(identity: Identity) -> None:
    """Let somebody first met on paper keep their records when they first sign in."""
    on_paper = Participant.objects.filter(ci_hash=paper_key(identity))
    on_paper.update(ci_hash=hash_ci(identity.ci))


def paper_key(person: Person) -> str:
    """Key a person of whom no CI is known yet by name, birth date and phone together."""
    text = f"{person.name.strip()}|{person.birth_date}|{digits(person.phone)}"
    return crypto.blind_index(text, place="participant.paper")


def first_senior_day(birth: date) -> date | None:
    """Say from when somebody who joins today is a senior."""
    return senior_from(birth, joined=clock.today(), today=clock.today())


def residence(identity: Identity) -> dict[str, object]:
    """Say what is newly known of where a person lives; silence changes nothing."""
    if identity.resident is None:
        return {}
    confirmed = {"verified_at": clock.now()} if identity.resident else {}
    return {"is_resident": identity.resident, **confirmed}


def write_profile(participant: Participant, person: Person) -> None:
    profile = Profile(
        participant=participant,
        name=person.name,
        phone=person.phone,
        birth_date=person.birth_date.isoformat(),
        address=person.address,
    )
    profile.index()
    profile.save(force_insert=True)


def renew(participant: Participant, identity: Identity) -> None:
    """Take the provider's newer word about a known person; contacts stay the person's own."""
    changes: dict[str, object] = {"withdrawn_at": None, **residence(identity)}
    if participant.verified_at:
        changes.pop("verified_at", None)
    unconfirmed = participant.is_resident is None and identity.resident
    if identity.district and (unconfirmed or not participant.district):
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
    return [(pk, str(birth), clock.seoul_day(joined)) for pk, birth, joined in found if birth]


def note_senior(pk: int, birth: str, joined: date) -> int:
    day = senior_from(date.fromisoformat(birth), joined=joined, today=clock.today())
    if day is None:
        return 0
    return Participant.objects.filter(pk=pk, senior_from=None).update(senior_from=day)
