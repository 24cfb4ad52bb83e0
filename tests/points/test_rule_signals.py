"""What looks like a machine, and what does not."""

import random

import pytest
from django.utils import translation

from devices.rules.samples import Span
from devices.rules.spans import HOURS, pack, union
from points.rules.signals import (
    Limits,
    even,
    fast,
    findings_of,
    no_rest,
    same_steps,
    sentence,
    shaker,
    shared_device,
)

LIMITS = Limits()


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def beat(first_hour, minutes, steps, *, every=1):
    start = first_hour * 3_600
    return [
        Span(start + n * 60 * every, start + (n + 1) * 60 * every, steps * every)
        for n in range(minutes // every)
    ]


def test_hours_of_one_cadence_are_doubtful():
    finding = shaker(beat(13, 240, 112), LIMITS)

    assert (finding.signal, finding.score) == ("shaker", 56)
    assert finding.numbers == {"minutes": 240, "cadence": 112, "spread": 0, "night": 0}


def test_a_beat_at_night_is_graver():
    assert shaker(beat(0, 240, 112), LIMITS).score == 100
    assert shaker(beat(0, 240, 112), LIMITS).numbers["night"] == 240


def test_a_short_walk_at_one_pace_is_not_doubtful():
    assert shaker(beat(13, 149, 112), LIMITS) is None


def test_a_whole_hour_at_once_says_nothing_of_the_cadence():
    assert shaker([Span(n * 3_600, (n + 1) * 3_600, 4_000) for n in range(5)], LIMITS) is None


@pytest.mark.parametrize("seed", range(40))
def test_people_who_walk_by_the_minute_are_left_alone(seed):
    dice = random.Random(seed)
    spans = []
    for hour in (8, 12, 13, 18, 19):
        pace = dice.uniform(95, 125)
        spans += [
            Span(s.start, s.end, max(1, int(dice.gauss(pace, pace * 0.09))))
            for s in beat(hour, 50, 100)
        ]
    hours = union([pack(span) for span in spans])

    assert findings_of(spans, hours, even_days=0, limits=LIMITS) == []


def test_nobody_outruns_a_runner_for_long():
    assert fast(beat(9, 45, 210), LIMITS).numbers == {"minutes": 45, "cadence": 210}
    assert fast(beat(9, 44, 210), LIMITS) is None
    assert fast(beat(9, 120, 185), LIMITS) is None


def test_everybody_sleeps():
    assert no_rest([600] * 21 + [0] * 3, LIMITS).score == 50
    assert no_rest([600] * HOURS, LIMITS).score == 95
    assert no_rest([600] * 20 + [499] * 4, LIMITS) is None


def test_equal_hours_are_doubtful_on_many_days():
    hours = [0] * 10 + [2_000, 2_010, 1_990, 2_005, 1_995] + [0] * 9

    assert even(hours, 4, LIMITS).numbers == {"days": 4, "hours": 5, "steps": 2_000}
    assert even(hours, 3, LIMITS) is None
    assert even([*hours[:14], 2_600, *hours[15:]], 4, LIMITS) is None


def test_a_family_may_share_a_phone():
    assert shared_device(2, LIMITS) is None
    assert shared_device(3, LIMITS).numbers == {"members": 3}
    assert same_steps(2).score == 70


@pytest.mark.parametrize(
    ("finding", "words"),
    [
        (shaker(beat(0, 240, 112), LIMITS), "For 240 minutes, 240 of them at night"),
        (no_rest([600] * 24, LIMITS), "In 24 of 24 hours"),
        (fast(beat(9, 60, 210), LIMITS), "For 60 minutes there were 210 steps"),
        (even([2_000] * 6, 5, LIMITS), "6 hours of this day had about 2,000"),
        (shared_device(4, LIMITS), "One device sent the steps of 4 members"),
        (same_steps(2), "from 2 members"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.signal,
)
def test_every_doubt_is_explained(finding, words):
    assert words in sentence(finding.signal, finding.numbers)


def test_a_hold_by_hand_is_explained_without_numbers():
    assert sentence("by_hand", {"note": "a tip"}).startswith("A member of staff")
