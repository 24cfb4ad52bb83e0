"""One source's day as a set of spans, and the fewest steps that agree with all of them.

Each span says "at least this many steps were walked here". The least walk that satisfies every
span of an hour equals the largest total of spans that do not overlap (the two problems are dual,
and intervals make both whole-numbered). So uploads that follow each other add up, a repeat or a
coarser or finer copy never counts twice, order never matters, and one more span never lowers.

A span is packed into one integer, so that a day is a plain sorted array of numbers.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from devices.rules.samples import HOUR, Span

HOURS = 24
STEP_BITS = 20
LENGTH_BITS = 12
START_BITS = STEP_BITS + LENGTH_BITS
MOST_STEPS = (1 << STEP_BITS) - 1
MOST_LENGTH = (1 << LENGTH_BITS) - 1
CROWDED = 120
SMALLINT = 32_767


def pack(span: Span) -> int:
    return span.start << START_BITS | (span.end - span.start) << STEP_BITS | span.steps


def unpack(packed: int) -> Span:
    start = packed >> START_BITS
    length = packed >> STEP_BITS & MOST_LENGTH
    return Span(start, start + length, packed & MOST_STEPS)


def union(packed: Sequence[int]) -> list[int]:
    """Give the day's 24 hours as its sorted spans tell them."""
    return [hour_steps(packed, hour) for hour in range(HOURS)]


def hour_steps(packed: Sequence[int], hour: int) -> int:
    """Give one hour of the day, never more than its column can hold."""
    low, high = hour_slice(packed, hour)
    if low == high:
        return 0
    return min(least_walk([unpack(one) for one in packed[low:high]]), SMALLINT)


def hour_slice(packed: Sequence[int], hour: int) -> tuple[int, int]:
    low = bisect_left(packed, hour * HOUR << START_BITS)
    return low, bisect_left(packed, (hour + 1) * HOUR << START_BITS, low)


def least_walk(spans: Sequence[Span]) -> int:
    """Give the fewest steps that agree with every one of an hour's spans, sorted by start."""
    total = last = 0
    for start, end, steps in spans:
        if start < last:
            return _best_totals(sorted(spans, key=_end))[-1]
        last = end
        total += steps
    return total


def insert(packed: Sequence[int], span: Span) -> list[int]:
    """Add a span to a sorted day, leaving out every span that another one makes needless."""
    low, high = hour_slice(packed, span.start // HOUR)
    hour = [unpack(one) for one in packed[low:high]]
    if not span.steps or any(_covers(span, known) for known in hour):
        return list(packed)
    kept = [known for known in hour if not _covers(known, span)]
    if len(kept) >= CROWDED:
        kept = thin(kept)
    return [*packed[:low], *sorted(pack(one) for one in (*kept, span)), *packed[high:]]


def thin(spans: Sequence[Span]) -> list[Span]:
    """Halve an overcrowded hour without changing its steps: join the nearest neighbours."""
    chain = best_chain(spans)
    gaps = sorted(range(1, len(chain)), key=lambda i: chain[i].start - chain[i - 1].end)
    joined = set(gaps[: max(0, len(chain) - CROWDED // 2)])
    kept: list[Span] = []
    for i, span in enumerate(chain):
        if i in joined:
            before = kept.pop()
            span = Span(before.start, span.end, min(before.steps + span.steps, MOST_STEPS))
        kept.append(span)
    return kept


def best_chain(spans: Iterable[Span]) -> list[Span]:
    """Give spans that do not overlap and carry the most steps, in order of time."""
    by_end = sorted(spans, key=_end)
    totals = _best_totals(by_end)
    ends = [span.end for span in by_end]
    chain: list[Span] = []
    i = len(by_end)
    while i:
        if totals[i] == totals[i - 1]:
            i -= 1
            continue
        chain.append(by_end[i - 1])
        i = bisect_right(ends, by_end[i - 1].start)
    return chain[::-1]


def _best_totals(by_end: Sequence[Span]) -> list[int]:
    """Give, for each prefix of spans sorted by end, the most steps of spans that do not overlap."""
    ends = [span.end for span in by_end]
    totals = [0]
    for start, _, steps in by_end:
        totals.append(max(totals[-1], totals[bisect_right(ends, start)] + steps))
    return totals


def _end(span: Span) -> int:
    return span.end


def _covers(wide: Span, narrow: Span) -> bool:
    """Tell whether a wide span says nothing that a span inside it does not say already."""
    return wide.start <= narrow.start and narrow.end <= wide.end and wide.steps <= narrow.steps
