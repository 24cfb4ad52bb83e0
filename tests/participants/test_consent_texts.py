from datetime import timedelta

import pytest
from django.db import ProgrammingError

from participants.errors import ReleasedAlready, ReleasedTooLate, UnknownConsentText
from participants.models import Consent, ConsentText
from participants.services import consent_texts, consents
from seoul_health.core import clock
from tests.conftest import JOB
from tests.participants.builders import App

pytestmark = pytest.mark.django_db


def words(version="2027-01", *, purpose="health", days=0, released=True, **fields):
    return ConsentText.objects.create(
        purpose=purpose,
        version=version,
        effective_from=clock.today() + timedelta(days=days),
        title="민감정보 동의",
        text="새 동의문",
        released_at=clock.now() if released else None,
        **{"is_required": True, **fields},
    )


def test_the_words_of_every_purpose_are_shipped():
    shipped = set(ConsentText.objects.values_list("purpose", "version", "is_required"))

    assert shipped == {
        ("service", "2026-01", True),
        ("health", "2026-01", True),
        ("third_party", "2026-01", False),
        ("marketing", "2026-01", False),
        ("service", "paper", True),
        ("health", "paper", True),
    }


@pytest.mark.parametrize("purpose", ["service", "health", "third_party", "marketing"])
def test_shipped_words_say_what_the_law_wants(purpose):
    text = ConsentText.objects.get(purpose=purpose, version="2026-01").text

    for said in ("목적", "항목", "기간", "거부"):
        assert said in text


def test_anybody_may_read_the_words_in_force():
    answer = App().get("consent-texts/")

    assert answer.status_code == 200
    assert [row["purpose"] for row in answer.json()] == [
        "service", "health", "third_party", "marketing",
    ]  # fmt: skip
    assert "public" in answer.headers["Cache-Control"]


def test_a_later_version_is_offered_from_its_day_on():
    words("2027-01", days=1)
    words("2026-12")

    answer = App().get("consent-texts/").json()

    assert {row["purpose"]: row["version"] for row in answer}["health"] == "2026-12"


def test_an_older_version_can_still_be_read():
    words()

    answer = App().get("consent-texts/health/2026-01/")

    assert answer.json()["version"] == "2026-01"


@pytest.mark.parametrize("path", ["health/2099-01/", "everything/2026-01/"])
def test_words_nobody_wrote_are_not_found(path):
    assert App().get(f"consent-texts/{path}").status_code == 404


def test_nobody_agrees_to_words_nobody_wrote(walker):
    answer = App(walker).post("me/consents/", {"purpose": "marketing", "version": "9"})

    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_consent_text")
    assert not Consent.objects.exists()


@pytest.mark.parametrize("draft", [{"released": False}, {"days": 1}])
def test_nobody_agrees_before_the_words_are_in_force(walker, draft):
    words(**draft)

    with pytest.raises(UnknownConsentText):
        consents.give(walker, purpose="health", version="2027-01", by=walker)

    assert not Consent.objects.exists()


def agree(walker, version="2026-01", purpose="health"):
    consents.give(walker, purpose=purpose, version=version, by=walker)


def asked(walker):
    return [text.version for text in consent_texts.to_agree(walker)]


def test_new_required_words_are_a_task(walker):
    agree(walker)
    assert asked(walker) == []

    words()

    tasks = App(walker).get("me/home/").json()["tasks"]
    assert [task["code"] for task in tasks] == ["agree_consent"]
    agree(walker, "2027-01")
    assert asked(walker) == []


def test_new_voluntary_words_are_no_task(walker):
    agree(walker, purpose="marketing")

    words(purpose="marketing", is_required=False)

    assert asked(walker) == []


def test_who_never_agreed_is_not_asked_for_the_new_version(walker):
    words()

    assert asked(walker) == []


def test_the_printed_words_are_as_new_as_those_of_their_day(walker):
    agree(walker, "paper")

    assert asked(walker) == []


def test_people_with_older_words_are_counted(walker, make_participant):
    agree(walker)
    agree(make_participant(phone="010-5555-0003"))
    newer = words()
    agree(walker, "2027-01")

    assert consent_texts.agreed_to(newer) == {"agreed": 1, "outdated": 1}


def test_released_words_never_change():
    with pytest.raises(ProgrammingError, match="update or delete"):
        ConsentText.objects.filter(version="2026-01").update(text="다른 말")


def test_released_words_cannot_be_removed():
    with pytest.raises(ProgrammingError, match="update or delete"):
        ConsentText.objects.filter(version="2026-01").delete()


def test_words_are_released_once():
    draft = words(released=False)

    consent_texts.release(draft, by=JOB)

    with pytest.raises(ReleasedAlready):
        consent_texts.release(draft, by=JOB)
    assert ConsentText.objects.get(pk=draft.pk).released_at is not None


def test_words_are_not_released_for_a_day_in_the_past():
    draft = words(released=False, days=-1)

    with pytest.raises(ReleasedTooLate):
        consent_texts.release(draft, by=JOB)

    assert ConsentText.objects.get(pk=draft.pk).released_at is None


def test_the_privacy_officer_writes_and_releases_words(client_of):
    draft = words(released=False)
    officer = client_of("privacy_officer")
    page = f"/admin/participants/consenttext/{draft.pk}/"

    assert 'name="text"' in officer.get(f"{page}change/").content.decode()
    assert officer.post(f"{page}act/release/").status_code == 302
    assert ConsentText.objects.get(pk=draft.pk).released_at is not None
    assert 'name="text"' not in officer.get(f"{page}change/").content.decode()


def test_others_may_not_release_words(client_of):
    draft = words(released=False)

    page = f"/admin/participants/consenttext/{draft.pk}/act/release/"

    assert client_of("recruitment_officer").post(page).status_code == 403
    assert ConsentText.objects.get(pk=draft.pk).released_at is None
