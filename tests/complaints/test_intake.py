import pytest
import time_machine

from complaints.errors import UnknownSubject
from complaints.models import ClockEvent, Complaint
from complaints.services import intake
from complaints.services.intake import About, Guest
from complaints.tasks import receive_arrived
from devices.models import Loan
from seoul_health.core.errors import IllegalMove
from seoul_health.core.models import AuditEvent
from tests.complaints.builders import MONDAY, at, file_one, receive_one
from tests.conftest import JOB

pytestmark = pytest.mark.django_db


def test_a_complaint_from_the_app_waits_for_intake_and_rings_for_it(
    walker, queued, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        slip = file_one(walker)

    assert slip.complaint.status == "pending_intake"
    assert slip.complaint.due_at is None
    assert queued == [("complaints.receive_arrived",)]


def test_the_clock_starts_at_receipt_and_both_times_are_kept(walker):
    with time_machine.travel(at(2026, 2, 8, 22), tick=False):
        complaint = file_one(walker).complaint
    with time_machine.travel(at(2026, 2, 9), tick=False):
        receive_arrived()
    complaint.refresh_from_db()

    assert complaint.status == "received"
    assert (complaint.arrived_at, complaint.received_at) == (at(2026, 2, 8, 22), at(2026, 2, 9))
    assert complaint.due_at == at(2026, 2, 20, 18)
    assert complaint.article == "민원처리법 시행령 제17조"


def test_receiving_twice_changes_nothing(complaint):
    receive_arrived()

    assert ClockEvent.objects.filter(complaint=complaint).count() == 1


def test_a_call_is_received_on_the_spot(walker, agent):
    with time_machine.travel(MONDAY, tick=False):
        complaint = file_one(walker, channel="phone", code="sync_failure", by=agent).complaint

    assert complaint.status == "received"
    assert complaint.due_at == at(2026, 11, 23, 14)


def test_a_step_keeps_who_when_why_and_the_due_time_around_it(complaint):
    event = AuditEvent.objects.get(verb="received", subject=f"complaints.complaint:{complaint.pk}")

    assert event.actor == "system:tests.job"
    assert event.detail["due_before"] is None
    assert event.detail["due_after"].startswith("2026-12-01T18:00")


def test_a_receipt_number_tells_year_and_month(walker):
    assert receive_one(walker).receipt_no[:7] == "C-2611-"


def test_the_secret_is_not_stored_and_can_be_printed_again(walker):
    slip = file_one(walker)

    stored = Complaint.objects.values().get()
    assert slip.secret not in str(stored)
    assert intake.secret_of(Complaint.objects.get()) == slip.secret


def test_a_guest_is_stored_encrypted():
    slip = file_one(None, channel="web", guest=Guest("김손님", "010-2222-3333"))
    complaint = Complaint.objects.get(pk=slip.complaint.pk)

    assert complaint.participant is None
    assert complaint.guest_name == "김손님"


def test_nobody_complains_about_somebody_elses_loan(walker, make_participant):
    foreign = Loan(participant=make_participant())

    with pytest.raises(UnknownSubject):
        file_one(walker, about=About(loan=foreign))

    assert not Complaint.objects.exists()


def test_a_second_receipt_is_refused_by_the_state(complaint):
    with pytest.raises(IllegalMove):
        intake.receive(complaint, by=JOB)
