"""The nightly look at everybody's day."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import translation

from devices.models import SyncReceipt
from participants.models import Notification
from points.errors import PeriodNotOver
from points.models import Award, Hold, SignalScan
from points.rules.signals import sentence
from points.services import doubts, scans
from points.services.awards import judge_days
from points.services.hold_appeals import file_appeal
from points.services.holding import hold_day, release_hold
from points.services.proof import prove
from points.services.scans import begin, scan_day, scan_range
from points.services.settlement import settle_day
from seoul_health.core import audit
from seoul_health.core.models import AuditEvent
from tests.conftest import JOB
from tests.points.builders import ERA, at, sample, take_part, upload, walk
from tests.points.holding import shake

pytestmark = pytest.mark.django_db
NEXT = ERA + timedelta(days=1)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def members(make_participant):
    people = [make_participant() for _ in range(4)]
    for person in people:
        take_part(person)
    return people


def test_a_shaken_day_is_put_on_hold_with_its_numbers(walker):
    shake(walker, ERA)
    scan = scan_day(ERA, by=JOB)

    assert (scan.status, scan.walkers, scan.raised) == ("done", 1, 1)
    hold = Hold.objects.get()
    assert (hold.signal, hold.status, hold.first_day, hold.last_day) == (
        "shaker", "open", ERA, ERA,
    )  # fmt: skip
    numbers = hold.evidence[str(ERA)]
    assert (numbers["minutes"], numbers["cadence"], numbers["score"]) == (240, 112, 56)
    assert sentence(hold.signal, numbers).startswith("For 240 minutes")
    assert Notification.objects.get().template.code == "hold_raised"
    assert AuditEvent.objects.filter(verb="raised", subject=audit.subject_of(hold)).count() == 1


def test_a_held_day_is_not_awarded_by_the_night(walker):
    shake(walker, ERA)
    scan_day(ERA, by=JOB)

    assert settle_day(ERA, by=JOB).posted == 0
    assert not Award.objects.exists()
    assert prove(by=JOB).ok


def test_an_ordinary_day_is_left_alone(walker):
    walk(walker, ERA, 12_000)
    scan = scan_day(ERA, by=JOB)

    assert (scan.walkers, scan.raised) == (1, 0)
    assert not Hold.objects.exists()


def test_a_second_scan_raises_nothing_new(walker, make_staff):
    shake(walker, ERA)
    scan_day(ERA, by=JOB)
    assert scan_day(ERA, by=JOB).raised == 1
    release_hold(Hold.objects.get(), why="a treadmill", by=make_staff("finance_approver"))
    scan_day(ERA, by=JOB)

    assert Hold.objects.count() == 1
    assert Hold.objects.get().status == "released"


def test_a_hold_goes_on_for_the_next_day(walker):
    for day in (ERA, NEXT):
        shake(walker, day)
        scan_day(day, by=JOB)

    hold = Hold.objects.get()
    assert (hold.first_day, hold.last_day) == (ERA, NEXT)
    assert sorted(hold.evidence) == [str(ERA), str(NEXT)]
    assert Notification.objects.count() == 1


def test_a_day_between_is_not_held(walker):
    later = ERA + timedelta(days=2)
    for day in (ERA, later):
        shake(walker, day)
        scan_day(day, by=JOB)

    spans = Hold.objects.order_by("first_day").values_list("first_day", "last_day")
    assert list(spans) == [(ERA, ERA), (later, later)]


def test_a_hold_the_citizen_answered_to_is_not_made_longer(walker):
    shake(walker, ERA)
    scan_day(ERA, by=JOB)
    file_appeal(Hold.objects.get(), text="I walked", by=walker)
    shake(walker, NEXT)
    scan_day(NEXT, by=JOB)

    assert Hold.objects.count() == 2


def test_a_day_outside_every_participation_is_nobodys_business(make_participant):
    shake(make_participant(), ERA)

    assert scan_day(ERA, by=JOB).raised == 0


def test_an_award_made_before_the_scan_is_no_gap(walker):
    shake(walker, ERA)
    judge_days(walker, [ERA], by=JOB)
    scan_day(ERA, by=JOB)
    shake(walker, NEXT)
    judge_days(walker, [NEXT], by=JOB)
    scan_day(NEXT, by=JOB)

    assert Hold.objects.get().last_day == NEXT
    assert prove(by=JOB).ok


def test_a_scan_carries_on_behind_the_last_person(members, monkeypatch):
    for beat, person in enumerate(members, start=110):
        shake(person, ERA, beat=beat)
    monkeypatch.setattr(doubts, "PEOPLE_PER_CHUNK", 3)
    scan = begin(ERA, by=JOB)
    assert scan_range(scan)
    scan.refresh_from_db()
    assert (scan.walkers, scan.raised, Hold.objects.count()) == (3, 3, 3)

    assert scan_day(ERA, by=JOB).walkers == 4
    assert Hold.objects.count() == 4


def test_a_quiet_range_costs_few_questions(members, django_assert_num_queries):
    for person in members:
        walk(person, ERA, 8_000)
    scan = begin(ERA, by=JOB)

    with django_assert_num_queries(9):
        assert scan_range(scan)


def test_a_day_is_scanned_once_it_is_over(walker):
    with time_machine.travel(f"{ERA} 23:00+09:00", tick=False), pytest.raises(PeriodNotOver):
        scan_day(ERA, by=JOB)
    assert not SignalScan.objects.exists()


def test_one_device_of_many_members_is_doubtful(members):
    for person in members:
        walk_with(person, "WATCH-1")

    scan = scan_day(ERA, by=JOB)
    assert scan.raised == 4
    hold = Hold.objects.first()
    assert (hold.signal, hold.evidence[str(ERA)]["members"]) == ("shared_device", 4)
    assert len(set(SyncReceipt.objects.values_list("device_key", flat=True))) == 1


def test_two_members_may_share_a_device(members):
    for person in members[:2]:
        walk_with(person, "PHONE-1")
    walk_with(members[2], "PHONE-2")
    walk_with(members[3], "")

    assert scan_day(ERA, by=JOB).raised == 0


def test_the_same_records_of_two_members_are_doubtful(members):
    items = [
        {"start": at(ERA, 9, n).isoformat(), "end": at(ERA, 9, n + 1).isoformat(), "steps": 90 + n}
        for n in range(60)
    ]
    for person in members[:2]:
        receive(person, items)
    receive(members[2], items[:59])

    assert scan_day(ERA, by=JOB).raised == 2
    assert set(Hold.objects.values_list("signal", flat=True)) == {"same_steps"}


def test_equal_hours_are_held_on_the_fourth_such_day(walker):
    for n in range(4):
        items = [sample(ERA + timedelta(days=n), 2_000, hour=h, hours=1) for h in range(9, 15)]
        receive(walker, items, day=ERA + timedelta(days=n))
    last = ERA + timedelta(days=3)

    assert scan_day(last - timedelta(days=1), by=JOB).raised == 0
    assert scan_day(last, by=JOB).raised == 1
    assert Hold.objects.get().evidence[str(last)]["days"] == 4


def test_an_hour_faster_than_a_runner_is_held(walker):
    shake(walker, ERA, minutes=60, beat=210)
    scan_day(ERA, by=JOB)

    assert Hold.objects.get().evidence[str(ERA)]["cadence"] == 210


def test_thresholds_are_settings(walker, settings):
    walk(walker, ERA, 8_000)
    settings.SIGNAL_LIMITS = {"awake_hour_steps": 1_000, "awake_hours": 4}
    scan_day(ERA, by=JOB)

    assert Hold.objects.get().signal == "no_rest"


def test_the_gravest_doubt_of_a_signal_counts(walker):
    shake(walker, ERA)
    shake(walker, ERA, minutes=300, source="phone")
    scan_day(ERA, by=JOB)

    assert Hold.objects.get().evidence[str(ERA)]["minutes"] == 300


def test_nothing_doubtful_holds_nothing():
    assert hold_day(ERA, {}) == 0
    assert scans.hold_all(ERA, []) == 0


def walk_with(person, device):
    receive(person, [sample(ERA, 8_000 + person.pk % 7)], device_id=device)


def receive(person, items, *, day=ERA, **fields):
    from devices.services.walking import receive_steps

    receive_steps(person, upload(*items, **fields), received_at=at(day, 23, 59))
