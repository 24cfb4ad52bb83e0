import uuid
from datetime import timedelta

import pytest

from devices.models import Reading
from devices.services.keys import issue_site_key, revoke_key
from seoul_health.core import clock
from tests.conftest import JOB
from tests.participants.builders import App

from .builders import make_site
from .measuring import agree, make_instrument, pressure, record, told


@pytest.fixture
def person(walker):
    return agree(walker)


@pytest.fixture
def zone(db):
    site = make_site()
    key, secret = issue_site_key(site, name="혈압계 단말", by=JOB)
    return site, key, secret


def send(site, secret, *rows, key=""):
    headers = {"Idempotency-Key": key or str(uuid.uuid4())}
    if secret:
        headers["X-Site-Key"] = secret
    return App().client.post(
        f"/api/v1/sites/{site.public_id}/readings/", {"readings": list(rows)}, headers=headers
    )


def row(person, **changes):
    at = clock.now() - timedelta(minutes=3)
    told_ = {
        "participant": person.number,
        "kind": "systolic",
        "value": 121,
        "unit": "mmHg",
        "measured_at": at.isoformat(),
    }
    return {**told_, **changes}


def test_an_instrument_tells_what_it_measured(zone, person):
    site, key, secret = zone
    instrument = make_instrument(site=site)

    answer = send(site, secret, row(person, instrument=instrument.serial))

    assert answer.status_code == 202
    (item,) = answer.json()["items"]
    assert (item["outcome"], item["value"]) == ("accepted", "121.0")
    kept = Reading.objects.get()
    assert (kept.channel, kept.recorded_by, kept.instrument) == ("site", key.actor_name, instrument)


def test_the_same_call_again_keeps_one(zone, person):
    site, _key, secret = zone
    body, key = row(person), str(uuid.uuid4())

    first, again = send(site, secret, body, key=key), send(site, secret, body, key=key)

    assert first.json() == again.json()
    assert Reading.objects.count() == 1


def test_a_wrong_unit_is_answered_with_the_likely_one(zone, person):
    site, _key, secret = zone

    (item,) = send(site, secret, row(person, value=16.2)).json()["items"]

    assert (item["outcome"], item["reason"], item["suggested_unit"]) == (
        "rejected",
        "other_unit",
        "kPa",
    )
    assert Reading.objects.count() == 0


def test_good_rows_are_kept_beside_bad_ones(zone, person):
    site, _key, secret = zone
    bad = row(person, kind="weight", unit="kg", value="-3")

    items = send(site, secret, row(person), bad, row(person, participant="P-404")).json()["items"]

    assert [item["reason"] for item in items] == ["", "out_of_range", "unknown_person"]
    assert Reading.objects.count() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"value": "1e3"},
        {"value": "１２０"},
        {"value": True},
        {"value": None},
        {"value": [120]},
        {"measured_at": "2026-11-23 09:00"},
        {"measured_at": "2026-11-23T09:00:00"},
        {"participant": 7},
        {"kind": ""},
        {"sex": "x"},
    ],
    ids=["exponent", "wide-digits", "true", "null", "list", "no-t", "no-offset", "number", "empty",
         "sex"],
)  # fmt: skip
def test_a_row_of_another_shape_is_400_and_nothing_is_kept(zone, person, changes):
    site, _key, secret = zone

    answer = send(site, secret, row(person), row(person, **changes))

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert Reading.objects.count() == 0


@pytest.mark.parametrize("body", [{}, {"readings": []}, {"readings": "x"}, [], {"readings": [1]}])
def test_a_body_of_another_shape_is_400(zone, body):
    site, _key, secret = zone
    headers = {"Idempotency-Key": str(uuid.uuid4()), "X-Site-Key": secret}

    answer = App().client.post(f"/api/v1/sites/{site.public_id}/readings/", body, headers=headers)

    assert answer.status_code == 400


def test_five_hundred_rows_are_the_most(zone, person):
    site, _key, secret = zone

    assert send(site, secret, *[row(person)] * 501).status_code == 400


def test_without_a_key_or_with_another_sites_key_nothing_is_told(zone, person):
    site, key, secret = zone
    elsewhere = make_site("mapo")

    assert send(site, "", row(person)).status_code == 401
    assert send(site, "sk_wrong", row(person)).status_code == 401
    assert send(elsewhere, secret, row(person)).status_code == 404
    revoke_key(key, by=JOB)
    assert send(site, secret, row(person)).status_code == 401
    assert Reading.objects.count() == 0


def test_i_see_my_readings_with_their_bands(
    person, make_participant, django_assert_max_num_queries
):
    pressure(person, 128, 78)
    record(told(agree(make_participant()), "weight", "70"))

    with django_assert_max_num_queries(6):
        body = App(person).get("me/readings/").json()

    assert {(row["kind"], row["value"], row["unit"]) for row in body["results"]} == {
        ("systolic", "128.0", "mmHg"),
        ("diastolic", "78.0", "mmHg"),
    }
    upper = [band for band in body["bands"] if band["kind"] == "systolic"]
    assert [(band["side"], band["value"], band["level"]) for band in upper] == [
        ("below", "90.0", 2),
        ("from", "130.0", 1),
        ("from", "160.0", 2),
        ("from", "180.0", 3),
    ]
    assert "2022" in upper[0]["guideline"]


def test_readings_are_asked_for_by_kind_and_days(person):
    pressure(person, 128, 78)
    pressure(person, 131, 79, measured_at=clock.now() - timedelta(days=40))
    today = clock.today().isoformat()

    body = App(person).get("me/readings/", kind="systolic", **{"from": today}).json()

    assert [row["value"] for row in body["results"]] == ["128.0"]


@pytest.mark.parametrize("query", [{"kind": "mood"}, {"from": "yesterday"}, {"cursor": "x"}])
def test_a_question_of_another_shape_is_400(person, query):
    assert App(person).get("me/readings/", **query).status_code == 400


def test_a_guest_has_no_readings(db):
    assert App().get("me/readings/").status_code == 401
