import sys
import time
from pathlib import Path

from seoul_health.local.children import Child, stop_all


def make_child(folder: Path, code: str) -> Child:
    command = [sys.executable, "-c", code]
    return Child("worker", command, {"PATH": "/usr/bin:/bin"}, folder, folder / "worker.log")


def test_a_child_that_dies_is_named_and_started_again(tmp_path: Path) -> None:
    said: list[str] = []
    child = make_child(tmp_path, "print('out of luck'); raise SystemExit(3)")
    child.pause = 0.05
    child.start()
    assert child.process
    child.process.wait()

    child.look_after(said.append)
    time.sleep(0.1)
    child.look_after(said.append)

    assert len(said) == 1
    assert "stopped (3)" in said[0]
    assert "out of luck" in said[0]
    assert child.process
    assert child.pause == 0.1
    stop_all([child])


def test_a_stubborn_child_is_ended_after_the_patience(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    code = (
        "import pathlib, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"pathlib.Path({str(ready)!r}).touch(); time.sleep(600)"
    )
    child = make_child(tmp_path, code)
    child.start()
    while not ready.exists():
        time.sleep(0.02)

    stop_all([child], patience=0.2)

    assert child.process
    assert child.process.returncode == -9
