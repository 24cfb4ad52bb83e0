import pytest

from participants.models import AppToken, Participant, Profile
from participants.services import tokens
from participants.services.identity import sign_in
from tests.participants.builders import Provider, identity
from tests.race import race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.serial]


def test_a_new_person_on_many_devices_is_one_participant():
    person = identity()

    told = race(lambda: sign_in("x", provider=Provider(person), device="d"), runners=8)

    assert told == ["ok"] * 8
    assert (Participant.objects.count(), Profile.objects.count()) == (1, 1)
    assert AppToken.objects.count() == 16


def test_a_refresh_key_is_traded_once_by_concurrent_twins(walker):
    pair = tokens.issue(walker, device="phone")

    told = race(lambda: tokens.refresh(pair.refresh), runners=4)

    assert told == ["TokenRefused"] * 3 + ["ok"]
    assert not AppToken.objects.filter(revoked_at=None).exists()
