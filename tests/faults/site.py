"""A complete site of its own to kill: PostgreSQL, Valkey, web, worker, beat and partners."""

import dataclasses
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from seoul_health.local.children import Child, stop_all
from seoul_health.local.place import CHECKOUT, locate
from seoul_health.local.run import Site
from seoul_health.local.services import Services

PEOPLE = 100
LOOK_EVERY = 0.2
PORTS = range(8310, 8341)
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "USER")
HURRY = {"SEOUL_HEALTH_MODE": "development", "LOG_REQUESTS": "0", "PYTHONUNBUFFERED": "1"}
UNLIMITED = {"THROTTLE_CALLER": "1000000/min", "THROTTLE_GUEST": "1000000/min"}


class Doomed(Site):
    """The site as `make run` keeps it alive, with quicker clocks and no pause before a restart."""

    def __init__(self, folder: Path, *, rounds: int) -> None:
        place = dataclasses.replace(locate(folder), checkout=CHECKOUT)
        services = Services(place, {})
        port, partners = free_ports(2)
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        services.up()
        env = {
            **kept,
            **HURRY,
            **UNLIMITED,
            **services.env(),
            "PYTHONPATH": str(CHECKOUT),
            "LOCAL_DIR": str(place.local),
            "PORT": str(port),
            "SIMULATORS_PORT": str(partners),
            "SIMULATORS_URL": f"http://127.0.0.1:{partners}",
        }
        super().__init__(services, env, port=port, partners=partners)
        self.port, self.rounds = port, rounds
        self.people = place.local / "people.json"
        self.children: list[Child] = []
        self.leaving = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="keeper", daemon=True)

    def open(self) -> None:
        """Prepare the tables and people, start everything, and wait until it answers."""
        self.prepare()
        self.children = self._quick(self._children())
        self._keeper.start()
        self.wait_until_ready()

    def prepare(self) -> None:
        """Do what `make run` does first, less the pages' files, in one process for speed."""
        self.logs.mkdir()
        arguments = ("-m", "tests.faults.town", str(self.people), str(PEOPLE), str(self.rounds))
        self.python(*arguments, env={**self.as_owner, "PGOPTIONS": "-c synchronous_commit=off"})

    def close(self) -> None:
        self.leaving.set()
        if self._keeper.is_alive():
            self._keeper.join()
        self.services.forget()

    def child(self, name: str) -> Child:
        return next(child for child in self.children if child.name == name)

    def wait_until_ready(self, within: float = 90.0) -> None:
        deadline = time.monotonic() + within
        while not self.is_ready():
            assert time.monotonic() < deadline, f"The site did not come back: {self.tails()}"
            time.sleep(0.1)

    def is_ready(self) -> bool:
        return all(child.is_running() for child in self.children) and all(
            answers(f"127.0.0.1:{port}", path)
            for port, path in ((self.port, "/readyz"), (self.partners, "/health"))
        )

    def swap_partners(self, program: str) -> None:
        """Let another operator take over the port; the keeper starts it."""
        child = self.child("simulators")
        child.command = [
            program if word == "seoul_health.simulators" else word for word in child.command
        ]
        child.signal(signal.SIGKILL)
        time.sleep(2 * LOOK_EVERY)
        self.wait_until_ready()

    def database(self, **options: Any) -> psycopg.Connection[Any]:
        assert self.services.postgres
        return psycopg.connect(
            self.services.postgres.url("postgres", "seoul_health"),
            autocommit=True,
            connect_timeout=5,
            **options,
        )

    def python(self, *arguments: str, env: Mapping[str, str] | None = None) -> str:
        """Run one Python program in the site's surroundings; give what it printed."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=CHECKOUT,
            env=env or self.env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{arguments}: {done.stdout[-800:]} {done.stderr[-1500:]}"
        return done.stdout

    def tails(self) -> str:
        logs = sorted(self.logs.glob("*.log"))
        return "\n".join(f"{log.name}: {log.read_text(errors='replace')[-600:]}" for log in logs)

    def _quick(self, children: list[Child]) -> list[Child]:
        for child in children:
            swap = {"seoul_health": "tests.faults.quick"} if child.name != "web" else {}
            child.command = [swap.get(word, word) for word in child.command]
        return children

    def _keep(self) -> None:
        """Look after the site until it closes; programs end with the thread that started them."""
        try:
            while not self.leaving.wait(LOOK_EVERY):
                for child in self.children:
                    child.pause = LOOK_EVERY
                self.look_after(self.children)
        finally:
            stop_all(self.children, patience=5.0)


@contextmanager
def doomed(*, rounds: int = 1) -> Iterator[Doomed]:
    """Open a site in a folder of its own and leave nothing of it behind."""
    folder = Path(tempfile.mkdtemp(prefix="seoul-health-faults-"))
    folder.chmod(0o755)
    site: Doomed | None = None
    try:
        site = Doomed(folder, rounds=rounds)
        site.open()
        yield site
    finally:
        if site is not None:
            site.close()
        if not os.environ.get("KEEP_FAULTS"):
            shutil.rmtree(folder, ignore_errors=True)


def free_ports(count: int) -> list[int]:
    found: list[int] = []
    for port in PORTS:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        found.append(port)
        if len(found) == count:
            return found
    raise AssertionError(f"No {count} free ports in {PORTS}.")


def answers(host: str, path: str) -> bool:
    line = http.client.HTTPConnection(host, timeout=3)
    try:
        line.request("GET", path)
        return line.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()
