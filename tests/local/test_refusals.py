import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from seoul_health.local import checks
from seoul_health.local.errors import CannotRun
from seoul_health.local.place import CHECKOUT


def test_a_taken_port_is_named_with_a_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        with pytest.raises(CannotRun, match=rf"Port {port} is taken\. Choose another: PORT="):
            checks.check_port(port)


def test_a_port_left_by_a_closed_server_is_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

    checks.check_port(port)


@pytest.mark.parametrize("text", ["", "0", "65536", "web", "80.0", "８０００", "-1"])
def test_a_port_is_a_number_in_range(text: str) -> None:
    with pytest.raises(CannotRun, match="PORT must be a number from 1 to 65535"):
        checks.read_port(text, name="PORT")


def test_a_database_that_does_not_answer_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CannotRun) as refusal:
        checks.check_database(f"postgresql://somebody@/health?host={tmp_path}")

    assert "check DATABASE_URL" in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_database_older_than_fifteen_is_refused() -> None:
    checks.check_version(15)

    with pytest.raises(CannotRun, match="PostgreSQL 14 is too old; 15 or newer is needed"):
        checks.check_version(14)


def test_a_broker_that_does_not_answer_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

    with pytest.raises(CannotRun, match="check BROKER_URL"):
        checks.check_broker(f"redis://127.0.0.1:{port}/0")


def test_a_full_disk_is_refused_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "ROOM_NEEDED", 10**18)

    with pytest.raises(CannotRun, match=r"is full\. Free at least 500 MB"):
        checks.check_room(tmp_path)


def test_production_without_its_secrets_is_one_line_and_no_traceback() -> None:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}

    tried = subprocess.run(
        [sys.executable, "-m", "seoul_health.local", "run"],
        cwd=CHECKOUT,
        env={**kept, "SEOUL_HEALTH_MODE": "production"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert tried.returncode == 1
    assert "SECRET_KEY must be set" in tried.stderr
    assert len(tried.stderr.splitlines()) == 1
