import pytest

from devices.errors import NotAwaitingInspection, NotInHouse, NotInspected, NotWiped, ProofNeeded
from devices.models import DataWipe, Device, Inspection
from devices.services import inspections
from devices.services.loans import recall
from seoul_health.core.errors import IllegalMove, ReasonNeeded
from tests.conftest import JOB

from .builders import (
    fresh,
    inspected_watch,
    live_loan,
    make_watch,
    reserved_loan,
    returned_loan,
    standing,
)


def test_an_inspection_grades_the_watch_and_closes_the_loan(walker, make_staff):
    loan, clerk = returned_loan(walker), make_staff("device_officer", username="kim")

    inspections.inspect(loan.device, grade="C", faults=["strap"], note="긁힘", by=clerk)

    assert standing(loan) == ("closed", "awaiting_inspection")
    assert fresh(loan).closed_at is not None
    assert Device.objects.get().grade == "C"
    found = Inspection.objects.get()
    assert (found.loan, found.faults, found.inspected_by) == (loan, ["strap"], "staff:kim")


def test_only_a_watch_that_came_in_is_inspected(walker):
    loan = live_loan(walker)

    with pytest.raises(NotAwaitingInspection):
        inspections.inspect(loan.device, grade="A", by=JOB)

    assert standing(loan) == ("live", "on_loan")
    assert not Inspection.objects.exists()


def test_a_wipe_is_written_down(walker):
    watch = inspected_watch(walker)

    inspections.wipe(watch, method="factory_reset", by=JOB)

    assert not Device.objects.get().holds_personal_data
    record = DataWipe.objects.get()
    assert (record.method, record.wiped_by, record.loan) == (
        "factory_reset",
        JOB.actor_name,
        watch.loans.get(),
    )


def test_a_watch_on_a_wrist_cannot_be_wiped_on_paper(walker):
    loan = live_loan(walker)

    with pytest.raises(NotInHouse):
        inspections.wipe(loan.device, method="factory_reset", by=JOB)

    assert Device.objects.get().holds_personal_data
    assert not DataWipe.objects.exists()


def test_an_inspected_and_wiped_watch_is_lent_again(
    walker, queued, django_capture_on_commit_callbacks
):
    watch = inspected_watch(walker)
    inspections.wipe(watch, method="factory_reset", by=JOB)

    with django_capture_on_commit_callbacks(execute=True):
        inspections.shelve(watch, by=JOB)

    assert Device.objects.get().status == Device.Status.IN_STOCK
    assert ("devices.reserve_waiting",) in queued


def test_an_unwiped_watch_never_reaches_the_shelf(walker):
    watch = inspected_watch(walker)

    with pytest.raises(NotWiped):
        inspections.shelve(watch, by=JOB)

    assert Device.objects.get().status == Device.Status.AWAITING_INSPECTION


def test_a_watch_is_inspected_before_it_is_shelved(walker):
    loan = returned_loan(walker)
    inspections.wipe(loan.device, method="factory_reset", by=JOB)

    with pytest.raises(NotInspected):
        inspections.shelve(loan.device, by=JOB)

    assert standing(loan) == ("returned", "awaiting_inspection")


@pytest.mark.parametrize(
    ("verb", "status"),
    [(inspections.send_to_repair, "in_repair"), (inspections.quarantine, "quarantined")],
)
def test_a_watch_goes_aside_and_comes_back(walker, verb, status):
    watch = inspected_watch(walker)

    verb(watch, by=JOB, why="No charge")
    assert Device.objects.get().status == status

    inspections.bring_back(watch, by=JOB)
    assert Device.objects.get().status == "awaiting_inspection"


@pytest.mark.parametrize("verb", [inspections.send_to_repair, inspections.quarantine])
def test_a_lent_watch_cannot_be_set_aside(walker, verb):
    loan = live_loan(walker)

    with pytest.raises(IllegalMove):
        verb(loan.device, by=JOB, why="No charge")

    assert standing(loan) == ("live", "on_loan")


def test_bringing_back_never_ends_a_loan(walker):
    loan = live_loan(walker)
    recall(loan, by=JOB, why="Round ended")

    with pytest.raises(NotInHouse):
        inspections.bring_back(loan.device, by=JOB)

    assert standing(loan) == ("recall_requested", "on_loan")


@pytest.mark.parametrize("method", ["vendor_tool", "crushed"])
def test_a_wipe_by_a_tool_names_its_report(walker, method):
    watch = inspected_watch(walker)

    with pytest.raises(ProofNeeded):
        inspections.wipe(watch, method=method, by=JOB)

    assert Device.objects.get().holds_personal_data
    assert not DataWipe.objects.exists()


def test_the_proof_of_a_wipe_is_kept(walker):
    inspections.wipe(inspected_watch(walker), method="vendor_tool", proof=" T-4471 ", by=JOB)

    assert DataWipe.objects.get().proof == "T-4471"


@pytest.mark.parametrize("status", ["in_stock", "awaiting_inspection", "in_repair", "quarantined"])
def test_a_watch_in_our_hands_may_go_missing(db, status):
    watch = make_watch(status=status)

    inspections.report_missing(watch, by=JOB, why="Stocktake")

    assert Device.objects.get().status == Device.Status.LOST


def test_a_lent_watch_goes_missing_only_through_its_loan(walker):
    loan = live_loan(walker)

    with pytest.raises(NotInHouse):
        inspections.report_missing(loan.device, by=JOB, why="Stocktake")

    assert standing(loan) == ("live", "on_loan")


@pytest.mark.parametrize(
    "verb",
    [inspections.send_to_repair, inspections.quarantine, inspections.report_missing],
)
def test_setting_a_watch_aside_needs_a_reason(db, verb):
    watch = make_watch()

    with pytest.raises(ReasonNeeded):
        verb(watch, by=JOB, why=" ")

    assert Device.objects.get().status == Device.Status.IN_STOCK


def test_a_watch_set_aside_for_somebody_is_not_shelved_under_them(walker):
    loan = reserved_loan(walker)

    with pytest.raises(IllegalMove):
        inspections.shelve(loan.device, by=JOB)

    assert standing(loan) == ("reserved", "allocated")
