"""The short form of `make faults`: real programs, real kills, an outside checker."""

import os
import time

import pytest

from tests.faults.deeds import A_ROUND
from tests.faults.harness import BACK_WITHIN, DRAINED_WITHIN, Harness
from tests.faults.site import doomed
from tests.faults.town import BUDGET

pytestmark = pytest.mark.serial
SEED = os.environ.get("SEED", "short")
SHORT = (
    "web worker", "job process", "broker", "whole database", "wallet operator", "database backend",
)  # fmt: skip


@pytest.fixture(scope="module")
def harness():
    with doomed() as site:
        yield Harness(site, SEED)


def test_what_was_acknowledged_survives_every_kill_once(harness):
    found = harness.round(list(SHORT), pause=0.5)

    figures = harness.figures
    print(figures.as_line())
    assert found.all() == {}, figures.as_line()
    assert figures.kills == dict.fromkeys(SHORT, 1)
    assert figures.server_errors == 0


def test_the_site_went_on_working_between_the_kills(harness):
    figures = harness.figures

    assert figures.acknowledged > 100
    assert figures.paid > 10
    assert min(figures.applications, figures.complaints) > 5
    assert figures.deeds > A_ROUND  # In the second round too.
    assert figures.earned == BUDGET
    assert max(figures.slowest_return.values()) < BACK_WITHIN
    assert figures.longest_silence < BACK_WITHIN
    assert figures.slowest_drain < DRAINED_WITHIN


def test_control_a_forgetful_operator_pays_twice(harness):
    assert harness.pay_twice_without_memory() > 0


def test_control_without_durability_acknowledged_writes_are_lost(harness):
    began = time.monotonic()

    assert harness.lose_without_durability() > 0, time.monotonic() - began
