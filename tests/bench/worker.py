"""Memory of a Celery worker after it has worked."""

import os
import signal
import subprocess
import sys
import time

from tests.bench.http import pages, resident_mb
from tests.bench.measure import Figure

SECONDS = 12
LIMIT = 250


def worker_memory_vs_limit() -> None:
    """Start the worker as `make run` does, let it import and beat, and weigh its processes."""
    command = [
        sys.executable, "-m", "celery", "-A", "seoul_health", "worker", "--concurrency", "1",
        "--loglevel", "error", "--hostname", "bench@%h",
    ]  # fmt: skip
    worker = subprocess.Popen(command, env=dict(os.environ), start_new_session=True)
    try:
        time.sleep(SECONDS)
        size = max(pages(worker.pid), resident_mb(worker.pid))
    finally:
        os.killpg(worker.pid, signal.SIGTERM)
        worker.wait(30)
    ratio = round(size / LIMIT, 3)
    Figure("worker_memory_vs_limit", ratio, "lower", round(size, 1), LIMIT, "MB", 1).show()
