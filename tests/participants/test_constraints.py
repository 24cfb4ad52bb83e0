"""What the database itself refuses, whoever asks."""

from datetime import timedelta

import pytest
from django.db import IntegrityError

from participants.models import (
    Application,
    ConsentText,
    EligibilityRule,
    EvidenceDocument,
    Lane,
    Participation,
    Quota,
    RecruitmentRound,
)
from seoul_health.core import clock
from tests.participants.recruiting import add_lane, draft_round, open_lane, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def application(make_participant):
    return submitted(make_participant(is_resident=True), open_lane())


def refuses(name):
    return pytest.raises(IntegrityError, match=name)


def test_a_round_ends_after_it_starts():
    today = clock.today()

    with refuses("a_round_ends_after_it_starts"):
        RecruitmentRound.objects.create(code="x", name="x", starts_on=today, ends_on=today)


def test_a_lane_closes_after_it_opens():
    with refuses("a_lane_closes_after_it_opens"):
        add_lane(draft_round(), opens_in=timedelta(0), closes_in=timedelta(0))


def test_a_round_has_one_lane_of_a_kind():
    lane = add_lane(draft_round())

    with refuses("one_lane_per_round_and_kind"):
        Lane.objects.create(
            round=lane.round, kind=lane.kind, opens_at=lane.opens_at, closes_at=lane.closes_at
        )


def test_a_lane_has_one_quota_of_a_code():
    lane = add_lane(draft_round())

    with refuses("one_quota_per_lane_and_code"):
        Quota.objects.create(lane=lane, code="general", seats=1)


def test_a_round_has_one_rule_of_a_version():
    rule = EligibilityRule.objects.get(round=draft_round())

    with refuses("one_rule_per_round_and_version"):
        EligibilityRule.objects.create(
            round=rule.round,
            effective_from=rule.effective_from,
            reference_date=rule.reference_date,
            bases=["resident"],
        )


def test_a_person_has_one_application_to_a_round(application):
    with refuses("one_application_per_person_and_round"):
        Application.objects.create(
            participant=application.participant,
            round=application.round,
            lane=application.lane,
            basis="resident",
            receipt_no="A-X",
        )


def test_a_paper_is_one_application(application, make_participant):
    Application.objects.update(paper_no="종로-1")

    with refuses("one_application_per_paper"):
        Application.objects.create(
            participant=make_participant(),
            round=application.round,
            lane=application.lane,
            basis="resident",
            receipt_no="A-X",
            paper_no="종로-1",
        )


def test_a_content_is_one_document(application):
    paper = {"kind": "other", "media_type": "image/png", "size": 1, "sha256": "0" * 64}
    EvidenceDocument.objects.create(application=application, **paper)

    with refuses("one_document_per_content"):
        EvidenceDocument.objects.create(application=application, **paper)


def takes_part(application, **terms):
    found = application.round
    return Participation.objects.create(
        participant=application.participant,
        round=found,
        application=application,
        rule=found.rules.get(),
        basis="resident",
        starts_on=found.starts_on,
        ends_on=found.ends_on,
        **terms,
    )


def test_a_person_takes_part_once_at_a_time(application):
    takes_part(application)
    other = submitted(application.participant, open_lane(), submit=False)

    with refuses("one_live_participation_per_participant"):
        takes_part(other)


def test_a_person_takes_part_once_in_a_round(application):
    takes_part(application, status="completed")

    with refuses("one_participation_per_round|application_id"):
        takes_part(application)


def test_only_a_break_has_a_last_day(application):
    with refuses("only_a_break_has_a_last_day"):
        takes_part(application, suspended_until=application.round.ends_on)


def test_a_version_of_the_words_is_written_once():
    words = {"purpose": "health", "version": "2027-01", "title": "동의", "text": "동의"}
    ConsentText.objects.create(effective_from="2027-01-01", **words)

    with refuses("one_text_per_purpose_and_version"):
        ConsentText.objects.create(effective_from="2027-02-01", **words)
