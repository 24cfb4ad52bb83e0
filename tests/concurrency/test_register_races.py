"""Two scanners on one watch, two clicks on one file, two counts at one shelf."""

import uuid
from collections import Counter

import pytest

from devices.models import CountScan, Device, ExpectedWatch, Manifest
from devices.services import manifests, receiving, stocktake
from tests.devices.builders import make_site, make_watch
from tests.devices.supplies import announced, drafted, listed
from tests.race import race

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def officer(make_staff):
    return make_staff("device_officer")


def test_two_scanners_receive_one_watch_once(officer):
    delivery = announced("SW-1", "SW-2", by=officer)

    def scan():
        kept = receiving.scan_arrival(
            uuid.uuid4(), manifest=Manifest.objects.get(), text="SW-1", by=officer
        )
        assert kept.outcome in ("received", "again")

    assert race(scan) == ["ok", "ok"]

    outcomes = Counter(delivery.scans.values_list("outcome", flat=True))
    assert outcomes == {"received": 1, "again": 1}
    assert Device.objects.count() == 1


def test_one_file_is_entered_once(officer):
    drafted(listed("SW-1", "SW-2"), by=officer)

    outcomes = race(lambda: manifests.register_at_once(Manifest.objects.get(), by=officer))

    assert outcomes.count("ok") == 1
    assert Device.objects.count() == 2
    assert ExpectedWatch.objects.count() == 2


def test_two_scanners_count_one_watch_once(officer):
    site = make_site()
    make_watch("SW-1", site=site)
    begun = stocktake.start(site, is_blind=False, by=officer)

    race(lambda: stocktake.count_scan(uuid.uuid4(), stocktake=begun, text="SW-1", by=officer))

    outcomes = Counter(CountScan.objects.values_list("outcome", flat=True))
    assert outcomes == {"found": 1, "again": 1}
