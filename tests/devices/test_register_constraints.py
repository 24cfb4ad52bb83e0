import uuid

import pytest
from django.db import IntegrityError, transaction

from devices.models import (
    ArrivalScan,
    CountedWatch,
    CountScan,
    ExpectedWatch,
    Manifest,
    StagedWatch,
    Stocktake,
)
from devices.services import stocktake
from seoul_health.core import clock

from .builders import make_lot, make_site, make_watch
from .supplies import announced, scanned

STAGED = {"shape": "", "box": "", "asset_no": "", "imei": "", "mac": "", "problem": "", "other": ""}
IMEI = "490154203237518"


@pytest.fixture
def officer(make_staff):
    return make_staff("device_officer")


@pytest.fixture
def delivery(officer):
    return announced("SW-1", by=officer)


@pytest.fixture
def count(officer):
    return stocktake.start(make_site(), is_blind=False, by=officer)


def refused(name, make):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        make()


@pytest.mark.parametrize(
    ("name", "value"),
    [("asset_no", "A-1"), ("imei", IMEI), ("mac", "00:1A:2B:3C:4D:5E")],
)
@pytest.mark.django_db
def test_two_watches_share_no_number(name, value):
    # one_watch_per_asset_no, one_watch_per_imei, one_watch_per_mac
    make_watch("SW-1", **{name: value})
    make_watch("SW-2")
    make_watch("SW-3")

    refused(f"one_watch_per_{name}", lambda: make_watch("SW-4", **{name: value}))


def test_a_delivery_ends_at_a_moment_and_is_entered_once(delivery):
    refused(
        "a_manifest_says_when_it_ended",
        lambda: Manifest.objects.update(ended_at=clock.now()),
    )
    refused(
        "a_manifest_is_entered_once",
        lambda: Manifest.objects.create(
            lot=make_lot(), site=make_site(), sha256=delivery.sha256, status="expected",
            uploaded_by=delivery.uploaded_by,
        ),
    )  # fmt: skip


def test_a_line_is_announced_once_and_names_its_watch(delivery):
    refused(
        "no_two_expected_serials_look_alike",
        lambda: ExpectedWatch.objects.create(manifest=delivery, line=9, serial="SW-I"),
    )
    refused(
        "a_received_line_names_its_watch",
        lambda: ExpectedWatch.objects.update(received_at=clock.now()),
    )


def test_a_scan_of_a_delivery_makes_sense(delivery, officer):
    scan = scanned(delivery, "SW-9", by=officer)

    def another(**fields):
        terms = {"manifest": delivery, "text": "X", "outcome": "again", "scanned_by": "x"}
        return lambda: ArrivalScan.objects.create(**terms | fields)

    refused("one_arrival_per_client_id", another(client_id=scan.client_id))
    refused("only_a_received_scan_counts_watches", another(units=1))
    refused(
        "only_an_unexpected_watch_is_decided_about",
        another(decision="sent_back", decided_at=clock.now()),
    )


@pytest.mark.django_db
def test_a_staged_row_is_one_line_of_its_file():
    StagedWatch.objects.create(manifest_id=1, line=2, serial="A", **STAGED)

    refused(
        "one_staged_row_per_line",
        lambda: StagedWatch.objects.create(manifest_id=1, line=2, serial="B", **STAGED),
    )


def test_a_stocktake_ends_at_a_moment_and_is_alone_at_its_site(count, officer):
    refused(
        "a_stocktake_says_when_it_ended", lambda: Stocktake.objects.update(ended_at=clock.now())
    )
    refused(
        "one_open_stocktake_per_site",
        lambda: Stocktake.objects.create(site=count.site, started_by=officer),
    )


def test_a_counted_watch_makes_sense(count):
    watch = make_watch("SW-1")
    terms = {"stocktake": count, "device": watch, "status_then": "in_stock"}
    CountedWatch.objects.create(**terms, is_expected=True)

    def another(**fields):
        return lambda: CountedWatch.objects.create(
            **terms | {"device": make_watch(), "is_expected": True} | fields
        )

    refused("a_watch_is_counted_once", another(device=watch))
    refused("a_counted_watch_was_expected_or_found", another(is_expected=False))
    refused("a_difference_is_decided_at_a_moment", another(decision="found"))


def test_a_scan_of_a_stocktake_makes_sense(count):
    terms = {"stocktake": count, "text": "X", "scanned_by": "x", "client_id": uuid.uuid4()}
    CountScan.objects.create(**terms, outcome="unknown")

    refused("one_count_per_client_id", lambda: CountScan.objects.create(**terms, outcome="unknown"))
    refused(
        "a_counted_scan_names_its_watch",
        lambda: CountScan.objects.create(**terms | {"client_id": uuid.uuid4()}, outcome="found"),
    )
