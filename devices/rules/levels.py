"""What the public is told of a site's stock: a coarse level that is never older than it looks."""

from collections.abc import Sequence
from dataclasses import dataclass

PLENTY, SOME, FEW, EMPTY = "plenty", "some", "few", "empty"
BREAK, UNKNOWN = "break", "unknown"
LEVELS = (PLENTY, SOME, FEW, EMPTY, BREAK, UNKNOWN)


@dataclass(frozen=True, slots=True)
class Thresholds:
    plenty: int = 100
    some: int = 30
    few: int = 2

    def level_of(self, quantity: int) -> str:
        if quantity >= self.plenty:
            return PLENTY
        if quantity >= self.some:
            return SOME
        return FEW if quantity >= self.few else EMPTY


@dataclass(frozen=True, slots=True)
class Word:
    """The newest word of one window; times are seconds since 1970."""

    quantity: int
    is_stopped: bool
    observed_at: float
    stocked_at: float | None
    fresh_until: float


@dataclass(frozen=True, slots=True)
class Standing:
    """How a site stands with one model at a moment."""

    level: str
    last_level: str
    is_stale: bool
    observed_at: float
    stocked_at: float | None


def standing(words: Sequence[Word], thresholds: Thresholds, *, now: float) -> Standing:
    """Add up what the windows said last; windows gone silent are left out of the sum.

    A site whose windows are all silent is unknown, whatever it said before; only one that
    stopped handing out stays stopped until it says otherwise.
    """
    heard = [word for word in words if now < word.fresh_until]
    known = heard or words
    running = [word for word in known if not word.is_stopped]
    last = thresholds.level_of(sum(word.quantity for word in running)) if running else BREAK
    observed = [word.observed_at for word in known]
    filled = [word.stocked_at for word in known if word.stocked_at is not None]
    return Standing(
        level=last if heard or last == BREAK else UNKNOWN,
        last_level=last,
        is_stale=not heard,
        observed_at=min(observed) if heard else max(observed),
        stocked_at=max(filled, default=None),
    )
