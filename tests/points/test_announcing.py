"""People are told of points that will expire, in their own numbers, 92, 30 and 7 days ahead."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction

from participants.models import Notification
from points.models import ExpiryAnnouncement, ExpiryForecast, ExpiryRun
from points.services import announcing
from points.services.announcing import announce_due
from points.services.forecasts import count_expiry, preview
from seoul_health.core import clock
from tests.conftest import JOB
from tests.points.builders import give

pytestmark = pytest.mark.django_db
AUGUST_31 = date(2026, 8, 31)  # 92 days before December.


def on(day):
    return time_machine.travel(clock.day_starts(day) + timedelta(hours=9), tick=False)


@pytest.fixture
def december(walker):
    """300 points that expire on 6 December, 200 on the 21st, 50 in January."""
    for amount, day in ((300, date(2025, 12, 5)), (200, date(2025, 12, 20))):
        give(walker, amount, day)
    give(walker, 50, date(2026, 1, 20))
    return walker


def told():
    return list(Notification.objects.order_by("pk").values_list("key", "values"))


def test_a_person_is_told_what_a_month_will_take(december):
    with on(AUGUST_31):
        assert announce_due() == 1

    ((key, values),) = told()
    assert values == {"month": "2026년 12월", "points": "500", "first_on": "2026년 12월 6일"}
    assert key.startswith("points_expiring:")
    assert key.endswith(":2026-12:92")


def test_each_step_tells_once(december):
    for day in (AUGUST_31, AUGUST_31, date(2026, 11, 1), date(2026, 11, 2), date(2026, 11, 24)):
        with on(day):
            announce_due()

    keys = [key.split(":", 2)[2] for key, _ in told()]
    assert keys == ["2026-12:92", "2026-12:30", "2027-01:92", "2026-12:7"]


def test_nobody_is_told_of_points_they_have_spent(december):
    from tests.points.test_lots import spend

    spend(december, 500)
    with on(AUGUST_31):
        assert announce_due() == 0
    announcement = ExpiryAnnouncement.objects.get(month=date(2026, 12, 1))
    assert (announcement.people, announcement.finished_at is None) == (0, False)


def test_a_telling_that_was_killed_goes_on_where_it_was(make_participant, monkeypatch):
    for _ in range(3):
        give(make_participant(), 300, date(2025, 12, 5))
    monkeypatch.setattr(announcing, "PURSES_PER_CHUNK", 2)
    with on(AUGUST_31):
        announcement = announcing.due_announcements()[-1]
        assert announcing.announce_chunk(announcement)
        assert announce_due() == 3

    assert Notification.objects.count() == 3


def test_the_count_tells_people_and_points_by_day_and_month(december, make_participant):
    give(make_participant(), 1_000, date(2025, 12, 5))
    with on(AUGUST_31):
        forecast = count_expiry(by=JOB)

    assert forecast.months == [
        {"month": "2026-12-01", "people": 2, "points": 1_500},
        {"month": "2027-01-01", "people": 1, "points": 50},
    ]
    assert forecast.days == [
        {"on": "2026-12-06", "people": 2, "points": 1_300, "first_time": 2},
        {"on": "2026-12-21", "people": 1, "points": 200, "first_time": 0},
        {"on": "2027-01-21", "people": 1, "points": 50, "first_time": 0},
    ]
    found = preview(forecast, date(2026, 12, 31))
    assert (found.people, found.points) == (2, 1_500)
    assert ExpiryForecast.objects.count() == 1


def test_the_preview_is_what_the_run_takes(december):
    from points.services.expiry import expire_points

    with on(date(2026, 12, 10)):
        found = preview(count_expiry(by=JOB), date(2026, 12, 10))
        run = expire_points(by=JOB)
    assert (run.people, run.points) == (found.people, found.points) == (1, 300)


def violates(name, act):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        act()


def test_the_database_keeps_runs_and_announcements_apart():
    month = date(2026, 12, 1)
    ExpiryAnnouncement.objects.create(month=month, days_ahead=30)
    ExpiryRun.objects.create(day=month, asked_by="x")

    violates(
        "a_month_is_announced_once_per_step",
        lambda: ExpiryAnnouncement.objects.create(month=month, days_ahead=30),
    )
    violates(
        "an_announcement_is_of_a_whole_month",
        lambda: ExpiryAnnouncement.objects.create(month=date(2026, 12, 2), days_ahead=30),
    )
    violates("one_running_expiry", lambda: ExpiryRun.objects.create(day=month, asked_by="x"))
    violates("a_finished_expiry_says_when", lambda: ExpiryRun.objects.update(status="done"))
