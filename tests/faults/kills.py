"""The ways to die: each takes kill -9 to something that really runs, and says what it killed."""

import contextlib
import os
import random
import signal
from collections.abc import Callable
from pathlib import Path

from tests.faults.site import Doomed


def children_of(parent: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            pid, fields = int(stat.parent.name), stat.read_text().rpartition(") ")[2].split()
            if int(fields[1]) == parent and fields[0] != "Z":
                found.append(pid)
    return found


def kill(pids: list[int]) -> int:
    """Kill these and count who was there to be killed."""
    killed = 0
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            killed += 1
    return killed


def child_pid(site: Doomed, name: str) -> list[int]:
    process = site.child(name).process
    return [process.pid] if process is not None and process.poll() is None else []


def family(site: Doomed, name: str) -> list[int]:
    heads = child_pid(site, name)
    return heads + [pid for head in heads for pid in children_of(head)]


def one_child(site: Doomed, name: str, dice: random.Random) -> list[int]:
    found = sorted(pid for head in child_pid(site, name) for pid in children_of(head))
    return [dice.choice(found)] if found else []


def postmaster(site: Doomed) -> list[int]:
    assert site.services.postgres
    pid = site.services.postgres.pid()
    return [pid] if pid is not None else []


def backend(site: Doomed, dice: random.Random) -> list[int]:
    """Find a connection of the site in the middle of its life."""
    with site.database() as connection:
        rows = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE usename = 'seoul_app'"
        ).fetchall()
    return [dice.choice(rows)[0]] if rows else []


def whole_database(site: Doomed) -> list[int]:
    """Stop the postmaster first, so that none of its children can put anything in order."""
    heads = postmaster(site)
    for head in heads:
        os.kill(head, signal.SIGSTOP)
    return [pid for head in heads for pid in children_of(head)] + heads


def broker(site: Doomed) -> list[int]:
    assert site.services.valkey
    pid = site.services.valkey.pid()
    return [pid] if pid is not None else []


Find = Callable[[Doomed, random.Random], list[int]]
KINDS: dict[str, Find] = {
    "web worker": lambda site, dice: one_child(site, "web", dice),
    "web master": lambda site, _: child_pid(site, "web"),
    "whole web": lambda site, _: family(site, "web"),
    "job process": lambda site, dice: one_child(site, "worker", dice),
    "whole worker": lambda site, _: family(site, "worker"),
    "beat": lambda site, _: child_pid(site, "beat"),
    "broker": lambda site, _: broker(site),
    "database backend": backend,
    "postmaster": lambda site, _: postmaster(site),
    "whole database": lambda site, _: whole_database(site),
    "wallet operator": lambda site, _: child_pid(site, "simulators"),
}


def strike(site: Doomed, kind: str, dice: random.Random) -> int:
    return kill(KINDS[kind](site, dice))
