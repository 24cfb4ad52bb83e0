"""What the database refuses about sites, their windows and stock."""

from datetime import date, time, timedelta

import pytest
from django.db import connection

from devices.models import (
    FeedNotice,
    OpeningHours,
    QuarantinedReport,
    Site,
    SpecialDay,
    StockFeed,
    StockReport,
    Window,
    WindowStock,
)
from seoul_health.core import clock
from tests.devices.sites import make_feed, make_open_site, tell
from tests.devices.test_device_constraints import broken

pytestmark = pytest.mark.django_db
NOW = clock.now


@pytest.fixture
def site(db):
    make_feed()
    return make_open_site()


def test_the_database_refuses_what_no_site_can_be(site):
    hours, special = site.hours, site.special_days
    refused = [
        broken(lambda: Site.objects.update(lat=10)),
        broken(lambda: Site.objects.update(district="부산진구")),
        broken(lambda: Window.objects.create(site=site, code="1", name="x")),
        broken(lambda: hours.create(day=0, opens=time(9), closes=time(10))),
        broken(lambda: hours.create(day=6, opens=time(10), closes=time(9))),
        broken(lambda: hours.create(day=8, opens=time(9), closes=time(10))),
        broken(lambda: special.create(on=date(2026, 1, 1), opens=time(9))),
        broken(lambda: special.create(on=date(2026, 1, 1), opens=time(9), closes=time(8))),
        broken(
            lambda: SpecialDay.objects.bulk_create(
                SpecialDay(site=site, on=date(2026, 1, 1)) for _ in range(2)
            )
        ),
    ]

    assert refused == [
        "a_site_is_in_korea",
        "a_site_is_in_a_district_of_seoul",
        "windows_of_a_site_have_different_codes",
        "one_opening_per_site_and_day",
        "a_site_opens_before_it_closes",
        "a_day_is_of_the_week_or_a_holiday",
        "a_special_day_is_closed_or_has_hours",
        "a_special_day_is_closed_or_has_hours",
        "one_special_day_per_site_and_date",
    ]
    assert OpeningHours.objects.count() == 5


def test_the_database_refuses_what_no_stock_can_be(site):
    tell(site, 50)
    report, word = StockReport.objects.get(), WindowStock.objects.get()
    again = {"window": report.window, "model": report.model, "quantity": 1}
    refused = [
        broken(lambda: StockReport.objects.create(**again, observed_at=report.observed_at)),
        broken(lambda: WindowStock.objects.create(**again, observed_at=word.observed_at)),
        broken(lambda: StockFeed.objects.update(plenty_from=5)),
        broken(lambda: StockFeed.objects.update(stale_minutes=0)),
        broken(
            lambda: FeedNotice.objects.create(
                part="stock", deprecated_at=NOW(), ends_at=NOW() - timedelta(1)
            )
        ),
        broken(
            lambda: QuarantinedReport.objects.create(site=site, reason="future", status="replayed")
        ),
    ]

    assert refused == [
        "one_report_per_window_model_and_moment",
        "one_stock_per_window_and_model",
        "levels_of_a_feed_ascend",
        "a_feed_goes_stale_some_time",
        "a_part_is_discouraged_before_it_ends",
        "a_settled_report_says_when",
    ]


def test_the_index_finds_sites_around_a_point(site):
    make_open_site("far", lat="37.66", lng="127.05")

    near = Site.objects.within(37.573, 126.9794, 1000)

    assert [each.code for each in near] == ["hc-jongno"]
    assert "devices_site_on_earth" in forced(near)


def forced(rows):
    """Explain a read on a table too small for the planner to want its index."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan TO off")
    return rows.explain()
