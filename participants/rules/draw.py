"""The draw anybody can recompute: a frozen roster, a public seed, an order, and the seats."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

FORMAT = "seoul-health-draw/1"
# A seed has one spelling only: with several, officials could try out which one suits them.
LOTTO = re.compile(r"\d\d( \d\d){5}", re.ASCII)
DIGITS = re.compile(r"\d{6,60}", re.ASCII)
LOTTO_BALLS = 45


@dataclass(frozen=True)
class Pot:
    """One quota's seats as announced, and how many drew for them."""

    code: str
    seats: int
    spill_order: int
    applied: int = 0

    @property
    def own(self) -> int:
        """How many of the own seats go to the own applicants."""
        return min(self.seats, self.applied)


@dataclass(frozen=True)
class Band:
    """Ranks of one quota that share an outcome: whose seats they got, or none."""

    quota: str
    first: int
    last: int
    seat: str = ""
    first_seat_no: int = 0

    @property
    def size(self) -> int:
        return self.last - self.first + 1


def rank_key(seed: str, application: str) -> bytes:
    """Give the value by which an application is ranked, lowest first."""
    return sha256(f"{seed}{application}".encode()).digest()


def draw_order(seed: str, applications: Iterable[str]) -> list[str]:
    """Put every application into its drawn order, whatever order they came in."""
    return sorted(applications, key=lambda application: (rank_key(seed, application), application))


def in_order(pots: Iterable[Pot]) -> list[Pot]:
    """Sort quotas by the spill-over order announced; equal numbers go by code."""
    return sorted(pots, key=lambda pot: (pot.spill_order, pot.code))


def roster_head(terms: Sequence[tuple[str, str]], pots: Iterable[Pot]) -> str:
    """Write the lines above the applications: neither seats nor seed can be moved afterwards."""
    ordered = in_order(pots)
    lines = [FORMAT, *(f"{name} {text}" for name, text in terms)]
    lines += [f"quota {pot.code} {pot.seats} {pot.spill_order}" for pot in ordered]
    lines.append(f"applications {sum(pot.applied for pot in ordered)}")
    return "".join(f"{line}\n" for line in lines)


def bands(pots: Iterable[Pot]) -> list[Band]:
    """Say which ranks get which seats: own ones first, then those nobody else needs."""
    ordered = in_order(pots)
    left = [Band(pot.code, pot.own + 1, pot.seats) for pot in ordered if pot.seats > pot.own]
    return [band for pot in ordered for band in bands_of(pot, left)]


def bands_of(pot: Pot, left: list[Band]) -> Iterator[Band]:
    """Serve one quota from its own seats, then from the seats left, which it uses up."""
    if pot.own:
        yield Band(pot.code, 1, pot.own, pot.code, 1)
    rank = pot.own + 1
    while left and rank <= pot.applied:
        spare = left.pop(0)
        taken = min(spare.size, pot.applied - rank + 1)
        yield Band(pot.code, rank, rank + taken - 1, spare.quota, spare.first)
        rank += taken
        if taken < spare.size:
            left.insert(0, Band(spare.quota, spare.first + taken, spare.last))
    if rank <= pot.applied:
        yield Band(pot.code, rank, pot.applied)


def fits(form: str, seed: str) -> bool:
    """Tell whether a seed is spelt in the one way that was announced."""
    if form == "digits":
        return bool(DIGITS.fullmatch(seed))
    balls = [int(ball) for ball in seed.split(" ")] if LOTTO.fullmatch(seed) else []
    return bool(balls) and balls == sorted(set(balls)) and 0 < balls[0] <= balls[-1] <= LOTTO_BALLS
