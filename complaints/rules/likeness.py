"""How alike two texts are, by the pairs of signs they share; it works for Korean as it stands."""

from collections.abc import Iterable

NOTHING: frozenset[str] = frozenset()
LONGEST = 2_000


def pairs(text: str) -> frozenset[str]:
    """Give every two signs that follow each other inside a word, in small letters."""
    found: set[str] = set()
    for word in words(text[:LONGEST]):
        found.update(word[at : at + 2] for at in range(len(word) - 1))
    return frozenset(found)


def words(text: str) -> list[str]:
    """Give the words of a text without punctuation; a lonely sign says nothing."""
    signs = "".join(sign if sign.isalnum() else " " for sign in text.casefold())
    return [word for word in signs.split() if len(word) > 1]


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Say how much two texts share, from 0 (nothing) to 1 (the same pairs)."""
    shared = len(one & other)
    return 2 * shared / (len(one) + len(other)) if shared else 0.0


def covered(asked: frozenset[str], phrases: Iterable[frozenset[str]]) -> float:
    """Say how much of the best fitting phrase stands in what was asked, from 0 to 1."""
    return max((len(phrase & asked) / len(phrase) for phrase in phrases if phrase), default=0.0)
