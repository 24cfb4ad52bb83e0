"""What is not told apart: groups so small that somebody could be recognised in them."""

from collections.abc import Sequence


def withheld(sizes: Sequence[int], *, smallest: int) -> set[int]:
    """Say which groups are told only together: the small ones, and never one of them alone."""
    hidden = {place for place, size in enumerate(sizes) if 0 < size < smallest}
    rest = [place for place in range(len(sizes)) if place not in hidden and sizes[place]]
    while hidden and rest and (len(hidden) < 2 or sum(sizes[p] for p in hidden) < smallest):
        nearest = min(rest, key=lambda place: (sizes[place], place))
        hidden.add(nearest)
        rest.remove(nearest)
    return hidden
