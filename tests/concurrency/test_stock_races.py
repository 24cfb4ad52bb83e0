"""Windows that tell of their stock at the same moment."""

import itertools
from datetime import timedelta

import pytest

from devices.errors import UnreadableReport
from devices.models import QuarantinedReport, StockReport, WindowStock
from devices.services.keys import issue_site_key, revoke_key
from devices.services.stock_reports import replay
from seoul_health.core import clock
from tests.conftest import JOB
from tests.devices.sites import make_feed, make_open_site, tell
from tests.race import race

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site(transactional_db):
    make_feed()
    return make_open_site()


def test_two_windows_at_once_are_both_heard(site):
    numbers, moment = itertools.count(1), clock.now().isoformat()

    def act():
        tell(site, 60, window=str(next(numbers)), observed_at=moment)

    assert race(act) == ["ok", "ok"]
    assert sorted(WindowStock.objects.values_list("quantity", flat=True)) == [60, 60]


def test_one_report_sent_twice_at_once_is_kept_once(site):
    moment = clock.now().isoformat()

    assert race(lambda: tell(site, 60, observed_at=moment), runners=4) == ["ok"] * 4
    assert StockReport.objects.count() == 1


def test_two_quantities_for_one_moment_at_once_leave_one_and_quarantine_the_other(site):
    numbers, moment = itertools.count(1), clock.now().isoformat()

    came = race(lambda: tell(site, next(numbers), observed_at=moment))

    assert came == ["ReportQuarantined", "ok"]
    assert WindowStock.objects.get().quantity == StockReport.objects.get().quantity
    assert QuarantinedReport.objects.get().reason == "contradicts"


def test_the_newest_word_stands_in_whatever_order_they_arrive(site):
    now = clock.now()
    ages = itertools.count(0)

    def act():
        age = next(ages)
        tell(site, 100 - age, observed_at=(now - timedelta(minutes=age)).isoformat())

    assert race(act, runners=6) == ["ok"] * 6
    assert WindowStock.objects.get().quantity == 100


def test_one_row_is_replayed_by_one_person(site):
    with pytest.raises(UnreadableReport):
        tell(site, -1)
    told = {"window": "1", "model": "band-3", "quantity": 3, "observed_at": clock.now()}

    came = race(lambda: replay(QuarantinedReport.objects.get(), told=told, by=JOB))

    assert came == ["IllegalMove", "ok"]
    assert StockReport.objects.count() == 1


def test_a_key_is_revoked_once(site):
    key, _secret = issue_site_key(site, name="단말", by=JOB)

    assert race(lambda: revoke_key(key, by=JOB)) == ["KeyAlreadyRevoked", "ok"]
