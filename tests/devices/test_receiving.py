import uuid

import pytest

from devices.errors import NothingToUndo, TooLateToUndo
from devices.models import ArrivalScan, Device, ExpectedWatch, Manifest
from devices.register_errors import NoSuchQuestion, NotArriving, QuestionsOpen, RegisterChanged
from devices.services import inspections, receiving
from seoul_health.core.errors import KeyReused
from seoul_health.core.models import AuditEvent

from .builders import make_site, make_watch
from .supplies import announced, scanned

BOXES = ("일련번호", "박스번호")


@pytest.fixture
def officer(make_staff):
    return make_staff("device_officer")


@pytest.fixture
def delivery(officer):
    return announced("SW-1", "SW-2", "SW-3", by=officer)


def test_a_scanned_watch_is_in_the_register(delivery, officer):
    scan = scanned(delivery, " sw-1 ", by=officer)

    watch = Device.objects.get()
    assert (scan.outcome, scan.units) == ("received", 1)
    assert (watch.serial, watch.status, watch.site, watch.lot) == (
        "SW-1", "in_stock", delivery.site, delivery.lot,
    )  # fmt: skip
    assert watch.arrival.received_by == officer.actor_name
    assert AuditEvent.objects.get(verb="registered").subject == f"devices.device:{watch.pk}"
    assert delivery.lines.tally() == {"announced": 3, "received": 1, "over": 0, "short": 2}


@pytest.mark.parametrize(
    ("label", "outcome"),
    [
        ("SW-9", "unexpected"),
        ("SW-KNOWN", "elsewhere"),
        ("SW-OTHER", "elsewhere"),
        ("SW 1", "unreadable"),
        ("", "unreadable"),
        ("\uff33\uff37-1", "unreadable"),
        ("SW-I", "unreadable"),
    ],
    ids=["stranger", "registered", "other-delivery", "space", "blank", "wide", "near-miss"],
)
def test_what_does_not_belong_is_told_and_not_taken_in(delivery, officer, label, outcome):
    make_watch("SW-KNOWN")
    announced("SW-OTHER", by=officer, site=make_site("mapo"))

    scan = scanned(delivery, label, by=officer)

    assert (scan.outcome, scan.units) == (outcome, 0)
    assert scan.message
    assert Device.objects.count() == 1
    assert not ExpectedWatch.objects.arrived().exists()


def test_one_watch_is_received_once(delivery, officer):
    scanned(delivery, "SW-1", by=officer)

    assert scanned(delivery, "SW-1", by=officer).outcome == "again"
    assert Device.objects.count() == 1


def test_a_stranger_is_noted_once(delivery, officer):
    scanned(delivery, "SW-9", by=officer)

    assert scanned(delivery, "sw-9", by=officer).outcome == "again"
    assert delivery.scans.open_questions().count() == 1


def test_a_scan_sent_twice_is_answered_twice_and_counted_once(delivery, officer):
    sent = uuid.uuid4()
    first = receiving.scan_arrival(sent, manifest=delivery, text="SW-1", by=officer)

    again = receiving.scan_arrival(sent, manifest=delivery, text="SW-1", by=officer)

    assert (again.pk, again.outcome) == (first.pk, "received")
    with pytest.raises(KeyReused):
        receiving.scan_arrival(sent, manifest=delivery, text="SW-2", by=officer)
    assert Device.objects.count() == 1


def test_a_scan_that_waited_is_answered_after_the_end(delivery, officer):
    sent = uuid.uuid4()
    receiving.scan_arrival(sent, manifest=delivery, text="SW-1", by=officer)
    receiving.end_delivery(delivery, by=officer)

    again = receiving.scan_arrival(sent, manifest=delivery, text="SW-1", by=officer)

    assert again.outcome == "received"
    with pytest.raises(NotArriving):
        scanned(delivery, "SW-2", by=officer)


def test_a_sealed_box_comes_in_by_its_label(officer):
    rows = [["SW-1", "BOX-1"], ["SW-2", "box-1"], ["SW-3", "BOX-2"]]
    delivery = announced(*rows, header=BOXES, by=officer)
    scanned(delivery, "SW-1", by=officer)

    scan = scanned(delivery, "box-1", by=officer)

    assert (scan.outcome, scan.units) == ("received", 1)
    assert sorted(Device.objects.values_list("serial", flat=True)) == ["SW-1", "SW-2"]
    assert scanned(delivery, "BOX-1", by=officer).outcome == "again"


