"""The demo's windows go on telling; real ones are left alone."""

from datetime import timedelta

import pytest

from devices.models import StockReport, WindowStock
from seoul_health.core import clock
from seoul_health.operations.play.stock import SILENT_EVERY
from seoul_health.operations.tasks import play_stock
from tests.devices.sites import make_feed, make_open_site, tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(db):
    make_feed()
    site = make_open_site()
    for window in site.windows.all():
        tell(
            site,
            50,
            window=window.code,
            observed_at=(clock.now() - timedelta(minutes=5)).isoformat(),
        )
    return site


def test_a_real_site_is_left_alone(site):
    play_stock()

    assert StockReport.objects.count() == 2


def test_the_demos_windows_tell_again_all_but_the_silent(site):
    StockReport.objects.update(reported_by=f"site-key:{site.code}")
    loud = [row for row in WindowStock.objects.all() if row.window_id % SILENT_EVERY]

    play_stock()
    play_stock()

    assert StockReport.objects.count() == 2 + len(loud)
    recent = WindowStock.objects.filter(observed_at__gt=clock.now() - timedelta(minutes=2))
    assert recent.count() == len(loud)
