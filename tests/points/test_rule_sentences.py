"""Every outcome can be said in one sentence."""

from datetime import date

import pytest
from django.utils import translation

from points.rules.earning import Outcome
from points.rules.sentences import SENTENCES, sentence


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (
            Outcome(0, "below_goal", goal=8000, missing_steps=1200),
            "The goal of 8,000 steps was missed by 1,200.",
        ),
        (
            Outcome(100, "goal_reached", goal=8000, due=100),
            "The goal of 8,000 steps was reached and earned 100 points.",
        ),
        (
            Outcome(60, "goal_reached", goal=8000, due=100),
            "60 of 100 points were earned: the points limit is now used up.",
        ),
        (
            Outcome(0, "cap_reached", due=100, next_chance=date(2027, 1, 1)),
            "The goal was reached, but the points limit is used up until 2027-01-01.",
        ),
    ],
)
def test_an_outcome_is_said_with_its_numbers(outcome, words):
    assert sentence(outcome) == words


@pytest.mark.parametrize("reason", sorted(SENTENCES))
def test_no_sentence_leaves_a_field_open(reason):
    words = sentence(Outcome(0, reason, next_chance=date(2027, 1, 1)))

    assert words.endswith(".")
    assert "{" not in words
