import uuid

import pytest

from devices.errors import NothingToUndo
from devices.models import CountedWatch, CountScan, Device, Stocktake
from devices.register_errors import (
    DifferencesOpen,
    NotCounting,
    NotSettling,
    StocktakeOpen,
    UnfitDecision,
)
from devices.services import inspections, stocktake
from seoul_health.core.errors import KeyReused, ReasonNeeded
from seoul_health.core.models import AuditEvent

from .builders import live_loan, make_site, make_watch

Status = Device.Status


@pytest.fixture
def officer(make_staff):
    return make_staff("device_officer")


@pytest.fixture
def here(db):
    return make_site()


def counted(row, label, *, by):
    return stocktake.count_scan(uuid.uuid4(), stocktake=row, text=label, by=by)


def difference(serial):
    return CountedWatch.objects.select_related("stocktake").get(device__serial=serial)


@pytest.fixture
def begun(here, officer):
    for serial in ("SW-1", "SW-2"):
        make_watch(serial, site=here)
    return stocktake.start(here, is_blind=False, by=officer)


@pytest.fixture
def settling(begun, officer):
    counted(begun, "SW-1", by=officer)
    elsewhere = make_watch("SW-FAR", site=make_site("mapo"))
    counted(begun, elsewhere.serial, by=officer)
    stocktake.end_count(begun, by=officer)
    return begun


def test_what_must_stand_here_is_expected(here, officer):
    for status in Status.values:
        make_watch(f"SW-{status.upper().replace('_', '-')}", site=here, status=status)
    make_watch("SW-FAR", site=make_site("mapo"))

    row = stocktake.start(here, is_blind=False, by=officer)

    expected = set(row.watches.values_list("status_then", flat=True))
    assert expected == {"in_stock", "allocated", "awaiting_inspection", "quarantined"}
    assert AuditEvent.objects.get(verb="count_started").detail == {"expected": 4}


def test_a_site_is_counted_by_one_stocktake_at_a_time(begun, here, officer):
    with pytest.raises(StocktakeOpen):
        stocktake.start(here, is_blind=True, by=officer)

    assert Stocktake.objects.count() == 1


@pytest.mark.parametrize(
    ("label", "outcome"),
    [
        ("sw-1", "found"),
        ("SW-REPAIR", "found"),
        ("SW-FAR", "surplus"),
        ("SW-LENT", "surplus"),
        ("SW-NEW", "unknown"),
        ("SW-I", "unknown"),
        ("SW 1", "unknown"),
    ],
    ids=["expected", "in-repair", "far", "lent", "unknown", "near-miss", "unreadable"],
)
def test_every_label_has_an_answer(begun, here, officer, label, outcome):
    make_watch("SW-REPAIR", site=here, status=Status.IN_REPAIR)
    make_watch("SW-FAR", site=make_site("mapo"))
    make_watch("SW-LENT", site=here, status=Status.ON_LOAN)
    before = list(Device.objects.order_by("pk").values())

    assert counted(begun, label, by=officer).outcome == outcome

    assert list(Device.objects.order_by("pk").values()) == before


def test_a_watch_is_counted_once(begun, officer):
    counted(begun, "SW-1", by=officer)

    assert counted(begun, "SW-1", by=officer).outcome == "again"
    assert begun.watches.tally() == {"expected": 2, "found": 1, "missing": 1, "surplus": 0}


def test_a_count_sent_twice_is_one_count(begun, officer):
    sent = uuid.uuid4()
    first = stocktake.count_scan(sent, stocktake=begun, text="SW-1", by=officer)
    stocktake.end_count(begun, by=officer)

    again = stocktake.count_scan(sent, stocktake=begun, text="SW-1", by=officer)

    assert again.pk == first.pk
    with pytest.raises(KeyReused):
        stocktake.count_scan(sent, stocktake=begun, text="SW-2", by=officer)
    with pytest.raises(NotCounting):
        counted(begun, "SW-2", by=officer)


@pytest.mark.parametrize("label", ["SW-1", "SW-FAR", "SW-NEW"])
def test_ones_own_count_is_undone(begun, officer, label):
    make_watch("SW-FAR", site=make_site("mapo"))
    scan = counted(begun, label, by=officer)

    stocktake.undo_count(scan.client_id, stocktake=begun, by=officer)
    stocktake.undo_count(scan.client_id, stocktake=begun, by=officer)

    assert begun.watches.tally() == {"expected": 2, "found": 0, "missing": 2, "surplus": 0}
    assert CountScan.objects.get().undone_at is not None


def test_nobody_undoes_anothers_count(begun, officer, make_staff):
    scan = counted(begun, "SW-1", by=officer)

    with pytest.raises(NothingToUndo):
        stocktake.undo_count(scan.client_id, stocktake=begun, by=make_staff("device_officer"))

    assert begun.watches.tally()["found"] == 1


