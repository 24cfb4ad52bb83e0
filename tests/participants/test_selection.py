import pytest

from participants.errors import DrawnByLot
from participants.models import Application, Lane
from participants.services import applications, participations, selection
from seoul_health.core.models import AuditEvent
from tests.conftest import JOB
from tests.participants.recruiting import approved, open_lane, submitted

pytestmark = pytest.mark.django_db
Status = Application.Status


def statuses(lane):
    rows = Application.objects.filter(lane=lane, sequence__isnull=False)
    return list(rows.order_by("sequence").values_list("status", flat=True))


@pytest.fixture
def lane():
    return open_lane(seats=2)


@pytest.fixture
def people(make_participant):
    return [make_participant(is_resident=True) for _ in range(4)]


def test_seats_go_to_the_first_in_order_of_arrival(lane, people):
    for person in people:
        approved(person, lane)

    assert selection.select_lane(lane, by=JOB) == 2
    assert statuses(lane) == ["selected", "selected", "waitlisted", "waitlisted"]


def test_selecting_again_changes_nothing(lane, people):
    for person in people:
        approved(person, lane)
    selection.select_lane(lane, by=JOB)
    events = AuditEvent.objects.count()

    assert selection.select_lane(lane, by=JOB) == 0
    assert statuses(lane) == ["selected", "selected", "waitlisted", "waitlisted"]
    assert AuditEvent.objects.count() == events


def test_who_is_still_under_review_keeps_the_place(lane, people):
    early = submitted(people[0], lane)
    for person in people[1:]:
        approved(person, lane)

    selection.select_lane(lane, by=JOB)
    assert statuses(lane)[:2] == ["submitted", "selected"]

    applications.approve(early, by=JOB)
    selection.select_lane(lane, by=JOB)
    assert statuses(lane) == ["selected", "selected", "waitlisted", "waitlisted"]


def test_the_order_of_reviewing_does_not_matter(lane, people):
    filed = [submitted(person, lane) for person in people]
    for application in reversed(filed):
        applications.approve(application, by=JOB)
        selection.select_lane(lane, by=JOB)

    assert statuses(lane) == ["selected", "selected", "waitlisted", "waitlisted"]


def test_a_declined_seat_goes_to_the_next_in_line(lane, people):
    first = approved(people[0], lane)
    for person in people[1:]:
        approved(person, lane)
    selection.select_lane(lane, by=JOB)
    first.refresh_from_db()
    participations.decline(first, by=people[0])

    assert selection.select_due_lanes(by=JOB) == 1
    assert statuses(lane) == ["declined", "selected", "selected", "waitlisted"]


def test_a_rejected_early_bird_frees_the_place(lane, people):
    early = submitted(people[0], lane)
    for person in people[1:]:
        approved(person, lane)
    selection.select_lane(lane, by=JOB)
    applications.reject(early, by=JOB, reason="주소가 서울이 아닙니다.")

    selection.select_lane(lane, by=JOB)
    assert statuses(lane) == ["rejected", "selected", "selected", "waitlisted"]


def test_every_selection_is_in_the_audit_trail(lane, people):
    application = approved(people[0], lane)
    selection.select_lane(lane, by=JOB)

    event = AuditEvent.objects.get(verb="selected")
    assert event.subject == f"participants.application:{application.pk}"
    assert (event.actor, event.detail["before"]) == ("system:tests.job", "approved")


def test_a_lottery_lane_is_not_served_in_order(people):
    lane = open_lane(method=Lane.Method.LOTTERY)
    approved(people[0], lane)

    with pytest.raises(DrawnByLot):
        selection.select_lane(lane, by=JOB)

    assert selection.select_due_lanes(by=JOB) == 0
    assert statuses(lane) == ["approved"]


def test_a_pass_costs_the_same_for_any_number(lane, people, django_assert_num_queries):
    for person in people:
        approved(person, lane)

    with django_assert_num_queries(8):
        selection.select_lane(lane, by=JOB)
