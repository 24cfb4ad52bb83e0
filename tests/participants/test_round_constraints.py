"""What the database itself refuses of rounds, draws, messages and lists, whoever asks."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from participants.models import (
    ApprovalBatch,
    Draw,
    FairnessLine,
    FairnessReport,
    NotificationTemplate,
    Quota,
    RoundChange,
)
from seoul_health.core import clock
from tests.participants.recruiting import open_lane, thawed

pytestmark = pytest.mark.django_db


@pytest.fixture
def lane(db):
    return open_lane()


@pytest.fixture
def clerk(make_staff):
    return make_staff("recruitment_officer")


def violates(name, act):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        act()


def test_a_quota_closes_after_it_opens(lane):
    now = clock.now()
    with thawed():
        violates(
            "a_quota_closes_after_it_opens",
            lambda: Quota.objects.filter(lane=lane).update(opens_at=now, closes_at=now),
        )


def drawn(lane, **fields):
    terms = {
        "seed_source": "로또",
        "seed_form": "digits",
        "seed_due_on": clock.today(),
        "frozen_at": clock.now(),
    }
    return Draw.objects.create(lane=lane, **{**terms, **fields})


def test_a_draw_is_made_once_and_in_its_order(lane, clerk, make_staff):
    other, now = make_staff("recruitment_officer"), clock.now()
    seeded = {"seed": "123456", "first_seed_by": clerk, "second_seed_by": other}

    violates("a_draw_has_a_seed_once_it_is_seeded", lambda: drawn(lane, status="seeded"))
    violates("a_draw_has_a_seed_once_it_is_seeded", lambda: drawn(lane, seed="123456"))
    violates(
        "a_seed_takes_two_people",
        lambda: drawn(lane, **{**seeded, "second_seed_by": clerk, "status": "seeded"}),
    )
    violates("a_draw_has_a_result_once_it_is_drawn", lambda: drawn(lane, **seeded, status="drawn"))
    result = {"drawn_at": now, "result_sha256": "0" * 64}
    violates(
        "a_draw_is_carried_out_once_it_is_published",
        lambda: drawn(lane, **seeded, **result, status="published"),
    )
    violates(
        "a_draw_is_carried_out_once_it_is_published",
        lambda: drawn(lane, **seeded, **result, status="drawn", applied_at=now),
    )
    draw = drawn(lane)
    violates("one_draw_per_lane", lambda: drawn(lane))

    quota = lane.quotas.get()
    pot = {"quota": quota, "code": quota.code, "group": quota.group, "seats": 1, "applied": 0}
    draw.pots.create(**pot, spill_order=0, roster=[])
    violates(
        "one_pot_per_draw_and_quota", lambda: draw.pots.create(**pot, spill_order=0, roster=[])
    )


def test_a_template_is_numbered_and_says_something():
    known = NotificationTemplate.objects.first()
    same = {"code": known.code, "version": known.version, "category": known.category, "title": "x"}

    violates(
        "one_template_per_code_and_version",
        lambda: NotificationTemplate.objects.create(**same, push="x"),
    )
    violates(
        "a_template_speaks_on_some_channel",
        lambda: NotificationTemplate.objects.create(**{**same, "version": 99}),
    )


def test_only_an_approved_list_is_worked_off(lane, clerk):
    violates(
        "only_an_approved_batch_finishes",
        lambda: ApprovalBatch.objects.create(
            round=lane.round,
            rule=lane.round.rules.get(),
            count=1,
            list_hash="0" * 64,
            proposed_by=clerk,
            finished_at=clock.now(),
        ),
    )


def test_a_change_of_a_round_is_decided_by_name_and_one_at_a_time(lane, clerk):
    terms = {
        "round": lane.round,
        "kind": "window",
        "lane": lane,
        "closed_at_before": lane.closes_at,
        "closes_at": lane.closes_at + timedelta(days=1),
        "reason": "신청이 몰려 연장합니다.",
        "proposed_by": clerk,
    }

    violates(
        "a_decided_change_says_who_and_when",
        lambda: RoundChange.objects.create(**terms, status="dropped"),
    )
    RoundChange.objects.create(**terms)
    violates("one_open_change_per_lane", lambda: RoundChange.objects.create(**terms))


def test_a_round_is_counted_once_at_a_time_and_sums_hold(lane, clerk):
    report = FairnessReport.objects.create(round=lane.round, asked_by=clerk)
    violates(
        "one_count_of_a_round_at_a_time",
        lambda: FairnessReport.objects.create(round=lane.round, asked_by=clerk),
    )
    line = {"report": report, "lane": lane, "dimension": "lane", "value": "x", "by_lot": 0}
    violates(
        "seated_are_eligible_and_applied",
        lambda: FairnessLine.objects.create(**line, applied=1, eligible=1, seated=2),
    )
    violates(
        "seated_are_eligible_and_applied",
        lambda: FairnessLine.objects.create(**line, applied=1, eligible=2, seated=1),
    )
