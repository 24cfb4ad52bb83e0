from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from devices.errors import AtTheWorkshop, DayGone, NotWiped
from devices.models import Device, RepairTicket
from devices.services import inspections, repairs
from seoul_health.core import clock
from seoul_health.core.errors import IllegalMove
from tests.conftest import JOB

from .builders import inspected_watch, make_lot, make_watch


@pytest.fixture
def ticket(db):
    watch = make_watch("SW-1", status="awaiting_inspection")
    inspections.send_to_repair(watch, by=JOB, why="No charge")
    return RepairTicket.objects.get()


def send(ticket, **terms):
    repairs.send([ticket], workshop="다온서비스", by=JOB, **terms)


@pytest.mark.parametrize(("days", "covered"), [(0, True), (-1, False), (None, False)])
def test_a_repair_says_whether_the_warranty_runs(db, days, covered):
    lot = make_lot()
    lot.warranty_until = None if days is None else clock.today() + timedelta(days=days)
    lot.save()

    inspections.send_to_repair(make_watch(lot=lot), by=JOB, why="No charge")

    assert RepairTicket.objects.get().is_under_warranty is covered


@pytest.mark.parametrize(
    ("outcome", "shelf"),
    [
        ("repaired", "awaiting_inspection"),
        ("no_fault", "awaiting_inspection"),
        ("beyond_repair", "quarantined"),
        ("lost", "lost"),
    ],
)
def test_a_watch_goes_where_the_outcome_says(ticket, outcome, shelf):
    send(ticket)

    repairs.take_back(ticket, outcome=outcome, cost=12_000, note="Battery", by=JOB)

    kept = RepairTicket.objects.get()
    assert (kept.status, kept.outcome, kept.cost) == ("back", outcome, 12_000)
    assert Device.objects.get().status == shelf


def test_nobodys_data_goes_to_a_workshop(walker):
    watch = inspected_watch(walker)
    inspections.send_to_repair(watch, by=JOB, why="No charge")
    clean = make_watch("SW-CLEAN")
    inspections.send_to_repair(clean, by=JOB, why="No charge")

    with pytest.raises(NotWiped):
        repairs.send(list(RepairTicket.objects.all()), workshop="다온서비스", by=JOB)

    assert set(RepairTicket.objects.values_list("status", flat=True)) == {"open"}


def test_a_watch_comes_back_from_a_workshop_once(ticket):
    send(ticket)
    repairs.take_back(ticket, outcome="repaired", by=JOB)

    with pytest.raises(IllegalMove):
        repairs.take_back(RepairTicket.objects.get(), outcome="lost", by=JOB)

    assert Device.objects.get().status == "awaiting_inspection"


@pytest.mark.parametrize(
    "way",
    [
        inspections.bring_back,
        lambda device, by: inspections.quarantine(device, by=by, why="Odd"),
        lambda device, by: inspections.report_missing(device, by=by, why="Gone"),
    ],
    ids=["bring_back", "quarantine", "report_missing"],
)
def test_what_is_at_a_workshop_comes_back_through_its_repair(ticket, way):
    send(ticket)

    with pytest.raises(AtTheWorkshop):
        way(ticket.device, by=JOB)

    assert RepairTicket.objects.get().status == "sent"
    assert Device.objects.get().status == "in_repair"


def test_a_repair_nobody_sent_ends_when_the_watch_goes_another_way(ticket):
    inspections.bring_back(ticket.device, by=JOB)

    assert RepairTicket.objects.get().status == "cancelled"
    assert Device.objects.get().status == "awaiting_inspection"


def test_no_workshop_promises_a_day_for_a_watch_it_does_not_have(ticket):
    with pytest.raises(IllegalMove):
        repairs.expect_later(ticket, expected_on=clock.today(), by=JOB)

    assert RepairTicket.objects.get().expected_on is None


def test_a_workshop_may_promise_a_later_day_but_not_a_gone_one(ticket):
    send(ticket, expected_on=clock.today() - timedelta(days=1))
    assert list(RepairTicket.objects.late(clock.today())) == [ticket]

    with pytest.raises(DayGone):
        repairs.expect_later(ticket, expected_on=clock.today() - timedelta(days=1), by=JOB)
    repairs.expect_later(ticket, expected_on=clock.today() + timedelta(days=3), by=JOB)

    assert not RepairTicket.objects.late(clock.today()).exists()


def test_workshops_are_summed_up(db):
    for number, outcome in enumerate(["repaired", "repaired", "beyond_repair", ""]):
        watch = make_watch(f"SW-{number}", status="awaiting_inspection")
        inspections.send_to_repair(watch, by=JOB, why="No charge")
        ticket = watch.repairs.get()
        send(ticket, expected_on=clock.today() - timedelta(days=1))
        RepairTicket.objects.filter(pk=ticket.pk).update(sent_at=clock.now() - timedelta(days=4))
        if outcome:
            repairs.take_back(ticket, outcome=outcome, cost=1_000, by=JOB)

    (row,) = repairs.workshops(RepairTicket.objects.all(), today=clock.today())

    assert (row.sent, row.back, row.repaired, row.beyond_repair, row.late, row.cost) == (
        1, 3, 2, 1, 1, 3_000,
    )  # fmt: skip
    assert (row.share_repaired, round(row.days)) == ("66 %", 4)


@pytest.mark.parametrize(
    ("name", "terms"),
    [
        ("a_closed_repair_says_when", {"status": "cancelled"}),
        ("a_repair_that_came_back_has_an_outcome",
            {"status": "back", "workshop": "x", "sent_at": "now", "closed_at": "now"}),
        ("a_sent_repair_says_where_and_when", {"status": "sent"}),
        ("one_running_repair_per_watch", {}),
    ],
)  # fmt: skip
def test_a_repair_tells_the_truth(ticket, name, terms):
    told = {key: clock.now() if value == "now" else value for key, value in terms.items()}

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        RepairTicket.objects.create(
            device=ticket.device, fault="x", is_under_warranty=False, opened_by="x", **told
        )
