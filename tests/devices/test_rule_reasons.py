"""Every item of an upload can be explained in one sentence."""

import re
from pathlib import Path

import pytest
from django.utils import translation

import devices.rules
from devices.rules.reasons import OUTCOMES, REASONS, sentence
from devices.rules.steps import Item, ItemOutcome


def test_every_reason_the_rules_can_give_has_a_sentence():
    source = "".join(path.read_text() for path in Path(devices.rules.__path__[0]).glob("*.py"))
    given = re.findall(r"Unreadable\(\"(\w+)\"\)|REJECTED, \"(\w+)\"", source)

    assert {first or second for first, second in given} == set(REASONS)


@pytest.mark.parametrize("outcome", ItemOutcome)
def test_every_outcome_has_a_sentence(outcome):
    with translation.override("en"):
        assert sentence(Item(0, outcome)) == str(OUTCOMES[outcome])


def test_the_reason_says_more_than_the_outcome():
    with translation.override("en"):
        words = sentence(Item(0, ItemOutcome.REJECTED, "too_long"))

    assert words == "The record covers more than 24 hours."
