"""The staff index: work that waits for whoever looks, and since when."""

from datetime import timedelta
from typing import Any

import pytest

from complaints.models import Complaint
from complaints.services import alarms, approval, desk
from seoul_health.core import clock
from seoul_health.operations.panels import queues
from tests.complaints.builders import AGENT, receive_one
from tests.complaints.incidents import opened

pytestmark = pytest.mark.django_db


def waiting(user: Any) -> dict[str, int]:
    return {
        str(queue["url"]): queue["count"] for queue in queues(user, clock.now()) if queue["count"]
    }


def test_a_call_for_help_waits_until_somebody_takes_it(make_staff, walker):
    chief = make_staff("supervisor", **AGENT)
    alarm = alarms.raise_alarm(walker, by=walker)
    elsewhere = make_staff("supervisor", **AGENT, scope="district", district="강남구")
    assert waiting(chief) == {"/desk/alarms/": 1}
    assert waiting(elsewhere) == {}

    alarms.take(alarm, by=chief)
    assert waiting(chief) == {}


@pytest.mark.parametrize(("hours", "count"), [(3, 1), (5, 0)])
def test_a_promise_waits_four_hours_before_it_is_due(make_staff, hours, count):
    chief = make_staff("supervisor", **AGENT)
    opened(chief, next_at=clock.now() + timedelta(hours=hours))

    assert waiting(chief).get("/desk/incidents/", 0) == count


def test_an_answer_waits_for_its_second_person(make_staff, walker):
    agent = make_staff("agent", **AGENT)
    chief = make_staff("supervisor", **(AGENT | {"first_name": "팀장"}))
    complaint = receive_one(walker, at=clock.now())
    desk.take(complaint, by=agent)
    fresh = Complaint.objects.get(pk=complaint.pk)
    approval.propose(fresh, text="답", version=fresh.version, by=agent)

    assert waiting(chief)["/desk/duties/?view=approvals"] == 1
    assert "/desk/duties/?view=approvals" not in waiting(agent)
