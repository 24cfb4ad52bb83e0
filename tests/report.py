"""One line per failed test just before the closing line, whichever pass it failed in."""

import os
from pathlib import Path

import pytest
from _pytest.terminal import TerminalReporter


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    kept = Path(os.environ.get("FAILED_TESTS", os.devnull))
    ours = [
        f"{state}: {report.nodeid}"
        for state in ("failed", "error")
        for report in terminalreporter.stats.get(state, [])
    ]
    with kept.open("a") as told:
        told.writelines(f"{line}\n" for line in ours)
    earlier = kept.read_text().splitlines() if kept.is_file() else ours
    for line in earlier:
        terminalreporter.write_line(line)
