from datetime import date, timedelta

import pytest

from participants.errors import AssertionRefused
from participants.gateways.identity import Refused, Unreachable
from participants.models import AppToken, Participant, Profile
from participants.services import identity as service
from participants.services.identity import note_seniority, sign_in
from seoul_health.core import clock
from seoul_health.core.errors import PartnerUnavailable
from seoul_health.core.models import AuditEvent

from .builders import Provider, identity

pytestmark = pytest.mark.django_db


def enter(person):
    return sign_in("signed", provider=Provider(person), device="phone").participant


def test_a_new_person_becomes_a_participant_with_a_sealed_profile():
    participant = enter(identity(name="이서울"))

    stored = Participant.objects.get()
    assert stored == participant
    assert stored.number.startswith(f"P-{clock.today():%y%m}-")
    assert len(stored.number) == len("P-2611-0000123")
    assert (stored.district, stored.is_resident, stored.is_verified) == ("중구", True, True)
    assert Profile.objects.get().name == "이서울"
    assert Participant.objects.with_name("이서울").get() == stored
    assert [event.verb for event in AuditEvent.objects.all()] == ["joined"]


def test_the_same_person_is_the_same_participant_by_whatever_name():
    first = enter(identity(ci="one", name="이서울"))

    second = enter(identity(ci="one", name="이한강", phone="010-0999-9999"))

    assert second == first
    profile = Profile.objects.get()
    assert (profile.name, profile.phone) == ("이한강", "010-0123-4567")
    assert Participant.objects.with_name("이한강").get() == first


def test_the_ci_itself_is_kept_nowhere():
    enter(identity(ci="very-secret-ci"))

    assert "very-secret-ci" not in str(Participant.objects.values().get())
    assert len(Participant.objects.get().ci_hash) == 34


def test_unknown_residence_verifies_nobody_and_is_held_against_nobody():
    participant = enter(identity(ci="one", resident=None))
    assert (participant.is_resident, participant.is_verified) == (None, False)

    assert enter(identity(ci="one", resident=True)).is_verified
    later = enter(identity(ci="one", resident=None))
    assert (later.is_resident, later.is_verified) == (True, True)


def test_somebody_from_elsewhere_is_known_but_not_verified():
    participant = enter(identity(resident=False, district=""))

    assert (participant.is_resident, participant.is_verified) == (False, False)


def test_a_refused_assertion_lets_nobody_in():
    with pytest.raises(AssertionRefused):
        enter(Refused("assertion_forged"))

    assert not Participant.objects.exists()


def test_an_outage_is_no_refusal():
    with pytest.raises(PartnerUnavailable):
        enter(Unreachable("dark"))

    assert not Participant.objects.exists()


def test_who_left_and_comes_back_is_let_in_again():
    participant = enter(identity(ci="one"))
    Participant.objects.update(withdrawn_at=clock.now())

    assert enter(identity(ci="one")) == participant
    assert Participant.objects.get().withdrawn_at is None


def test_keys_are_kept_as_hashes_of_two_kinds():
    session = sign_in("signed", provider=Provider(identity()), device="Galaxy")

    assert sorted(AppToken.objects.values_list("kind", "device")) == [
        ("access", "Galaxy"),
        ("refresh", "Galaxy"),
    ]
    assert session.pair.access not in str(list(AppToken.objects.values()))


def test_somebody_already_seventy_is_a_senior_from_the_day_of_joining():
    assert enter(identity(birth_date=date(1950, 1, 1))).senior_from == clock.today()


def test_seventy_is_told_only_when_it_is_near():
    today = clock.today()
    near = today.replace(day=1) + timedelta(days=60)
    born_near, born_far = date(near.year - 70, near.month, 1), date(near.year - 60, near.month, 1)

    assert enter(identity(birth_date=born_near)).senior_from == near.replace(day=1)
    assert enter(identity(birth_date=born_far)).senior_from is None


def test_the_nightly_note_finds_who_turns_seventy_soon(monkeypatch):
    monkeypatch.setattr(service, "CHUNK", 2)
    today = clock.today()
    soon = (today.replace(day=1) + timedelta(days=90)).replace(day=1)
    for _ in range(3):
        enter(identity(birth_date=soon.replace(year=soon.year - 70)))
    young = enter(identity())
    Participant.objects.update(senior_from=None)

    assert (note_seniority(), note_seniority()) == (3, 0)
    days = Participant.objects.exclude(pk=young.pk).values_list("senior_from", flat=True)
    assert list(days) == [soon] * 3
    young.refresh_from_db()
    assert young.senior_from is None
