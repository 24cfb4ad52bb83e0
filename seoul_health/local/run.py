"""`make run`: everything one machine needs, from an empty folder to a log-in page."""

import fcntl
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import psycopg

from seoul_health.local import checks
from seoul_health.local.children import Child, stop_all
from seoul_health.local.errors import CannotRun
from seoul_health.local.processes import last_line
from seoul_health.local.services import Services

READY_WITHIN = 90.0
OPENS_NOTHING = "No space left on device"


def run(services: Services) -> int:
    """Bring the whole site up, look after it, and take it down again."""
    signal.signal(signal.SIGTERM, _interrupt)
    port = checks.read_port(os.environ.get("PORT", "8000"), name="PORT")
    partners = _partners_port(port)
    checks.check_room(services.place.home)
    env = {**os.environ, "PORT": str(port), **_partners_env(partners)}
    checks.check_settings(env, services.place.checkout)
    with _only_run(services, port):
        for needed in (port, partners):
            if needed is not None:
                checks.check_port(needed)
        say("데이터베이스와 브로커를 시작합니다 / Starting the database and the broker")
        with services.in_use() as named:
            checks.check_database(named["DATABASE_URL"])
            checks.check_broker(named["BROKER_URL"])
            site = Site(services, {**env, **services.env()}, port=port, partners=partners)
            site.prepare()
            return site.serve()


