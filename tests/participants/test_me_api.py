import pytest
from django.db import IntegrityError

from participants.models import Consent, Participant, Profile
from participants.services import consents, participations, selection
from participants.services.identity import recognise
from participants.services.profiles import change_contact
from seoul_health.core.models import AuditEvent
from tests.conftest import JOB
from tests.participants.builders import App, identity
from tests.participants.recruiting import approved, open_lane

pytestmark = pytest.mark.django_db


@pytest.fixture
def me(make_participant):
    return make_participant(is_resident=True)


@pytest.fixture
def app(me):
    return App(me)


def taking_part(me):
    application = approved(me, open_lane())
    selection.select_lane(application.lane, by=JOB)
    application.refresh_from_db()
    return participations.confirm(application, by=me)


def test_people_see_their_own_data_unmasked(app, me):
    body = app.get("me/").json()

    assert body == {
        "id": str(me.public_id),
        "number": me.number,
        "verified": True,
        "is_resident": True,
        "name": "김걷기",
        "phone": "010-1234-5678",
        "birth_date": "1980-05-17",
        "address": "서울특별시 종로구 세종대로 209",
        "district": "종로구",
        "joined_at": body["joined_at"],
        "participation": None,
    }


def test_a_live_participation_is_shown(app, me):
    participation = taking_part(me)

    shown = app.get("me/").json()["participation"]

    assert shown["id"] == str(participation.public_id)
    assert (shown["round"], shown["status"]) == (participation.round.code, "active")


def test_a_phone_is_changed_and_found_again(app, me):
    answer = app.patch("me/", {"phone": "+82 10-0987-6543"})

    assert (answer.status_code, answer.json()["phone"]) == (200, "010-0987-6543")
    assert Participant.objects.with_phone("010-0987-6543").get() == me
    assert not Participant.objects.with_phone("010-1234-5678").exists()
    event = AuditEvent.objects.get(verb="contact_changed")
    assert event.detail == {"fields": ["phone"]}


def test_an_address_is_changed(app):
    answer = app.patch("me/", {"address": "서울특별시 은평구 은평로 1"})

    assert answer.json()["address"] == "서울특별시 은평구 은평로 1"
    assert Profile.objects.get().phone == "010-1234-5678"


@pytest.mark.parametrize(
    "phone",
    [
        "010-１２３４-5678",
        "12",
        "",
        None,
        1012345678,
        ["010-1234-5678"],
        "010-1234-5678;",
        "+1 202 555 0100",
    ],
)
def test_a_phone_that_is_none_is_refused(app, phone):
    answer = app.patch("me/", {"phone": phone})

    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == ["phone"]
    assert Profile.objects.get().phone == "010-1234-5678"


@pytest.mark.parametrize(
    "address", ["\u200b\u200b", "", "a" * 201, "서울\u202e구로", "e" + "\u0301" * 30, 7, {}]
)
def test_an_address_nobody_can_read_is_refused(app, address):
    answer = app.patch("me/", {"address": address})

    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["address"])
    assert Profile.objects.get().address == "서울특별시 종로구 세종대로 209"


def test_nothing_else_can_be_changed(app, me):
    body = {"name": "가짜", "number": "P-1", "verified": False, "is_resident": False, "id": "x"}

    answer = app.patch("me/", body)

    assert answer.status_code == 200
    me.refresh_from_db()
    assert (me.is_resident, me.profile.name, me.is_verified) == (True, "김걷기", True)


def test_the_same_key_changes_once(app):
    key = "0b1d2a30-0000-4000-8000-000000000001"
    app.patch("me/", {"phone": "010-0987-6543"}, key=key)

    again = app.patch("me/", {"phone": "010-0987-6543"}, key=key)

    assert again.headers["Idempotency-Replayed"] == "true"
    assert AuditEvent.objects.filter(verb="contact_changed").count() == 1


def test_a_consent_is_given_once_per_version(app, me):
    app.post("me/consents/", {"purpose": "marketing", "version": "2026-01"})
    answer = app.post("me/consents/", {"purpose": "marketing", "version": "2026-01"})

    assert answer.status_code == 201
    assert [row["purpose"] for row in answer.json()] == ["marketing"]
    consent = Consent.objects.get()
    assert (consent.participant, consent.recorded_by) == (me, f"participant:{me.number}")


def test_a_consent_is_taken_back_and_given_anew(app):
    yes = {"purpose": "marketing", "version": "2026-01"}
    app.post("me/consents/", yes)
    app.post("me/consents/", {**yes, "given": False})
    assert Consent.objects.get().withdrawn_at is not None

    app.post("me/consents/", yes)

    listed = app.get("me/consents/").json()["results"]
    assert [row["withdrawn_at"] is None for row in listed] == [True, False]


def test_the_needed_consents_stay_while_taking_part(app, me):
    taking_part(me)

    answer = app.post("me/consents/", {"purpose": "health", "version": "2026-01", "given": False})

    assert (answer.status_code, answer.json()["code"]) == (422, "consent_kept")
    assert consents.has_given(me, "health")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"purpose": "everything", "version": "1"},
        {"purpose": "marketing"},
        {"purpose": "marketing", "version": 1},
        {"purpose": "marketing", "version": "1", "given": "false"},
        {"purpose": "marketing", "version": "1" * 13},
        {"purpose": ["marketing"], "version": "1"},
    ],
)
def test_a_malformed_consent_is_refused(app, body):
    answer = app.post("me/consents/", body)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert not Consent.objects.exists()


def test_others_consents_are_not_listed(app, make_participant):
    other = make_participant()
    consents.give(other, purpose="marketing", version="2026-01", by=other)

    assert app.get("me/consents/").json()["results"] == []


def test_the_database_keeps_one_live_consent(me):
    yes = {"purpose": "health", "version": "1", "recorded_by": "system:tests"}
    Consent.objects.create(participant=me, **yes)

    with pytest.raises(IntegrityError, match="one_live_consent_per_purpose_and_version"):
        Consent.objects.create(participant=me, **yes)


def test_a_district_changed_by_hand_is_no_longer_confirmed(app, me):
    app.patch("me/", {"district": "중구"})

    me.refresh_from_db()
    assert (me.district, me.is_resident, me.is_verified) == ("중구", None, True)


def test_the_same_district_stays_confirmed(app, me):
    app.patch("me/", {"district": me.district})

    me.refresh_from_db()
    assert me.is_resident is True
    assert not AuditEvent.objects.filter(verb="contact_changed").exists()


def test_the_provider_confirms_the_registered_district_again():
    person = identity(district="종로구")
    found = recognise(person)
    change_contact(found, by=found, district="중구")

    known = recognise(person)

    assert (known.district, known.is_resident) == ("종로구", True)
