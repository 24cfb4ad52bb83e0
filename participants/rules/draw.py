"""The draw anybody can recompute: a frozen roster, a public seed, an order."""

from collections.abc import Iterable
from hashlib import sha256


def roster_hash(applications: Iterable[str]) -> str:
    """Fingerprint the frozen roster: sorted public ids, one per line."""
    digest = sha256()
    for application in sorted(applications):
        digest.update(f"{application}\n".encode())
    return digest.hexdigest()


def rank_key(seed: str, application: str) -> bytes:
    """Give the value by which an application is ranked, lowest first."""
    return sha256(f"{seed}{application}".encode()).digest()


def draw_order(seed: str, applications: Iterable[str]) -> list[str]:
    """Put every application into its drawn order, whatever order they came in."""
    return sorted(applications, key=lambda application: (rank_key(seed, application), application))
