from collections.abc import Callable

import pytest

from participants.models import Participant
from tests.points.builders import take_part


@pytest.fixture
def walker(make_participant: Callable[..., Participant]) -> Participant:
    participant = make_participant()
    take_part(participant)
    return participant
