import pytest

from seoul_health.simulators.server import Simulators

IDENTITY_SECRET = "identity-secret-of-the-tests-only"
WALLET_SECRET = "wallet-secret-of-the-tests-only"
COURIER_SECRET = "courier-secret-of-the-tests-only"


def build(state_dir, port: int = 0) -> Simulators:
    return Simulators(
        port,
        state_dir=state_dir,
        identity_secret=IDENTITY_SECRET,
        wallet_secret=WALLET_SECRET,
        courier_secret=COURIER_SECRET,
        patience=5.0,
    )


@pytest.fixture
def simulators(tmp_path):
    with build(tmp_path) as running:
        yield running
