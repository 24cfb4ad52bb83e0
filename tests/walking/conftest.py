from collections.abc import Callable

import pytest

from participants.models import Participant
from tests.points.builders import lay_ground, take_part


@pytest.fixture(autouse=True)
def ground(request: pytest.FixtureRequest) -> None:
    if "db" in request.fixturenames or request.node.get_closest_marker("django_db"):
        request.getfixturevalue("db")
        lay_ground()


@pytest.fixture
def walker(make_participant: Callable[..., Participant]) -> Participant:
    participant = make_participant()
    take_part(participant)
    return participant