def test_a_box_is_undone_whole(officer):
    delivery = announced(["SW-1", "B-1"], ["SW-2", "B-1"], header=BOXES, by=officer)
    scan = scanned(delivery, "B-1", by=officer)

    receiving.undo_arrival(scan.client_id, manifest=delivery, by=officer)

    assert not Device.objects.exists()
    assert delivery.lines.tally()["short"] == 2
    assert scanned(delivery, "SW-1", by=officer).outcome == "received"


def test_an_undo_sent_twice_undoes_once(delivery, officer):
    scan = scanned(delivery, "SW-1", by=officer)
    receiving.undo_arrival(scan.client_id, manifest=delivery, by=officer)
    receiving.undo_arrival(scan.client_id, manifest=delivery, by=officer)

    assert AuditEvent.objects.filter(verb="scan_undone").count() == 1


def test_a_watch_somebody_used_stays(delivery, officer):
    scan = scanned(delivery, "SW-1", by=officer)
    inspections.quarantine(Device.objects.get(), why="파손", by=officer)

    with pytest.raises(TooLateToUndo):
        receiving.undo_arrival(scan.client_id, manifest=delivery, by=officer)

    assert ArrivalScan.objects.get().undone_at is None
    assert Device.objects.count() == 1


def test_only_ones_own_scan_is_undone(delivery, officer, make_staff):
    scan = scanned(delivery, "SW-1", by=officer)

    with pytest.raises(NothingToUndo):
        receiving.undo_arrival(scan.client_id, manifest=delivery, by=make_staff("device_officer"))

    assert Device.objects.count() == 1


def test_a_stranger_may_be_taken_in(delivery, officer):
    scan = scanned(delivery, "SW-9", by=officer)

    line = receiving.accept_over(scan, by=officer)

    assert (line.serial, line.is_over, line.device.status) == ("SW-9", True, "in_stock")
    assert delivery.lines.tally() == {"announced": 3, "received": 1, "over": 1, "short": 3}
    with pytest.raises(NoSuchQuestion):
        receiving.send_back(scan, by=officer)
    assert Device.objects.count() == 1


def test_a_stranger_may_go_back(delivery, officer):
    scan = scanned(delivery, "SW-9", by=officer)

    receiving.send_back(scan, by=officer)

    assert ArrivalScan.objects.get().decision == "sent_back"
    assert not Device.objects.exists()


def test_a_delivery_ends_once_every_stranger_is_decided(delivery, officer):
    scan = scanned(delivery, "SW-9", by=officer)

    with pytest.raises(QuestionsOpen):
        receiving.end_delivery(delivery, by=officer)
    assert Manifest.objects.get().status == "expected"

    receiving.send_back(scan, by=officer)
    assert receiving.end_delivery(delivery, by=officer) == 3


def test_what_was_short_can_be_announced_again(delivery, officer, queued):
    scanned(delivery, "SW-1", by=officer)

    assert receiving.end_delivery(delivery, by=officer) == 2

    assert AuditEvent.objects.get(verb="came_short").detail == {"short": 2}
    later = announced("SW-2", "SW-3", by=officer)
    assert scanned(later, "SW-2", by=officer).outcome == "received"


def test_a_scan_takes_few_statements(delivery, officer, django_assert_max_num_queries):
    with django_assert_max_num_queries(16):
        scanned(delivery, "SW-1", by=officer)


def test_a_watch_whose_number_was_registered_meanwhile_is_refused(officer):
    imei = "490154203237518"
    delivery = announced(("SW-1", imei), by=officer, header=("일련번호", "IMEI"))
    make_watch("SW-9", imei=imei)

    with pytest.raises(RegisterChanged):
        scanned(delivery, "SW-1", by=officer)

    assert Device.objects.count() == 1
    assert not delivery.scans.exists()


def test_a_stranger_announced_elsewhere_meanwhile_is_not_taken_in(delivery, officer):
    stranger = scanned(delivery, "SW-9", by=officer)
    announced("SW-9", by=officer, site=make_site("mapo"))

    with pytest.raises(RegisterChanged):
        receiving.accept_over(stranger, by=officer)

    assert not Device.objects.exists()
    assert delivery.scans.open_questions().count() == 1


def test_a_stranger_registered_meanwhile_is_not_taken_in(delivery, officer):
    stranger = scanned(delivery, "SW-9", by=officer)
    make_watch("SW-9")

    with pytest.raises(RegisterChanged):
        receiving.accept_over(stranger, by=officer)

    assert not delivery.lines.filter(is_over=True).exists()
    assert delivery.scans.open_questions().count() == 1
