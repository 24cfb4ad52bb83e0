"""What makes a day of steps doubtful: cadence, rest, speed and devices, as pure rules.

Nobody is punished by a signal. It raises a hold with the numbers behind it, and a person decides.
The limits are wide on purpose: a careful walker is never to be asked, a shaker may slip through.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from devices.rules.samples import HOUR, Span
from devices.rules.spans import best_chain

SHAKER, EVEN_HOURS, NO_REST, FAST, SHARED_DEVICE, SAME_STEPS = (
    "shaker", "even_hours", "no_rest", "fast", "shared_device", "same_steps",
)  # fmt: skip
NIGHT = frozenset({23, 0, 1, 2, 3, 4})
MINUTE = 60


@dataclass(frozen=True, slots=True)
class Limits:
    """Where doubt begins. A percentage is the standard deviation over the mean."""

    # A machine keeps its beat: spans of at most so many minutes, over so long, so alike.
    shaker_span_minutes: int = 15
    shaker_minutes: int = 150
    shaker_spread_percent: int = 4
    # Hours of the same steps, on several days of the last two weeks.
    even_hours: int = 5
    even_hour_steps: int = 800
    even_spread_percent: int = 3
    even_days: int = 4
    # Everybody sleeps: hours of a day with steps in them.
    awake_hour_steps: int = 500
    awake_hours: int = 21
    # Faster than a marathon runner, for so long.
    fast_per_minute: int = 200
    fast_minutes: int = 45
    # Members whose steps one device sends on one day; a family may share one.
    device_members: int = 3
    # Records of one upload that another member's upload repeats to the second.
    same_records: int = 60
    # Days with fewer steps than any goal are nobody's business.
    least_steps: int = 5_000


@dataclass(frozen=True, slots=True)
class Finding:
    """A doubt about one day: how grave, out of a hundred, and its numbers."""

    signal: str
    score: int
    numbers: Mapping[str, int]


def findings_of(
    spans: Sequence[Span], hours: Sequence[int], *, even_days: int, limits: Limits
) -> list[Finding]:
    """Look at one day with every rule that needs no other person."""
    chain = best_chain(spans)
    found = (
        shaker(chain, limits),
        fast(chain, limits),
        no_rest(hours, limits),
        even(hours, even_days, limits),
    )
    return [finding for finding in found if finding is not None]


def shaker(chain: Iterable[Span], limits: Limits) -> Finding | None:
    """Doubt hours of a cadence that hardly ever changes; at night all the more."""
    fine = [
        span for span in chain
        if MINUTE <= span.end - span.start <= limits.shaker_span_minutes * MINUTE and span.steps
    ]  # fmt: skip
    minutes = sum(span.end - span.start for span in fine) // MINUTE
    if minutes < limits.shaker_minutes:
        return None
    spread = spread_of([(span.steps * MINUTE / (s := span.end - span.start), s) for span in fine])
    if spread > limits.shaker_spread_percent:
        return None
    night = sum(s.end - s.start for s in fine if s.start // HOUR in NIGHT) // MINUTE
    cadence = sum(span.steps for span in fine) // minutes
    score = min(100, 40 + minutes // 15 + night // 3)
    numbers = {"minutes": minutes, "cadence": cadence, "spread": round(spread), "night": night}
    return Finding(SHAKER, score, numbers)


def spread_of(weighted: Sequence[tuple[float, int]]) -> float:
    """Give the weighted standard deviation as a percentage of the mean."""
    weight = sum(one for _, one in weighted)
    mean = sum(value * one for value, one in weighted) / weight
    variance = sum(one * (value - mean) ** 2 for value, one in weighted) / weight
    return 100 * sqrt(variance) / mean


def fast(chain: Iterable[Span], limits: Limits) -> Finding | None:
    """Doubt a cadence that nobody keeps up for long."""
    quick = [
        span for span in chain
        if span.steps * MINUTE >= limits.fast_per_minute * (span.end - span.start)
        and span.end - span.start >= MINUTE
    ]  # fmt: skip
    minutes = sum(span.end - span.start for span in quick) // MINUTE
    if minutes < limits.fast_minutes:
        return None
    cadence = sum(span.steps for span in quick) // minutes
    return Finding(FAST, min(100, 30 + minutes // 2), {"minutes": minutes, "cadence": cadence})


def no_rest(hours: Sequence[int], limits: Limits) -> Finding | None:
    """Doubt a day without sleep."""
    awake = sum(steps >= limits.awake_hour_steps for steps in hours)
    if awake < limits.awake_hours:
        return None
    numbers = {"hours": awake, "least": limits.awake_hour_steps}
    return Finding(NO_REST, min(100, 50 + 15 * (awake - limits.awake_hours)), numbers)


def is_even(hours: Sequence[int], limits: Limits) -> bool:
    """Tell whether the hours somebody walked in are all but the same."""
    walked = [steps for steps in hours if steps >= limits.even_hour_steps]
    if len(walked) < limits.even_hours:
        return False
    return spread_of([(float(steps), 1) for steps in walked]) <= limits.even_spread_percent


def even(hours: Sequence[int], days: int, limits: Limits) -> Finding | None:
    """Doubt equal hours when many days are like that, this one among them."""
    if days < limits.even_days or not is_even(hours, limits):
        return None
    walked = [steps for steps in hours if steps >= limits.even_hour_steps]
    numbers = {"days": days, "hours": len(walked), "steps": sum(walked) // len(walked)}
    return Finding(EVEN_HOURS, min(100, 20 + 10 * days), numbers)


def shared_device(members: int, limits: Limits) -> Finding | None:
    """Doubt one device that tells the steps of many."""
    if members < limits.device_members:
        return None
    return Finding(SHARED_DEVICE, min(100, 25 * members), {"members": members})


def same_steps(members: int) -> Finding:
    """Doubt records that came word for word from more than one member."""
    return Finding(SAME_STEPS, min(100, 70 + 10 * (members - 2)), {"members": members})


SENTENCES: Mapping[str, str | Promise] = {
    SHAKER: _(
        "For {minutes} minutes, {night} of them at night, the steps came at an even {cadence} "
        "a minute. A person's pace changes more than that."
    ),
    EVEN_HOURS: _(
        "{hours} hours of this day had about {steps} steps each, and {days} days of the last "
        "two weeks were like that."
    ),
    NO_REST: _("In {hours} of 24 hours there were {least} steps or more, with no time for sleep."),
    FAST: _("For {minutes} minutes there were {cadence} steps a minute, more than a runner makes."),
    SHARED_DEVICE: _("One device sent the steps of {members} members on this day."),
    SAME_STEPS: _("The very same records came from {members} members on this day."),
}
BY_HAND = _("A member of staff asked for these days to be checked.")


def sentence(signal: str, numbers: Mapping[str, object]) -> str:
    """Explain a doubt in the language in force, by the numbers kept with it."""
    told = {name: f"{n:,}" if isinstance(n, int) else n for name, n in numbers.items()}
    return str(SENTENCES.get(signal, BY_HAND)).format(**told)