class Site:
    """The site of one checkout while it runs."""

    def __init__(
        self, services: Services, env: Mapping[str, str], *, port: int, partners: int | None
    ) -> None:
        self.services = services
        self.place = services.place
        self.env = env
        self.as_owner = {**env, "DATABASE_URL": env["DATABASE_OWNER_URL"]}
        self.address = f"http://127.0.0.1:{port}"
        self.partners = partners
        self.logs = self.place.local / "logs"

    def prepare(self) -> None:
        """Bring tables, rights, static files and, on an empty database, demo data up to date."""
        self.logs.mkdir(exist_ok=True)
        say("테이블을 준비합니다 / Preparing the tables")
        self.manage("migrate", "--noinput", env=self.as_owner)
        self.manage("grant_privileges", env=self.as_owner)
        if not self._has_fresh_static():
            say("화면 파일을 모읍니다 / Collecting static files")
            self.manage("collectstatic", "--noinput")
            (self.place.local / "static" / ".made").touch()
        if self.env.get("SEOUL_HEALTH_MODE") != "production" and self._is_empty():
            say("시연 데이터를 넣습니다 / Loading demo data")
            self.manage("load_demo", "--participants", self.env.get("PARTICIPANTS", "1000"))

    def serve(self) -> int:
        """Start the programs, wait until the site answers, and keep all of them alive."""
        children = self._children()
        try:
            for child in children:
                child.start()
            self._wait_until_ready(children)
            self._welcome()
            while True:
                self.look_after(children)
                time.sleep(0.5)
        except KeyboardInterrupt:
            say("모두 멈춥니다 / Stopping everything")
            return 0
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            stop_all(children)

    def look_after(self, children: list[Child]) -> None:
        """Start again whatever has died since the last look: servers first, then programs."""
        for name in self.services.revive():
            say(f"{name}: 다시 시작했습니다 / had died and was started again")
        for child in children:
            child.look_after(say)

    def manage(self, *arguments: str, env: Mapping[str, str] | None = None) -> None:
        """Run one management command; its output goes to a log, its last word to the person."""
        log = self.logs / f"{arguments[0]}.log"
        with log.open("wb") as output:
            done = subprocess.run(
                [sys.executable, "manage.py", *arguments],
                cwd=self.place.checkout,
                env=env or self.env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                check=False,
            )
        if done.returncode:
            raise self._failed(arguments[0], log)

    def _failed(self, command: str, log: Path) -> CannotRun:
        if OPENS_NOTHING in log.read_text(errors="replace"):
            return checks.disk_is_full(self.place.home)
        return CannotRun(
            f"{command} 명령이 실패했습니다. {log} 파일을 확인하십시오.",
            f"{command} failed; see {log}: {last_line(log)[:300]}",
        )

    def _children(self) -> list[Child]:
        python = sys.executable
        celery = [python, "-m", "celery", "--app", "seoul_health"]
        quiet = ["--without-gossip", "--without-mingle"]
        schedule = str(self.place.local / "beat-schedule")
        commands = {
            "web": [python, "-m", "gunicorn", "-c", "python:seoul_health.local.web"],
            "worker": [*celery, "worker", "--concurrency", "2", "--loglevel", "INFO", *quiet],
            "beat": [*celery, "beat", "--loglevel", "INFO", "--pidfile=", "--schedule", schedule],
        }
        if self.partners is not None:
            commands["simulators"] = [
                python, "-m", "seoul_health.simulators", "--port", str(self.partners),
            ]  # fmt: skip
        figures = {"PROMETHEUS_MULTIPROC_DIR": str(self.place.local / "metrics")}
        return [
            Child(
                name,
                command,
                {**self.env, **figures} if name == "web" else self.env,
                self.place.checkout,
                self.logs / f"{name}.log",
            )
            for name, command in commands.items()
        ]

    def _wait_until_ready(self, children: list[Child]) -> None:
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline:
            for child in children:
                child.look_after(say)
            if _answers(f"{self.address}/readyz"):
                return
            time.sleep(0.3)
        web = self.logs / "web.log"
        raise CannotRun(
            f"웹 서버가 응답하지 않습니다. {web} 파일을 확인하십시오.",
            f"The site does not answer; see {web}: {last_line(web)[:300]}",
        )

    def _welcome(self) -> None:
        say(f"직원 화면 / Staff            {self.address}/admin/")
        say(f"민원 데스크 / Complaint desk  {self.address}/desk/")
        say(f"API 문서 / API               {self.address}/api/v1/docs/")
        if self.partners is not None:
            say(f"협력기관 모의 서버 / Partners  http://127.0.0.1:{self.partners}/")
        say(f"기록 / Logs                  {self.logs}")
        if self.env.get("SEOUL_HEALTH_MODE") != "production":
            subprocess.run(
                [sys.executable, "manage.py", "demo_logins"],
                cwd=self.place.checkout,
                env=self.env,
                check=False,
            )
        say("멈추려면 Ctrl-C / Ctrl-C stops all of it")

    def _is_empty(self) -> bool:
        with psycopg.connect(self.env["DATABASE_URL"], connect_timeout=5) as connection:
            row = connection.execute("SELECT EXISTS (SELECT FROM core_staffuser)").fetchone()
        return row == (False,)

    def _has_fresh_static(self) -> bool:
        made = self.place.local / "static" / ".made"
        if not made.exists():
            return False
        checkout = self.place.checkout
        sources = [
            checkout / "uv.lock",
            *checkout.glob("static/**/*"),
            *checkout.glob("*/static/**/*"),
        ]
        return all(source.stat().st_mtime <= made.stat().st_mtime for source in sources)


def say(sentence: str) -> None:
    print(sentence, flush=True)


def _partners_port(port: int) -> int | None:
    """Choose the simulators' port, or none when real partners are named."""
    if os.environ.get("SIMULATORS_URL") or os.environ.get("SEOUL_HEALTH_MODE") == "production":
        return None
    return checks.read_port(
        os.environ.get("SIMULATORS_PORT", str(port + 900)), name="SIMULATORS_PORT"
    )


def _partners_env(partners: int | None) -> dict[str, str]:
    if partners is None:
        return {}
    return {"SIMULATORS_PORT": str(partners), "SIMULATORS_URL": f"http://127.0.0.1:{partners}"}


@contextmanager
def _only_run(services: Services, port: int) -> Iterator[None]:
    """Let one `make run` at a time serve a checkout; the second is told where the first is."""
    with (services.place.local / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            lock.seek(0)
            raise CannotRun(
                f"이 폴더의 사이트는 이미 실행 중입니다: {lock.read()}",
                "This checkout is already running there.",
            ) from exc
        lock.truncate(0)
        lock.write(f"http://127.0.0.1:{port}/")
        lock.flush()
        yield


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _interrupt(_signal: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt
