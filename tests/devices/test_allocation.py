import pytest

from devices.lending_errors import AllocationRuns, NewerAllocation, NobodyWaits, NoWatchFits
from devices.models import Allocation, Device, Loan
from devices.services import allocation, loans
from participants.models import Lane, Participation
from participants.signals import participation_started
from seoul_health.core import clock
from seoul_health.core.errors import IllegalMove, ReasonNeeded
from seoul_health.core.models import AuditEvent
from tests.conftest import JOB

from .builders import join, join_lane, make_lot, make_site, make_watch

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(make_staff):
    return make_staff("device_officer")


@pytest.fixture
def lane(make_participant):
    """A lane whose three winners wait; who applied first is the last to have joined."""
    first = join(make_participant())
    lane = first.application.lane
    later = [join_lane(lane, make_participant()) for _ in range(2)]
    for place, one in enumerate([*later, first], start=1):
        one.application.sequence = place
        one.application.save()
    return lane


def ask(lane, officer, **terms):
    return allocation.ask_allocation(
        lane, **{"lot": None, "site": None, "most": None, **terms}, by=officer
    )


def run(lane, officer, **terms):
    asked = ask(lane, officer, **terms)
    allocation.allocate(asked, by=JOB)
    asked.refresh_from_db()
    return asked


def served():
    return [loan.participation.application.sequence for loan in Loan.objects.order_by("device")]


def test_whoever_applied_first_gets_the_first_watch(lane, officer):
    watches = [make_watch() for _ in range(2)]

    done = run(lane, officer)

    assert (done.status, done.given) == ("done", 2)
    assert served() == [1, 2]
    assert [loan.device for loan in Loan.objects.order_by("device")] == watches
    assert set(Device.objects.values_list("status", flat=True)) == {"allocated"}


def test_whoever_drew_a_seat_stands_by_its_number(lane, officer):
    Lane.objects.update(method=Lane.Method.LOTTERY)
    for seat, one in zip([12, 11, 13], Participation.objects.order_by("pk"), strict=True):
        one.application.seat_no = seat
        one.application.save()
    make_watch()

    run(lane, officer)

    assert Loan.objects.get().participation.application.seat_no == 11


def test_a_loan_is_made_as_a_single_reservation_would_make_it(lane, officer):
    watch = make_watch()

    run(lane, officer)

    loan = Loan.objects.get()
    assert (loan.status, loan.accepted_terms) == ("reserved", "")
    assert loan.due_on == clock.add_months(clock.today(), 6)
    written = AuditEvent.objects.get(subject=f"devices.loan:{loan.pk}")
    assert (written.verb, written.detail["serial"]) == ("reserved", watch.serial)
    moved = AuditEvent.objects.get(subject=f"devices.device:{watch.pk}")
    assert (moved.verb, moved.detail["before"]) == ("allocated", "in_stock")


def test_only_watches_of_the_chosen_lot_and_site_are_given(lane, officer):
    make_watch()
    make_watch(lot=make_lot("LOT-2"))
    wanted = make_watch(lot=make_lot("LOT-2"), site=make_site())

    run(lane, officer, lot=make_lot("LOT-2"), site=make_site())

    assert Loan.objects.get().device == wanted


def test_no_more_are_given_than_asked_for(lane, officer):
    for _ in range(3):
        make_watch()

    done = run(lane, officer, most=2)

    assert (done.given, Loan.objects.count()) == (2, 2)


def test_blocks_follow_one_another(lane, officer, monkeypatch):
    monkeypatch.setattr(allocation, "BLOCK", 1)
    for _ in range(3):
        make_watch()

    assert run(lane, officer).given == 3

    assert served() == [1, 2, 3]


def test_a_run_that_was_killed_goes_on(lane, officer, monkeypatch):
    monkeypatch.setattr(allocation, "BLOCK", 2)
    for _ in range(3):
        make_watch()
    asked = ask(lane, officer)
    allocation.give_block(asked.pk, by=JOB)

    assert allocation.resume(by=JOB) == 1

    asked.refresh_from_db()
    assert (asked.status, asked.given, Loan.objects.count()) == ("done", 3, 3)
    assert allocation.resume(by=JOB) == 0


