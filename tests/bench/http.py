"""A web server as in production, and a client that costs as little as a client can."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

WORKERS, THREADS = 2, 4
CONNECTIONS = 8


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def web_server(env: dict[str, str]) -> Iterator[tuple[int, int]]:
    """Run gunicorn with the benchmark's URLs; give (port, pid of the master)."""
    port = free_port()
    command = [
        sys.executable, "-m", "gunicorn", "tests.bench.wsgi:application",
        "--worker-class", "gthread", "--workers", str(WORKERS), "--threads", str(THREADS),
        "--bind", f"127.0.0.1:{port}",
        "--log-level", "error", "--keep-alive", "30",
    ]  # fmt: skip
    server = subprocess.Popen(command, env={**os.environ, **env}, start_new_session=True)
    try:
        wait_for(port)
        yield port, server.pid
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(20)


def wait_for(port: int, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as probe:
                probe.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
                if probe.recv(12).endswith(b"200"):
                    return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("the benchmark's web server did not start")


def request(method: str, path: str, *, headers: dict[str, str], body: bytes = b"") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


def exchange(port: int, requests: Sequence[bytes], expected: bytes) -> None:
    """Send requests one after the other over one connection; every answer must be the right one."""
    with socket.create_connection(("127.0.0.1", port), 30) as wire:
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for message in requests:
            wire.sendall(message)
            answer = read_answer(wire)
            if answer[9:12] != expected:
                raise RuntimeError(answer[:400].decode(errors="replace"))


def read_answer(wire: socket.socket) -> bytes:
    data = wire.recv(65536)
    while b"\r\n\r\n" not in data:
        data += wire.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    lower = head.lower()
    start = lower.find(b"content-length:")
    length = int(lower[start + 15 :].split(b"\r\n", 1)[0]) if start >= 0 else 0
    while len(body) < length:
        body += wire.recv(65536)
    return head


def drive(port: int, requests: list[bytes], expected: bytes) -> float:
    """Give answers per second over eight keep-alive connections."""
    shares = [requests[offset::CONNECTIONS] for offset in range(CONNECTIONS)]
    started = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        for done in [pool.submit(exchange, port, share, expected) for share in shares]:
            done.result()
    return len(requests) / (time.perf_counter() - started)


def rate(port: int, requests: list[bytes], expected: bytes = b"200") -> float:
    """Drive from a process of its own, so that the client shares no interpreter with anybody."""
    with get_context("spawn").Pool(1) as pool:
        return float(pool.apply(drive, (port, requests, expected)))


def resident_mb(pid: int) -> float:
    """Memory of the largest process below a master, in MB."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    sizes = [pages(int(child)) for child in children] or [pages(pid)]
    return max(sizes)


def pages(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0
