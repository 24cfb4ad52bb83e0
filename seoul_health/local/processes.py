"""Servers that outlive the command that started them: start, recognise, stop."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from seoul_health.local.place import Account

ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "Asia/Seoul"}


def start_detached(
    command: Sequence[str | Path], *, log: Path, account: Account
) -> subprocess.Popen[bytes]:
    """Start a server in a session of its own, so that no terminal takes it down."""
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            env=ENVIRONMENT,
            start_new_session=True,
            **account.identity(),
        )


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; one that died under us is reaped, not counted."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def name_of(pid: int) -> str:
    """Say which program a process runs: a number in a file may be somebody else's by now."""
    if sys.platform == "linux":
        try:
            _, name, state = re.split(r" \(|\) ", Path(f"/proc/{pid}/stat").read_text(), maxsplit=2)
        except FileNotFoundError:
            return ""
        return "" if state.startswith("Z") else name  # Killed and not yet buried: runs nothing.
    asked = subprocess.run(  # type: ignore[unreachable]  # mypy knows only the platform it runs on
        ["ps", "-o", "comm=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return Path(asked.stdout.strip()).name


def stop(pid: int, *, gently: signal.Signals, firmly: signal.Signals, patience: float) -> None:
    """Ask a server to stop, and insist when it does not."""
    for wish, seconds in ((gently, patience), (firmly, 10.0)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, wish)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not is_alive(pid):
                return
            time.sleep(0.05)


def last_line(log: Path) -> str:
    """Show what a server said last."""
    if not log.exists():
        return ""
    lines = [line for line in log.read_text(errors="replace")[-4000:].splitlines() if line.strip()]
    return lines[-1] if lines else ""
