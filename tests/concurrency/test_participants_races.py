"""Many people at one counter, at the same moment."""

import itertools
import threading

import pytest

from participants.models import (
    Application,
    AppToken,
    Consent,
    EvidenceDocument,
    Participant,
    Participation,
)
from participants.services import (
    applications,
    consents,
    evidence,
    participations,
    rounds,
    selection,
    tokens,
)
from participants.services.identity import sign_in
from seoul_health.core.models import AuditEvent
from tests.conftest import JOB
from tests.participants.builders import Provider, identity
from tests.participants.papers import picture
from tests.participants.recruiting import add_lane, approved, draft_round, open_lane, submitted
from tests.race import race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.serial]
PNG = picture(kind="PNG")


@pytest.fixture
def person(make_participant):
    return make_participant(is_resident=True)


def test_one_person_on_ten_phones_applies_once(person):
    lane = open_lane()

    assert race(lambda: submitted(person, lane), runners=10) == ["AlreadyApplied"] * 9 + ["ok"]
    assert Application.objects.count() == 1
    assert Consent.objects.count() == 2


def test_forty_people_for_ten_seats_fill_exactly_ten(make_participant):
    lane = open_lane(seats=10)
    people = [make_participant(is_resident=True) for _ in range(40)]
    turn = itertools.count()
    turns = threading.Lock()

    def come():
        with turns:
            person = people[next(turn)]
        approved(person, lane)
        selection.select_lane(lane, by=JOB)

    assert race(come, runners=40) == ["ok"] * 40
    selection.select_lane(lane, by=JOB)

    in_order = Application.objects.order_by("sequence").values_list("status", flat=True)
    assert list(in_order) == ["selected"] * 10 + ["waitlisted"] * 30
    assert AuditEvent.objects.filter(verb="selected").count() == 10


def test_two_selections_at_once_give_each_seat_once(make_participant):
    lane = open_lane(seats=3)
    for _ in range(8):
        approved(make_participant(is_resident=True), lane)

    assert race(lambda: selection.select_lane(lane, by=JOB), runners=6) == ["ok"] * 6
    assert Application.objects.filter(status="selected").count() == 3


def test_an_application_is_submitted_once(person):
    draft = submitted(person, open_lane(), submit=False)

    def submit():
        applications.submit(Application.objects.get(pk=draft.pk), by=person)

    outcomes = race(submit, runners=4)
    assert outcomes.count("ok") == 1
    assert AuditEvent.objects.filter(verb="submitted").count() == 1


def test_approval_and_withdrawal_do_not_both_happen_last(person):
    application = submitted(person, open_lane())
    acts = iter(
        [
            lambda row: applications.approve(row, by=JOB),
            lambda row: applications.reject(row, by=JOB, reason="서류가 다릅니다."),
        ]
    )

    def decide():
        next(acts)(Application.objects.get(pk=application.pk))

    assert race(decide) == ["IllegalMove", "ok"]
    assert AuditEvent.objects.filter(verb__in=["approved", "rejected"]).count() == 1


def test_a_seat_is_taken_once(person):
    lane = open_lane()
    approved(person, lane)
    selection.select_lane(lane, by=JOB)

    def confirm():
        participations.confirm(Application.objects.get(), by=person)

    assert race(confirm, runners=4) == ["IllegalMove"] * 3 + ["ok"]
    assert Participation.objects.count() == 1


def test_two_offers_taken_at_once_make_one_participation(person):
    for lane in (open_lane(), open_lane()):
        approved(person, lane)
        selection.select_lane(lane, by=JOB)
    offers = iter(list(Application.objects.all()))

    outcomes = race(lambda: participations.confirm(next(offers), by=person))

    assert outcomes == ["AlreadyTakingPart", "ok"]
    assert Participation.objects.count() == 1
    assert Application.objects.filter(status="confirmed").count() == 1


def test_a_first_sight_on_several_devices_is_one_participant():
    provider = Provider(identity(ci="twin"))

    def enter():
        sign_in("signed", provider=provider, device="phone")

    assert race(enter, runners=6) == ["ok"] * 6
    assert Participant.objects.count() == 1
    assert AuditEvent.objects.filter(verb="joined").count() == 1


def test_one_refresh_key_used_twice_at_once_ends_the_family(person):
    pair = tokens.issue(person, device="phone")

    assert race(lambda: tokens.refresh(pair.refresh)) == ["TokenRefused", "ok"]
    assert not AppToken.objects.filter(revoked_at=None).exists()


def test_one_paper_sent_twice_at_once_is_one_document(person):
    application = submitted(person, open_lane(), basis="worker")

    def attach():
        evidence.attach(
            application, kind="employment", content=PNG, claimed_type="image/png", by=person
        )

    assert race(attach, runners=4) == ["ok"] * 4
    assert EvidenceDocument.objects.count() == 1


def test_a_consent_given_twice_at_once_is_one(person):
    def give():
        consents.give(person, purpose="marketing", version="2026-01", by=person)

    assert race(give, runners=4) == ["ok"] * 4
    assert Consent.objects.count() == 1


def test_two_sweeps_turn_a_round_once():
    found = draft_round()
    add_lane(found)
    rounds.announce(found, by=JOB)

    assert race(lambda: rounds.turn_rounds(by=JOB), runners=3) == ["ok"] * 3
    assert AuditEvent.objects.filter(verb="open").count() == 1
