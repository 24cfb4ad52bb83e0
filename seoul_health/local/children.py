"""The programs of one run: started together, restarted when they die, stopped together."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from seoul_health.local.processes import last_line

LONGEST_PAUSE = 30.0
STEADY_AFTER = 60.0
LOG_LIMIT = 20 * 1024 * 1024
PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    """One program, its log, and how long to wait before it may try again."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    cwd: Path
    log: Path
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    pause: float = 1.0
    not_before: float = field(default=0.0)

    def start(self) -> None:
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.old"))
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.cwd,
                env=dict(self.env),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                process_group=0,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )
        self.started_at = time.monotonic()

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def look_after(self, say: Callable[[str], None]) -> None:
        """Notice a death, say so once, and start again after the pause."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.not_before:
                self.start()
        elif self.process.poll() is not None:
            if now - self.started_at > STEADY_AFTER:
                self.pause = 1.0
            code, pause = self.process.returncode, f"{self.pause:.0f}"
            say(
                f"{self.name}: 멈췄습니다(종료 코드 {code}). {pause}초 뒤 다시 시작합니다"
                f" / stopped ({code}), again in {pause} s — {self.log}: {last_line(self.log)[:200]}"
            )
            self.process = None
            self.not_before = now + self.pause
            self.pause = min(self.pause * 2, LONGEST_PAUSE)

    def signal(self, wish: signal.Signals) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, wish)


def stop_all(children: Sequence[Child], *, patience: float = 25.0) -> None:
    """Ask every program to finish its work, then end whatever is left of their groups."""
    for child in children:
        if child.process is not None:
            child.process.terminate()
    deadline = time.monotonic() + patience
    while any(child.is_running() for child in children) and time.monotonic() < deadline:
        time.sleep(0.1)
    for child in children:
        child.signal(signal.SIGKILL)
        if child.process is not None:
            child.process.wait()


def _die_with_parent() -> None:
    """Let the kernel end this program when the one that looks after it is killed."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
