"""When to stop asking for watches: the next wave must cost less than what it brings back."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

# Without two waves to compare, a wave is expected to bring this share of the one before.
FADES_TO = (6, 10)


@dataclass(frozen=True, slots=True)
class Wave:
    """What one wave asked for, brought back, and cost."""

    asked: int
    recovered: int
    cost: int

    @property
    def cost_per_unit(self) -> int | None:
        return ceil(self.cost / self.recovered) if self.recovered else None


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the next wave would ask for, is expected to bring, and would cost."""

    asks: int
    # In thousandths of a watch, so that a small hope is not rounded away.
    expects: int
    cost: int

    @property
    def cost_per_unit(self) -> int | None:
        return ceil(self.cost * 1000 / self.expects) if self.expects else None

    def pays(self, worth: int) -> bool:
        return self.cost_per_unit is not None and self.cost_per_unit <= worth


def next_wave(waves: Sequence[Wave], *, still_out: int, unit_cost: int) -> Outlook | None:
    """Expect of the next wave the last one's yield, faded as it faded before."""
    if not waves:
        return None
    share, of = fading(waves)
    last = waves[-1]
    if not last.asked:
        return Outlook(still_out, 0, still_out * unit_cost)
    expects = 1000 * still_out * last.recovered * share // (last.asked * of)
    return Outlook(still_out, expects, still_out * unit_cost)


def fading(waves: Sequence[Wave]) -> tuple[int, int]:
    """Give how the yield changed from the wave before to the last, never above one."""
    if len(waves) < 2 or not waves[-2].recovered or not waves[-1].asked:
        return FADES_TO
    before, last = waves[-2:]
    share, of = last.recovered * before.asked, last.asked * before.recovered
    return (share, of) if share < of else (1, 1)
