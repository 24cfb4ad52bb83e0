"""How gunicorn serves the site, here and in containers: -c python:seoul_health.local.web"""

import os
import shutil
from pathlib import Path
from typing import Any

from prometheus_client import multiprocess

METRICS = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
bind = os.environ.get("BIND", f"127.0.0.1:{os.environ.get('PORT', '8000')}")
wsgi_app = "seoul_health.wsgi:application"
worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
backlog = 64  # A short queue: the proxy in front answers 503 sooner than a long wait would end.
keepalive = 30
reuse_port = True  # A new master need not wait for the orphans of a killed one to finish.
timeout = 60
graceful_timeout = 20
max_requests = 50_000  # Renews a worker process now and then, so that its memory stays small.
max_requests_jitter = 5_000
limit_request_line = 8190
limit_request_fields = 60
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1")
accesslog = None  # The site logs requests itself, without addresses that name people.
errorlog = "-"
control_socket_disable = True  # It would lie in the home of whoever runs this, one for all sites.


def on_starting(_server: Any) -> None:
    """Begin with empty figures: those of processes long gone would be added up again."""
    if METRICS:
        shutil.rmtree(METRICS, ignore_errors=True)
        Path(METRICS).mkdir(parents=True)


def child_exit(_server: Any, worker: Any) -> None:
    if METRICS:
        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
