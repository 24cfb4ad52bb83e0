"""How a budget is cut up, and which awards fit into what is left of it."""

from collections.abc import Iterable, Sequence


def spread(points: int, places: int) -> list[int]:
    """Cut a sum into equal parts; the first ones take what is over."""
    part, over = divmod(points, places)
    return [part + (place < over) for place in range(places)]


def whole_awards(amounts: Sequence[int], room: int) -> list[bool]:
    """Say which awards fit, in their order; nobody is awarded a part."""
    fits = []
    for amount in amounts:
        fits.append(amount <= room)
        room -= amount if fits[-1] else 0
    return fits


def free_transfers(room: int, largest: int) -> int:
    """Say how many transfers fit into what is left, whatever they are."""
    return max(0, room) // largest


def shares_reached(spent: int, ceiling: int, percents: Iterable[int]) -> list[int]:
    """Give the percentages of a ceiling that are used up."""
    return sorted({percent for percent in percents if spent * 100 >= ceiling * percent})
