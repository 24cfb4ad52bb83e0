import hashlib
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from devices.errors import (
    DayAhead,
    EmptyDisposal,
    InDisposal,
    NoLongerDraft,
    WatchesMoved,
    WatchesUnfit,
)
from devices.models import Device, DisposalBatch, DisposalUnit, Loan
from devices.services import disposals, inspections
from seoul_health.core import clock
from seoul_health.core.errors import IllegalMove, ReasonNeeded, SamePerson
from seoul_health.core.models import AuditEvent
from tests.conftest import JOB

from .builders import inspected_watch, live_loan, make_site, make_watch, returned_loan

PROOF = {"weight_grams": 1_250, "certificate_no": "RC-2026-17"}


@pytest.fixture
def officer(make_staff):
    return make_staff("device_officer", username="kim")


@pytest.fixture
def head(make_staff):
    return make_staff("device_officer", username="noh")


@pytest.fixture
def batch(officer):
    return disposals.start(method="recycled", recycler="한강재활용", reason="노후", by=officer)


def empty_watch(serial="SW-1", **fields):
    return make_watch(serial, **{"status": "quarantined", "grade": "D"} | fields)


def approved(batch, officer, head, *serials):
    for serial in serials:
        empty_watch(serial)
    disposals.add_watches(batch, serials, by=officer)
    disposals.ask(batch, by=officer)
    disposals.approve(batch, by=head)


def test_a_watch_leaves_by_two_people_and_a_certificate(walker, batch, officer, head):
    watch = inspected_watch(walker)
    wipe = inspections.wipe(watch, method="crushed", proof="R-7", by=officer)
    disposals.add_watches(batch, [watch.serial.lower()], by=officer)
    disposals.ask(batch, by=officer)
    disposals.approve(batch, by=head)

    assert disposals.hand_over(batch, on=clock.today(), by=officer, **PROOF) == 1

    unit = DisposalUnit.objects.get()
    assert (unit.device.status, unit.wipe, unit.grade) == ("disposed", wipe, "B")
    kept = DisposalBatch.objects.get()
    assert (kept.status, kept.decided_by, kept.certificate_no) == ("done", head, "RC-2026-17")
    assert AuditEvent.objects.get(verb="disposed").detail["certificate"] == "RC-2026-17"


def test_nobody_approves_what_they_asked_for(batch, officer):
    empty_watch()
    disposals.add_watches(batch, ["SW-1"], by=officer)
    disposals.ask(batch, by=officer)

    with pytest.raises(SamePerson):
        disposals.approve(batch, by=officer)

    assert DisposalBatch.objects.get().status == "requested"


def test_what_is_asked_for_is_the_list_that_was_read(batch, officer):
    empty_watch("SW-2")
    empty_watch("SW-1", grade="C")
    disposals.add_watches(batch, ["SW-2", "SW-1"], by=officer)

    disposals.ask(batch, by=officer)

    text = "SW-1,C,55000\nSW-2,D,55000\n"
    assert DisposalBatch.objects.get().list_sha256 == hashlib.sha256(text.encode()).hexdigest()


