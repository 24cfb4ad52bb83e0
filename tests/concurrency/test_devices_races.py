import uuid

import pytest

from devices.models import Device, Loan, Scan, Shipment
from devices.services import allocation, loans, shipping
from devices.services.inspections import shelve, wipe
from devices.services.scans import record_scan, undo_scan
from seoul_health.core.models import AuditEvent
from tests.conftest import JOB
from tests.devices.builders import (
    Parcels,
    fresh,
    inspected_watch,
    join,
    live_loan,
    make_watch,
    reserved_loan,
    shipped_loan,
    standing,
)
from tests.race import race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.serial]


def each_of(acts):
    """Make an act that does the next of several things each time it is run."""
    turn = iter(acts)
    return lambda: next(turn)()


def test_one_watch_is_not_lent_to_two_people(make_participant):
    make_watch()
    people = [join(make_participant()) for _ in range(4)]
    acts = [lambda who=who: loans.reserve_watch(who, by=JOB) for who in people]

    assert race(each_of(acts), runners=4) == ["NoWatchInStock"] * 3 + ["ok"]

    assert Loan.objects.count() == 1


def test_two_watches_go_to_two_people_at_once(make_participant):
    make_watch()
    make_watch()
    people = [join(make_participant()) for _ in range(2)]
    acts = [lambda who=who: loans.reserve_watch(who, by=JOB) for who in people]

    assert race(each_of(acts)) == ["ok", "ok"]

    assert Loan.objects.values("device").distinct().count() == 2


def test_one_person_is_not_lent_two_watches(walker):
    make_watch()
    make_watch()
    participation = join(walker)

    outcomes = race(lambda: loans.reserve_watch(participation, by=JOB))

    assert outcomes == ["AlreadyHoldsWatch", "ok"]
    assert Loan.objects.count() == 1
    assert Device.objects.filter(status="in_stock").count() == 1


def test_two_sweeps_give_each_watch_once(make_participant):
    for _ in range(6):
        join(make_participant())
    for _ in range(4):
        make_watch()

    assert race(lambda: allocation.reserve_waiting(by=JOB)) == ["ok", "ok"]

    assert Loan.objects.count() == 4
    assert Loan.objects.values("participant").distinct().count() == 4


def test_two_scanners_take_one_watch_in_once(walker):
    loan = live_loan(walker)

    outcomes = race(lambda: loans.scan_in(loan.device.serial, by=JOB))

    assert outcomes == ["AlreadyIn", "ok"]
    assert standing(loan) == ("returned", "awaiting_inspection")
    assert AuditEvent.objects.filter(verb="returned").count() == 1


def test_one_scan_sent_many_times_is_one_scan(walker):
    loan, sent = live_loan(walker), uuid.uuid4()

    outcomes = race(lambda: record_scan(sent, text=loan.device.serial, by=JOB), runners=4)

    assert outcomes == ["ok"] * 4
    assert Scan.objects.get().outcome == Scan.Outcome.TAKEN_IN
    assert AuditEvent.objects.filter(verb="returned").count() == 1


def test_an_undo_and_an_inspection_do_not_mix(walker):
    loan = live_loan(walker)
    scan = record_scan(uuid.uuid4(), text=loan.device.serial, by=JOB)
    acts = [
        lambda: undo_scan(scan.client_id, by=JOB),
        lambda: wipe(loan.device, method="factory_reset", by=JOB),
    ]

    outcomes = race(each_of(acts))

    assert outcomes in (["NotInHouse", "ok"], ["TooLateToUndo", "ok"])
    undone = Scan.objects.get().undone_at is not None
    assert standing(loan)[0] == ("live" if undone else "returned")


def test_one_loan_is_shipped_once(walker):
    loan = reserved_loan(walker)

    assert race(lambda: loans.ship(fresh(loan), by=JOB)) == ["IllegalMove", "ok"]

    assert Shipment.objects.count() == 1


def test_a_loss_and_a_scan_never_disagree(walker):
    loan = live_loan(walker)
    acts = [
        lambda: loans.report(fresh(loan), kind="lost", text="없어졌어요", by=walker),
        lambda: loans.scan_in(loan.device.serial, by=JOB),
    ]

    outcomes = race(each_of(acts))

    assert outcomes in (["ok", "ok"], ["IllegalMove", "ok"])
    assert standing(loan) == ("returned", "awaiting_inspection")


def test_one_parcel_is_booked_once(walker):
    loan, courier = shipped_loan(walker), Parcels()

    def book():
        parcel = Shipment.objects.select_related("loan__device").get()
        shipping.book_shipment(parcel, courier=courier, by=JOB)

    assert race(book) == ["ok", "ok"]

    assert len(courier.booked) == 1
    assert AuditEvent.objects.filter(verb="accepted").count() == 1
    assert loan.shipments.get().status == Shipment.Status.ACCEPTED


def test_a_watch_is_shelved_once(walker):
    watch = inspected_watch(walker)
    wipe(watch, method="factory_reset", by=JOB)

    assert race(lambda: shelve(watch, by=JOB)) == ["IllegalMove", "ok"]

    assert AuditEvent.objects.filter(verb="in_stock").count() == 1


def test_two_returns_of_one_loan_book_one_parcel(walker):
    loan = live_loan(walker)

    assert race(lambda: loans.start_return(fresh(loan), by=walker)) == ["IllegalMove", "ok"]

    assert Shipment.objects.count() == 1
