"""make faults — the long form: KILLS=40 SEED=… ROUND=10; prints one JSON line of figures.

Kills come in rounds. Each kind dies at least once if KILLS allows; afterwards the controls and
every pair of interleaved transactions follow. The answer is non-zero if anything was found.
"""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from typing import Any

from tests.faults.harness import Harness
from tests.faults.kills import KINDS
from tests.faults.site import doomed

INTERLEAVINGS = [
    "-m",
    "pytest",
    "-q",
    "-p",
    "no:cacheprovider",
    "tests/faults/test_interleavings.py",
]


def main() -> int:
    seed = os.environ.get("SEED") or secrets.token_hex(4)
    kills, size = int(os.environ.get("KILLS", "40")), int(os.environ.get("ROUND", "10"))
    print(f"SEED={seed} KILLS={kills} ROUND={size}", flush=True)
    began = time.monotonic()
    with doomed(rounds=-(-kills // size)) as site:
        harness = Harness(site, seed)
        planned = plan(harness, kills)
        while planned:
            found = harness.round(planned[:size])
            planned = planned[size:]
            print(f"round {harness.figures.rounds}: {found.all() or 'nothing found'}", flush=True)
            print(harness.figures.as_line(), flush=True)
        measured = json.loads(harness.figures.as_line())
        controls = {
            "paid_twice_by_a_forgetful_operator": harness.pay_twice_without_memory(),
            "lost_without_durability": harness.lose_without_durability(),
        }
    seconds = round(time.monotonic() - began, 1)
    line: dict[str, Any] = {**measured, **controls, "seconds": seconds}
    print(json.dumps(line), flush=True)
    ok = not harness.figures.findings and not harness.figures.server_errors
    return int(not (ok and all(controls.values())))


def plan(harness: Harness, kills: int) -> list[str]:
    """Shuffle so many kills, of every kind alike."""
    kinds = list(KINDS)
    planned: list[str] = []
    while len(planned) < kills:
        planned += harness.dice.sample(kinds, len(kinds))
    return planned[:kills]


def interleave() -> int:
    env = {**os.environ, "ALL_PAIRS": "1"}
    return subprocess.run([sys.executable, *INTERLEAVINGS], env=env, check=False).returncode


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # So that the site is taken down.
    sys.exit(main() or interleave())
