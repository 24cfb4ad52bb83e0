from collections.abc import Callable

import pytest

from complaints.models import Complaint
from complaints.services import desk
from participants.models import Participant
from seoul_health.core.models import StaffUser

from .builders import AGENT, receive_one


@pytest.fixture
def agent(make_staff: Callable[..., StaffUser]) -> StaffUser:
    return make_staff("agent", username="agent", **AGENT)


@pytest.fixture
def colleague(make_staff: Callable[..., StaffUser]) -> StaffUser:
    return make_staff("agent", username="colleague", **(AGENT | {"first_name": "동료"}))


@pytest.fixture
def complaint(walker: Participant) -> Complaint:
    return receive_one(walker)


@pytest.fixture
def taken(complaint: Complaint, agent: StaffUser) -> Complaint:
    desk.take(complaint, by=agent)
    return complaint


@pytest.fixture
def supervisor(make_staff: Callable[..., StaffUser]) -> StaffUser:
    return make_staff("supervisor", username="supervisor", **(AGENT | {"first_name": "팀장"}))