CHANGES = {
    "add": lambda batch, by: disposals.add_watches(batch, ["SW-2"], by=by),
    "add_fit": lambda batch, by: disposals.add_fit(batch, by=by),
    "take_out": lambda batch, by: disposals.take_out(batch.units.get(), by=by),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_list_that_was_asked_for_stays(batch, officer, change):
    empty_watch("SW-1")
    empty_watch("SW-2")
    disposals.add_watches(batch, ["SW-1"], by=officer)
    disposals.ask(batch, by=officer)

    with pytest.raises(NoLongerDraft):
        CHANGES[change](batch, officer)

    assert list(DisposalUnit.objects.values_list("device__serial", flat=True)) == ["SW-1"]


def test_the_database_keeps_the_list_too(batch, officer):
    empty_watch()
    disposals.add_watches(batch, ["SW-1"], by=officer)
    disposals.ask(batch, by=officer)

    with (
        pytest.raises(IntegrityError, match="the_list_of_an_asked_for_disposal_stays"),
        transaction.atomic(),
    ):
        DisposalUnit.objects.get().delete()


def test_a_list_with_faults_takes_nothing_and_names_each_line(walker, batch, officer):
    other = disposals.start(method="sold", recycler="새봄", reason="매각", by=officer)
    empty_watch("SW-100")
    empty_watch("SW-102", holds_personal_data=True)
    empty_watch("SW-103")
    disposals.add_watches(other, ["SW-103"], by=officer)
    lent = live_loan(walker).device
    texts = ["SW-100", "SW-999", "SW-102", "SW-103", lent.serial, "??", "sw-100 "]

    with pytest.raises(WatchesUnfit) as refused:
        disposals.add_watches(batch, texts, by=officer)

    assert refused.value.params["count"] == 6
    assert [line.partition(":")[0] for line in refused.value.fields["serials"]] == [
        "6", "7", "2", "3", "4", "5",
    ]  # fmt: skip
    assert not batch.units.exists()


def test_an_uninspected_watch_is_not_put_in(walker, batch, officer):
    watch = returned_loan(walker).device
    inspections.wipe(watch, method="factory_reset", by=JOB)

    with pytest.raises(WatchesUnfit):
        disposals.add_watches(batch, [watch.serial], by=officer)

    assert Device.objects.get().status == "awaiting_inspection"


def test_a_watch_at_the_workshop_is_not_put_in(batch, officer):
    watch = make_watch("SW-1")
    inspections.send_to_repair(watch, by=JOB, why="No charge")
    watch.repairs.update(status="sent", workshop="다온", sent_at=clock.now())

    with pytest.raises(WatchesUnfit):
        disposals.add_watches(batch, ["SW-1"], by=officer)

    assert Device.objects.get().status == "in_repair"


def test_a_repair_that_was_never_sent_ends_with_the_disposal(batch, officer):
    watch = make_watch("SW-1")
    inspections.send_to_repair(watch, by=JOB, why="No charge")

    disposals.add_watches(batch, ["SW-1"], by=officer)

    assert Device.objects.get().status == "quarantined"
    assert watch.repairs.get().status == "cancelled"


def test_all_that_are_ready_are_put_in_at_once(batch, officer):
    for number in range(3):
        empty_watch(f"SW-{number}")
    empty_watch("SW-7", grade="C")
    empty_watch("SW-8", holds_personal_data=True)

    assert disposals.add_fit(batch, by=officer) == 3


def test_nobody_lists_watches_they_do_not_see(batch, make_staff):
    elsewhere = make_staff("device_officer", scope="site", site_code="mapo")
    empty_watch("SW-1", site=make_site("jongno"))

    with pytest.raises(WatchesUnfit):
        disposals.add_watches(batch, ["SW-1"], by=elsewhere)

    assert disposals.add_fit(batch, by=elsewhere) == 0
    assert not batch.units.exists()


def test_an_empty_disposal_is_not_asked_for(batch, officer):
    with pytest.raises(EmptyDisposal):
        disposals.ask(batch, by=officer)

    assert DisposalBatch.objects.get().status == "draft"


@pytest.mark.parametrize("end", ["reject", "withdraw"])
def test_watches_that_stay_are_free_for_another_list(batch, officer, head, end):
    empty_watch()
    disposals.add_watches(batch, ["SW-1"], by=officer)
    disposals.ask(batch, by=officer)

    if end == "reject":
        disposals.reject(batch, by=head, why="Too new")
    else:
        disposals.withdraw(batch, by=officer, why="Counted wrong")

    inspections.bring_back(Device.objects.get(), by=JOB)
    assert Device.objects.get().status == "awaiting_inspection"


@pytest.mark.parametrize("end", [disposals.reject, disposals.withdraw])
def test_an_end_needs_a_reason(batch, head, end):
    with pytest.raises(ReasonNeeded):
        end(batch, by=head, why=" ")

    assert DisposalBatch.objects.get().status == "draft"


@pytest.mark.parametrize("way", [inspections.bring_back, inspections.shelve])
def test_a_watch_on_a_list_does_not_walk_away(batch, officer, way):
    watch = empty_watch()
    disposals.add_watches(batch, ["SW-1"], by=officer)

    with pytest.raises(InDisposal):
        way(watch, by=JOB)

    assert Device.objects.get().status == "quarantined"


def test_a_watch_that_moved_stops_the_whole_hand_over(batch, officer, head):
    approved(batch, officer, head, "SW-1", "SW-2")
    Device.objects.filter(serial="SW-2").update(status="awaiting_inspection")

    with pytest.raises(WatchesMoved) as refused:
        disposals.hand_over(batch, on=clock.today(), by=officer, **PROOF)

    assert refused.value.params["serials"] == "SW-2"
    assert DisposalBatch.objects.get().status == "approved"
    assert not Device.objects.filter(status="disposed").exists()


def test_nothing_is_handed_over_tomorrow(batch, officer, head):
    approved(batch, officer, head, "SW-1")

    with pytest.raises(DayAhead):
        disposals.hand_over(batch, on=clock.today() + timedelta(days=1), by=officer, **PROOF)

    assert Device.objects.get().status == "quarantined"


def test_nothing_is_handed_over_before_it_was_approved(batch, officer):
    empty_watch()
    disposals.add_watches(batch, ["SW-1"], by=officer)
    disposals.ask(batch, by=officer)

    with pytest.raises(IllegalMove):
        disposals.hand_over(batch, on=clock.today(), by=officer, **PROOF)

    assert Device.objects.get().status == "quarantined"


def test_no_hand_alone_throws_a_watch_away(db):
    empty_watch()

    with (
        pytest.raises(IntegrityError, match="a_watch_is_disposed_of_in_a_batch"),
        transaction.atomic(),
    ):
        Device.objects.update(status="disposed")


def test_a_flag_alone_is_no_proof_of_a_wipe(walker):
    inspected_watch(walker)

    with (
        pytest.raises(IntegrityError, match="a_wipe_is_on_record_before_a_watch_leaves"),
        transaction.atomic(),
    ):
        Device.objects.update(holds_personal_data=False, status="in_stock")

    assert Loan.objects.get().status == "closed"


def test_a_thousand_watches_take_as_many_statements_as_ten(
    batch, officer, head, django_assert_max_num_queries
):
    lot = make_watch("SW-X").lot
    Device.objects.bulk_create(
        Device(serial=f"SW-T{n:05d}", lot=lot, status="quarantined", grade="D") for n in range(1000)
    )
    with django_assert_max_num_queries(16):
        assert disposals.add_fit(batch, by=officer) == 1000
    disposals.ask(batch, by=officer)
    disposals.approve(batch, by=head)

    with django_assert_max_num_queries(12):
        assert disposals.hand_over(batch, on=clock.today(), by=officer, **PROOF) == 1000

    assert Device.objects.filter(status="disposed").count() == 1000


@pytest.mark.parametrize(
    ("name", "terms"),
    [
        ("disposalbatch_needs_two_people", {"decided_at": "now", "decided_by": "self"}),
        ("disposalbatch_decision_says_when", {"decided_at": "now"}),
        ("a_disposal_is_decided_by_somebody", {"status": "approved", "list_sha256": "x"}),
        ("a_disposal_asked_for_has_its_list", {"status": "requested"}),
        ("a_disposal_that_is_done_has_its_certificate",
            {"status": "done", "list_sha256": "x", "decided_by": "head", "decided_at": "now"}),
    ],
)  # fmt: skip
def test_a_disposal_tells_the_truth(officer, head, batch, name, terms):
    people = {"self": officer, "head": head, "now": clock.now()}
    told = {field: people.get(value, value) for field, value in terms.items()}

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        DisposalBatch.objects.filter(pk=batch.pk).update(**told)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("one_disposal_per_watch", {"other": True}),
        ("a_watch_stands_once_in_a_disposal", {"is_live": False}),
        ("a_watch_of_a_disposal_has_a_grade", {"other": True, "is_live": False, "grade": "E"}),
    ],
)
def test_a_watch_stands_on_one_list(batch, officer, name, changes):
    watch = empty_watch()
    disposals.add_watches(batch, ["SW-1"], by=officer)
    other = disposals.start(method="sold", recycler="x", reason="x", by=officer)
    terms = {"grade": "D", "unit_price": 1, "added_by": "x"} | changes
    target = other if terms.pop("other", False) else batch

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        DisposalUnit.objects.create(batch=target, device=watch, **terms)
