from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings

from participants.models import Participant
from points.gateways.wallet import HttpWallet
from seoul_health.simulators.server import Simulators
from tests.points.builders import give, take_part


@pytest.fixture
def walker(make_participant: Callable[..., Participant]) -> Participant:
    participant = make_participant()
    take_part(participant)
    return participant


@pytest.fixture
def saver(walker: Participant) -> Participant:
    """A verified participant with 20,000 points."""
    give(walker, 20_000)
    return walker


@pytest.fixture
def simulators(tmp_path: Path) -> Iterator[Simulators]:
    with Simulators(
        state_dir=tmp_path,
        identity_secret="identity-secret-of-the-tests-only",
        wallet_secret=settings.WALLET_SECRET,
        courier_secret="courier-secret-of-the-tests-only",
        patience=1.0,
    ) as running:
        yield running


@pytest.fixture
def wallet(simulators: Simulators) -> HttpWallet:
    return HttpWallet(f"{simulators.url}/wallet", settings.WALLET_SECRET, timeout=0.4)