def test_what_left_properly_meanwhile_is_no_difference(begun, officer):
    Device.objects.filter(serial="SW-2").update(status=Status.SHIPPED)
    counted(begun, "SW-1", by=officer)

    stocktake.end_count(begun, by=officer)

    assert difference("SW-2").decision == "moved_on"
    stocktake.close(begun, by=officer)
    assert Stocktake.objects.get().status == "closed"


def test_a_stocktake_closes_once_every_difference_is_decided(settling, officer):
    with pytest.raises(DifferencesOpen):
        stocktake.close(settling, by=officer)
    assert Stocktake.objects.get().status == "settling"

    stocktake.decide(difference("SW-2"), "lost", note="찾지 못함", by=officer)
    stocktake.decide(difference("SW-FAR"), "placed", by=officer)
    stocktake.close(settling, by=officer)

    statuses = dict(Device.objects.values_list("serial", "status"))
    assert statuses == {"SW-1": "in_stock", "SW-2": "lost", "SW-FAR": "in_stock"}
    assert Device.objects.get(serial="SW-FAR").site.code == "jongno"
    assert AuditEvent.objects.filter(verb="difference_decided").count() == 2


@pytest.mark.parametrize("decision", ["lost", "left"])
def test_writing_off_needs_a_note(settling, officer, decision):
    with pytest.raises(ReasonNeeded):
        stocktake.decide(difference("SW-2"), decision, note=" ", by=officer)

    assert Device.objects.get(serial="SW-2").status == "in_stock"
    assert difference("SW-2").decision == ""


@pytest.mark.parametrize(
    ("serial", "decision"),
    [
        ("SW-2", "placed"),
        ("SW-2", "taken_in"),
        ("SW-2", "moved_on"),
        ("SW-FAR", "lost"),
        ("SW-FAR", "found"),
        ("SW-FAR", "taken_in"),
    ],
)
def test_a_decision_that_does_not_fit_is_refused(settling, officer, serial, decision):
    before = Device.objects.filter(serial=serial).values().get()

    with pytest.raises(UnfitDecision):
        stocktake.decide(difference(serial), decision, note="메모", by=officer)

    assert Device.objects.filter(serial=serial).values().get() == before
    assert difference(serial).decision == ""


def test_an_allocated_watch_is_not_written_off(begun, officer):
    Device.objects.filter(serial="SW-2").update(status=Status.ALLOCATED)
    stocktake.end_count(begun, by=officer)

    with pytest.raises(UnfitDecision):
        stocktake.decide(difference("SW-2"), "lost", note="찾지 못함", by=officer)

    assert Device.objects.get(serial="SW-2").status == "allocated"


def test_a_lent_watch_on_the_shelf_is_taken_in(here, officer, walker):
    loan = live_loan(walker)
    row = stocktake.start(here, is_blind=False, by=officer)
    counted(row, loan.device.serial, by=officer)
    stocktake.end_count(row, by=officer)

    stocktake.decide(difference(loan.device.serial), "taken_in", by=officer)

    watch = Device.objects.get(pk=loan.device_id)
    assert (watch.status, watch.site) == ("awaiting_inspection", here)


def test_differences_are_decided_after_the_count(begun, officer):
    with pytest.raises(NotSettling):
        stocktake.decide(difference("SW-2"), "found", by=officer)

    assert difference("SW-2").decision == ""


def test_people_may_count_on(settling, officer):
    stocktake.count_on(settling, by=officer)

    assert counted(settling, "SW-2", by=officer).outcome == "found"
    stocktake.end_count(settling, by=officer)
    assert settling.watches.undecided().count() == 1


def test_giving_up_needs_a_reason_and_frees_the_site(begun, here, officer):
    with pytest.raises(ReasonNeeded):
        stocktake.cancel(begun, why="", by=officer)
    stocktake.cancel(begun, why="정전", by=officer)

    assert stocktake.start(here, is_blind=True, by=officer).status == "counting"


def test_a_watch_set_apart_here_is_simply_found(begun, here, officer):
    late = make_watch("SW-LATE", site=here)
    inspections.quarantine(late, why="파손", by=officer)

    assert counted(begun, "SW-LATE", by=officer).outcome == "found"
    assert begun.watches.tally()["surplus"] == 0


def test_a_difference_is_decided_about_once(settling, officer):
    seen_by_both = difference("SW-2")
    stocktake.decide(difference("SW-2"), "found", by=officer)

    with pytest.raises(UnfitDecision):
        stocktake.decide(seen_by_both, "lost", note="Nowhere", by=officer)

    assert (difference("SW-2").decision, Device.objects.get(serial="SW-2").status) == (
        "found", "in_stock",
    )  # fmt: skip
