import json
from dataclasses import astuple
from datetime import date, timedelta
from io import StringIO

import httpx
import pytest
from django.core.management import CommandError, call_command

from participants.gateways.identity import HttpIdentity, Refused, Unreachable
from seoul_health.simulators import assertions
from seoul_health.simulators.people import ODD_NAMES, SEOUL, person

from .canned import partner_that_says
from .conftest import IDENTITY_SECRET


@pytest.fixture
def identity(simulators):
    return HttpIdentity(f"{simulators.url}/identity", timeout=0.5)


def assertion(subject: str = "demo-1", **changes) -> str:
    return assertions.issue(subject, **{"secret": IDENTITY_SECRET, **changes})


def test_a_genuine_assertion_names_its_person(identity):
    assert astuple(identity.verify(assertion())) == astuple(person("demo-1"))


@pytest.mark.parametrize(
    ("forged", "code"),
    [
        (assertion(secret="somebody-else"), "assertion_forged"),
        (assertion(lifetime=timedelta(seconds=-1)), "assertion_expired"),
        (assertion(now=4_000_000_000), "assertion_expired"),
        (assertion()[:-4], "assertion_forged"),
        (assertion().replace("v1.", "v2.", 1), "assertion_forged"),
        (assertion() + ".x", "assertion_forged"),
        ("nonsense", "assertion_forged"),
        ("v1.\ud800.x", "assertion_malformed"),
        ("v1.９.한", "assertion_malformed"),
    ],
)
def test_a_false_assertion_is_refused(identity, forged, code):
    with pytest.raises(Refused) as refusal:
        identity.verify(forged)
    assert refusal.value.code == code


def test_a_signed_payload_without_its_claims_is_refused(identity):
    payload = assertions._encode(json.dumps({"sub": "demo-1"}).encode())
    signed = f"v1.{payload}.{assertions._encode(assertions._sign(payload, IDENTITY_SECRET))}"
    with pytest.raises(Refused, match="assertion_malformed"):
        identity.verify(signed)


def test_an_assertion_is_good_once(identity):
    once = assertion()
    identity.verify(once)
    with pytest.raises(Refused, match="assertion_replayed"):
        identity.verify(once)


@pytest.mark.parametrize("mode", ["slow", "5xx", "dark"])
def test_an_outage_is_silence_and_not_a_refusal(simulators, identity, mode):
    httpx.post(f"{simulators.url}/control/identity", json={"mode": mode})
    fresh = assertion()
    with pytest.raises(Unreachable):
        identity.verify(fresh)
    httpx.post(f"{simulators.url}/control/identity", json={"mode": "ok"})
    assert identity.verify(assertion()).ci == person("demo-1").ci


def test_a_stopped_provider_is_silence(identity, simulators):
    simulators.stop()
    with pytest.raises(Unreachable):
        identity.verify(assertion())


PERSON = {
    "ci": "x", "name": "김하늘", "birth_date": "1980-01-01", "phone": "010-1234-5678",
    "address": "서울특별시 중구", "district": "중구", "resident": True,
}  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [
        {"ci": ""},
        {"ci": 7},
        {"name": None},
        {"name": "a\0b"},
        {"name": "김" * 201},
        {"birth_date": "1980-02-30"},
        {"birth_date": "0001-01-01"},
        {"resident": "yes"},
        {"phone": ["010"]},
    ],
)
def test_a_malformed_person_is_not_believed(changes):
    with (
        partner_that_says(json.dumps(PERSON | changes).encode()) as (url, _asked),
        pytest.raises(Unreachable),
    ):
        HttpIdentity(url).verify("v1.x.y")


def test_unknown_residence_stays_unknown():
    with partner_that_says(json.dumps(PERSON | {"resident": None}).encode()) as (url, _asked):
        assert HttpIdentity(url).verify("v1.x.y").resident is None


def test_an_identity_never_prints_itself():
    assert "김" not in repr(HttpIdentity) + _printed()


def _printed() -> str:
    with partner_that_says(json.dumps(PERSON).encode()) as (url, _asked):
        return f"{HttpIdentity(url).verify('v1.x.y')}"


def test_one_subject_is_always_one_person():
    assert person("demo-1") == person("demo-1")
    assert person("demo-1") != person("demo-2")
    assert len({person(f"new-{number}").ci for number in range(500)}) == 500


def test_people_are_plausible():
    for number in range(300):
        someone = person(f"demo-{number}")
        assert date(1940, 1, 1) <= someone.birth_date <= date(2007, 12, 31)
        assert someone.phone[:5] in {"010-0", "010-1"}
        assert len(someone.phone) == 13
        assert someone.district in SEOUL
        assert someone.address.startswith(f"서울특별시 {someone.district}")
        assert someone.resident


def test_a_subject_may_carry_a_wish():
    assert all(person(f"senior-{number}").birth_date.year <= 1955 for number in range(100))
    assert {person(f"odd-{number}").name for number in range(200)} == set(ODD_NAMES)
    assert not person("outside-1").resident
    assert person("outside-1").address.startswith("경기도")


def test_the_command_prints_an_assertion_as_its_last_line(settings, identity):
    settings.IDENTITY_SECRET = IDENTITY_SECRET
    out = StringIO()
    call_command("issue_assertion", "demo-1", stdout=out)
    assert identity.verify(out.getvalue().splitlines()[-1]).ci == person("demo-1").ci


def test_production_issues_no_assertions(settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="developer's machine"):
        call_command("issue_assertion", "demo-1")