def test_nobody_who_has_or_had_a_watch_is_in_the_line(lane, officer, make_participant):
    make_watch()
    run(lane, officer)
    make_watch()

    done = run(lane, officer, most=1)

    assert done.given == 1
    assert Loan.objects.values("participant").distinct().count() == 2


def test_those_of_other_lanes_wait_for_their_turn(lane, officer, make_participant):
    stranger = join(make_participant())
    for _ in range(4):
        make_watch()

    run(lane, officer)

    assert not Loan.objects.filter(participation=stranger).exists()


def test_an_allocation_that_would_give_nothing_is_refused(lane, officer, make_participant):
    with pytest.raises(NoWatchFits):
        ask(lane, officer)
    make_watch()
    Participation.objects.update(status="completed")
    with pytest.raises(NobodyWaits):
        ask(lane, officer)

    assert Allocation.objects.count() == 0


def test_a_lane_has_one_allocation_at_a_time(lane, officer):
    make_watch()
    ask(lane, officer)

    with pytest.raises(AllocationRuns):  # one_running_allocation_per_lane
        ask(lane, officer)

    assert Allocation.objects.count() == 1


def test_what_was_set_aside_is_put_back_before_it_leaves(lane, officer):
    make_watch()
    make_watch()
    done = run(lane, officer)

    assert allocation.take_back(done, why="Wrong lot", by=officer) == 2

    done.refresh_from_db()
    assert (done.status, done.taken_back) == ("undone", 2)
    assert set(Loan.objects.values_list("status", flat=True)) == {"cancelled"}
    assert set(Device.objects.values_list("status", flat=True)) == {"in_stock"}
    told = AuditEvent.objects.filter(verb="cancelled").values_list("detail__why", flat=True)
    assert list(told) == ["Wrong lot", "Wrong lot"]


def test_what_has_been_shipped_stays_shipped(lane, officer):
    make_watch()
    make_watch()
    done = run(lane, officer)
    loans.ship(Loan.objects.order_by("pk")[0], by=officer)

    assert allocation.take_back(done, why="Wrong lot", by=officer) == 1

    assert sorted(Loan.objects.values_list("status", flat=True)) == ["cancelled", "shipped"]


def test_taking_back_needs_a_reason_and_an_end(lane, officer):
    make_watch()
    asked = ask(lane, officer)

    with pytest.raises(IllegalMove):
        allocation.take_back(asked, why="Wrong lot", by=officer)
    allocation.allocate(asked, by=JOB)
    with pytest.raises(ReasonNeeded):
        allocation.take_back(asked, why=" ", by=officer)

    assert Loan.objects.get().status == "reserved"


def test_the_newest_allocation_is_taken_back_first(lane, officer):
    make_watch()
    older = run(lane, officer)
    make_watch()
    run(lane, officer)

    with pytest.raises(NewerAllocation):
        allocation.take_back(older, why="Wrong lot", by=officer)

    assert Loan.objects.filter(status="reserved").count() == 2


def test_a_lane_that_was_taken_back_waits_for_a_person(lane, officer, make_participant):
    make_watch()
    allocation.take_back(run(lane, officer), why="Wrong lot", by=officer)
    newcomer = join_lane(lane, make_participant())

    assert allocation.reserve_waiting(by=JOB) == 0
    participation_started.send(None, participation=newcomer, by=JOB)
    assert Loan.objects.filter(status="reserved").count() == 0

    run(lane, officer)
    assert Loan.objects.filter(status="reserved").count() == 1
    make_watch()
    assert allocation.reserve_waiting(by=JOB) == 1


def test_the_outlook_counts_before_anything_happens(lane):
    make_watch()

    seen = allocation.outlook(lane)

    assert (seen.waiting, seen.in_stock, seen.short) == (3, 1, 2)
