"""The smoke test: the whole site runs, and a citizen's way through it is played over HTTP."""

import os
import signal
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from seoul_health.operations.play.walk import Walk
from tests.bench.database import own_database
from tests.bench.http import free_port, wait_for

pytestmark = pytest.mark.serial

ROOT = Path(__file__).resolve().parents[2]
MANAGE = [sys.executable, "manage.py"]


@pytest.fixture
def site(tmp_path):
    """Start web, worker and partners on a database of their own; give (environment, address)."""
    broker = os.environ.get("SITE_BROKER_URL", "")
    if not broker or broker.startswith("memory:"):
        pytest.skip("no broker was started for this run")
    web, partners = free_port(), free_port()
    with own_database() as url:
        env = {
            **os.environ,
            "SEOUL_HEALTH_MODE": "development",
            "DATABASE_URL": url,
            "BROKER_URL": broker,
            "QUEUE": f"play-{uuid.uuid4().hex[:8]}",
            "PORT": str(web),
            "SIMULATORS_URL": f"http://127.0.0.1:{partners}",
            "PYTHONWARNINGS": "ignore",
        }
        for command in (
            ["collectstatic", "--noinput"],
            ["migrate"],
            ["load_demo", "--participants", "60"],
        ):
            subprocess.run([*MANAGE, *command], cwd=ROOT, env=env, check=True, capture_output=True)
        children = [
            start(env, tmp_path, "web", "gunicorn", "-c", "python:seoul_health.local.web"),
            start(
                env, tmp_path, "worker", "celery", "-A", "seoul_health", "worker", "-c", "1",
                "--without-gossip", "--without-mingle", "-n", f"play-{web}@%h",
            ),
            start(
                env, tmp_path, "beat", "celery", "-A", "seoul_health", "beat", "--pidfile=",
                "--schedule", str(tmp_path / "beat"),
            ),
            start(
                env, tmp_path, "partners", "seoul_health.simulators", "--port", str(partners),
                "--state", str(tmp_path),
            ),
        ]  # fmt: skip
        try:
            wait_for(web)
            yield env, f"http://127.0.0.1:{web}"
        finally:
            for child in children:
                os.killpg(child.pid, signal.SIGTERM)
            for child in children:
                child.wait(30)


def start(env, folder, name, *command):
    log = (folder / f"{name}.log").open("wb")
    return subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=env,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )


@pytest.mark.skipif(not Walk().is_possible, reason="nobody walks 8,000 steps before 00:50")
def test_a_citizens_half_year_keeps_every_promise(site, tmp_path):
    env, address = site
    played = subprocess.run(
        [*MANAGE, "play_citizen", "--base-url", address],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
    )

    logs = (tmp_path / "worker.log").read_text()[-1500:] + (tmp_path / "web.log").read_text()[-800:]
    assert played.returncode == 0, played.stdout[-1500:] + played.stderr[-1500:] + logs
    assert played.stdout.splitlines()[-1] == "31 promises kept."


def test_a_broken_promise_is_named_and_fails(site):
    env, _ = site
    played = subprocess.run(
        [*MANAGE, "play_citizen", "--base-url", "http://127.0.0.1:9"],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
    )

    assert played.returncode == 1
    assert "sign in" in played.stderr
