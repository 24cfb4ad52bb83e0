from datetime import timedelta

import httpx
import pytest
from rest_framework.test import APIClient

from participants.models import AppToken, Participant
from participants.services import tokens
from participants.tasks import drop_stale_tokens
from seoul_health.core import clock
from seoul_health.core.models import AuditEvent
from seoul_health.simulators import assertions
from tests.simulators.conftest import IDENTITY_SECRET, simulators  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider(simulators, settings):  # noqa: F811
    """A real provider behind a real socket."""
    settings.IDENTITY_PROVIDERS = {"simulator": f"{simulators.url}/identity"}
    return simulators


def call(path, body=None, *, bearer=""):
    headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    return APIClient().post(f"/api/v1/auth/{path}/", body or {}, headers=headers)


def verify(subject="demo-1", **changes):
    signed = assertions.issue(subject, secret=IDENTITY_SECRET)
    return call("verify", {"provider": "simulator", "assertion": signed, **changes})


def test_an_assertion_is_traded_for_keys(provider):
    answer = verify(device="Galaxy S26")

    assert answer.status_code == 200
    body = answer.json()
    participant = Participant.objects.get()
    assert body["participant"] == {"id": str(participant.public_id), "verified": True}
    assert set(body) == {"access", "refresh", "participant"}
    assert call("logout", bearer=body["access"]).status_code == 204


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"provider": "myself"}, "provider"),
        ({"provider": None}, "provider"),
        ({"assertion": ""}, "assertion"),
        ({"assertion": ["x"]}, "assertion"),
        ({"assertion": "x" * 4001}, "assertion"),
        ({"device": 7}, "device"),
        ({"device": "x" * 61}, "device"),
    ],
)
def test_a_malformed_sign_in_names_its_field(provider, change, field):
    answer = verify(**change)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert list(answer.json()["fields"]) == [field]
    assert not Participant.objects.exists()


def test_what_the_provider_refuses_is_unauthorized(provider):
    answer = verify(assertion="v1.forged.forged")

    assert (answer.status_code, answer.json()["code"]) == (401, "assertion_refused")
    assert answer["WWW-Authenticate"] == "Bearer"


def test_an_assertion_is_good_once(provider):
    signed = assertions.issue("demo-1", secret=IDENTITY_SECRET)
    assert verify(assertion=signed).status_code == 200

    assert verify(assertion=signed).status_code == 401
    assert Participant.objects.count() == 1


@pytest.mark.parametrize("mode", ["5xx", "dark"])
def test_an_outage_asks_to_come_back(provider, mode):
    httpx.post(f"{provider.url}/control/identity", json={"mode": mode})

    answer = verify()

    assert (answer.status_code, answer.json()["code"]) == (503, "partner_unavailable")
    assert int(answer["Retry-After"]) == answer.json()["retry_after"] == 30
    httpx.post(f"{provider.url}/control/identity", json={"mode": "ok"})
    assert verify().status_code == 200


def test_a_refresh_replaces_both_keys(walker):
    old = tokens.issue(walker, device="phone")

    answer = call("refresh", {"refresh": old.refresh})

    assert answer.status_code == 200
    new = answer.json()
    assert set(new) == {"access", "refresh"}
    assert call("logout", bearer=old.access).status_code == 401
    assert call("logout", bearer=new["access"]).status_code == 204


def test_a_refresh_key_used_twice_ends_its_whole_family(walker):
    old = tokens.issue(walker, device="phone")
    new = call("refresh", {"refresh": old.refresh}).json()

    answer = call("refresh", {"refresh": old.refresh})

    assert (answer.status_code, answer.json()["code"]) == (401, "token_refused")
    assert call("refresh", {"refresh": new["refresh"]}).status_code == 401
    assert call("logout", bearer=new["access"]).status_code == 401
    assert AuditEvent.objects.filter(verb="reused").exists()


def test_another_device_is_left_alone_by_a_stolen_key(walker):
    stolen, other = (tokens.issue(walker, device=name) for name in ("phone", "tablet"))
    call("refresh", {"refresh": stolen.refresh})
    call("refresh", {"refresh": stolen.refresh})

    assert call("refresh", {"refresh": other.refresh}).status_code == 200


def test_keys_end_by_logout_expiry_and_leaving(walker):
    out, expired, left = (tokens.issue(walker, device=name) for name in "abc")
    assert call("logout", bearer=out.access).status_code == 204
    assert call("refresh", {"refresh": out.refresh}).status_code == 401

    family = AppToken.objects.filter(device="b")
    family.update(expires_at=clock.now() - timedelta(seconds=1))
    assert call("refresh", {"refresh": expired.refresh}).status_code == 401
    assert call("logout", bearer=expired.access).status_code == 401

    Participant.objects.update(withdrawn_at=clock.now())
    assert call("refresh", {"refresh": left.refresh}).status_code == 401
    assert call("logout", bearer=left.access).status_code == 401


def test_one_kind_of_key_is_not_the_other(walker):
    pair = tokens.issue(walker, device="phone")

    assert call("logout", bearer=pair.refresh).status_code == 401
    assert call("refresh", {"refresh": pair.access}).status_code == 401


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Basic abc", "Bearer " + "x" * 5000, "x"])
def test_a_strange_header_is_unauthorized(db, header):
    answer = APIClient().post("/api/v1/auth/logout/", headers={"Authorization": header})

    assert answer.status_code == 401


def test_keys_long_expired_are_forgotten(walker):
    for device, days in (("old", 31), ("recent", 29)):
        tokens.issue(walker, device=device)
        rows = AppToken.objects.filter(device=device)
        rows.update(expires_at=clock.now() - timedelta(days=days))

    drop_stale_tokens()

    assert set(AppToken.objects.values_list("device", flat=True)) == {"recent"}
