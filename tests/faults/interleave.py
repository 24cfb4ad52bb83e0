"""Run two transactions on two real connections in every order of their steps.

A step ends before a statement that writes or locks, and the last one before COMMIT. Whoever waits
for a lock is left waiting while the other goes on, as the database would have it.
"""

import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

WRITES = ("INSERT", "UPDATE", "DELETE", "WITH")
LOCKS = ("FOR UPDATE", "FOR NO KEY UPDATE", "PG_ADVISORY")
PATIENCE = 20.0
Act = Callable[[], object]


class Walker(threading.Thread):
    """One transaction that takes its next step only when it is told to."""

    def __init__(self, act: Act, *, steps: int) -> None:
        super().__init__(daemon=True)
        self.act = act
        self.cuts = steps - 2
        self.outcome = ""
        self.backend = 0
        self.free = False
        self.waiting = threading.Event()
        self.go = threading.Event()

    def run(self) -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                self.backend = cursor.fetchone()[0]
            self.pause()
            with transaction.atomic(), connection.execute_wrapper(self.before):
                self.act()
                self.pause()
            self.outcome = "ok"
        except Exception as exc:
            self.outcome = type(exc.__cause__ or exc).__name__
        finally:
            connection.close()
            self.waiting.set()

    def before(self, execute: Any, query: Any, params: Any, many: bool, context: Any) -> Any:
        if self.cuts > 0 and is_step(query if isinstance(query, str) else str(query.as_string())):
            self.cuts -= 1
            self.pause()
        return execute(query, params, many, context)

    def pause(self) -> None:
        if not self.free:
            self.waiting.set()
            assert self.go.wait(PATIENCE), "Nobody said go."
            self.go.clear()

    @property
    def may_step(self) -> bool:
        return self.waiting.is_set() and not self.outcome


def is_step(query: str) -> bool:
    text = query.strip().upper()
    return text.startswith(WRITES) or any(lock in text for lock in LOCKS)


@dataclass
class Report:
    """What every order of two transactions came to."""

    orders: int = 0
    waits: int = 0
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    anomalies: list[tuple[str, Any]] = field(default_factory=list)

    def refusals(self, name: str) -> int:
        return sum(count for pair, count in self.outcomes.items() if name in pair)


def orders(steps: int) -> Iterator[str]:
    """Give every order of so many steps of A and as many of B: 20 for three."""
    for places in itertools.combinations(range(2 * steps), steps):
        yield "".join("A" if place in places else "B" for place in range(2 * steps))


def interleave(
    lay: Callable[[], Any],
    first: Callable[[Any], object],
    second: Callable[[Any], object],
    look: Callable[[Any], Any],
    *,
    steps: int = 3,
) -> Report:
    """Lay the ground, run both in one order, look for what must not be; for every order."""
    report = Report()
    for order in orders(steps):
        ground = lay()
        walkers = {
            "A": Walker(lambda ground=ground: first(ground), steps=steps),
            "B": Walker(lambda ground=ground: second(ground), steps=steps),
        }
        report.waits += follow(order, walkers)
        report.orders += 1
        report.outcomes[walkers["A"].outcome, walkers["B"].outcome] += 1
        if wrong := look(ground):
            report.anomalies.append((order, wrong))
    return report


def follow(order: str, walkers: dict[str, Walker]) -> int:
    """Let them step in this order; give how often one had to wait for the other."""
    waits = 0
    for walker in walkers.values():
        walker.start()
        assert walker.waiting.wait(PATIENCE)
    for name in order:
        walker = walkers[name]
        if walker.may_step:
            walker.waiting.clear()
            walker.go.set()
            waits += not has_stopped(walker)
    for walker in walkers.values():
        walker.free = True
        walker.go.set()
    for walker in walkers.values():
        walker.join(PATIENCE)
        assert not walker.is_alive(), "A transaction never ended."
    return waits


def has_stopped(walker: Walker) -> bool:
    """Wait until a step is done, or until the database says that it waits for a lock."""
    deadline = time.monotonic() + PATIENCE
    while not walker.waiting.wait(0.01):
        if is_blocked(walker.backend):
            return False
        assert time.monotonic() < deadline, "A step neither ended nor waited."
    return True


def is_blocked(backend: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", [backend])
        return bool(cursor.fetchone()[0])
