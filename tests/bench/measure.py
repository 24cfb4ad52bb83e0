import json
import statistics
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Figure:
    """One line of the benchmark: ours against an honest baseline."""

    name: str
    ratio: float
    better: str
    ours: float
    baseline: float
    unit: str
    n: int

    def show(self) -> None:
        print(json.dumps(asdict(self)), flush=True)


def alternate(
    name: str,
    *,
    ours: Callable[[], float],
    baseline: Callable[[], float],
    unit: str,
    better: str,
    n: int,
    pairs: int = 3,
) -> Figure:
    """Warm both up once, then A B A B …; the figure is the median of the pairs' ratios."""
    ours(), baseline()
    measured = [(ours(), baseline()) for _ in range(pairs)]
    ratio = statistics.median(mine / theirs for mine, theirs in measured)
    figure = Figure(
        name=name,
        ratio=round(ratio, 3),
        better=better,
        ours=round(statistics.median(mine for mine, _ in measured), 1),
        baseline=round(statistics.median(theirs for _, theirs in measured), 1),
        unit=unit,
        n=n,
    )
    figure.show()
    return figure


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
