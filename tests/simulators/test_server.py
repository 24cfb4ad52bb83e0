import os
import signal
import socket
import subprocess
import sys

import httpx
import pytest


@pytest.fixture
def call(simulators):
    with httpx.Client(base_url=simulators.url) as client:
        yield client


def test_health_is_ok(call):
    assert call.get("/health").json() == {"status": "ok"}


@pytest.mark.parametrize("path", ["/", "/identity", "/nowhere", "/health/x", "/../etc/passwd"])
def test_an_unknown_path_is_not_found(call, path):
    answer = call.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"[" * 60_000, b"null"])
def test_a_body_that_is_no_object_is_refused(call, body):
    answer = call.post("/identity/verify", content=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_a_large_body_is_refused(call):
    assert call.post("/sms/messages", content=b"x" * 1_000_000).status_code == 413


def test_a_body_without_a_length_is_refused(call):
    assert call.post("/sms/messages", content=iter([b"{}"])).status_code == 413


@pytest.mark.parametrize("path", ["/control/identity", "/control/wallet", "/control/sms"])
def test_an_unknown_mood_is_refused(call, path):
    assert call.post(path, json={"mode": "happy"}).status_code == 400


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _run(tmp_path, port: int, **secrets: str) -> subprocess.Popen[str]:
    words = ["--port", str(port), "--state", str(tmp_path), "--secrets", str(tmp_path / "none")]
    return subprocess.Popen(
        [sys.executable, "-m", "seoul_health.simulators", *words],
        env={"PATH": os.environ["PATH"], **secrets},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


SECRETS = {"IDENTITY_SECRET": "i" * 40, "WALLET_SECRET": "w" * 40, "COURIER_SECRET": "c" * 40}


def test_the_process_serves_and_stops_when_told(tmp_path):
    process = _run(tmp_path, _free_port(), **SECRETS)
    url = process.stdout.readline().split()[-1]
    assert httpx.get(f"{url}/health").status_code == 200
    process.send_signal(signal.SIGTERM)
    _out, err = process.communicate(timeout=10)
    assert (process.returncode, err) == (0, "")


def test_a_taken_port_is_a_sentence_and_no_traceback(tmp_path, simulators):
    port = int(simulators.url.rpartition(":")[2])
    process = _run(tmp_path, port, **SECRETS)
    _out, err = process.communicate(timeout=20)
    assert process.returncode == 1
    assert err == f"The simulators cannot start on port {port}: Address already in use.\n"


def test_missing_secrets_are_named(tmp_path):
    process = _run(tmp_path, _free_port(), IDENTITY_SECRET="i" * 40)
    _out, err = process.communicate(timeout=20)
    assert process.returncode == 1
    assert err.startswith("Set WALLET_SECRET, COURIER_SECRET, or name a file")
