"""One real Valkey per checkout: broker and cache, every write in its append-only file."""

import contextlib
import signal
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from seoul_health.local import processes
from seoul_health.local.binaries import valkey_program
from seoul_health.local.errors import CannotRun
from seoul_health.local.place import Place

PATIENCE = 60.0


@dataclass(frozen=True)
class Valkey:
    """The broker of one checkout."""

    place: Place

    @property
    def socket(self) -> Path:
        return self.place.sockets / "valkey.sock"

    @property
    def url(self) -> str:
        return f"redis+socket://{self.socket}"

    @property
    def log(self) -> Path:
        return self.place.home / "valkey.log"

    @property
    def pid_file(self) -> Path:
        return self.place.sockets / "valkey.pid"

    def start(self) -> bool:
        """Start the broker unless it answers; tell whether it was started now."""
        if self.answers():
            return False
        folder = self.place.account.owned_folder(self.place.home / "valkey")
        command: list[str | Path] = [valkey_program(self.place)]
        for name, value in {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(folder),
            "pidfile": str(self.pid_file),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
        }.items():
            command += [f"--{name}", value]
        server = processes.start_detached(command, log=self.log, account=self.place.account)
        deadline = time.monotonic() + PATIENCE
        while server.poll() is None and time.monotonic() < deadline:
            if self.answers():
                return True
            time.sleep(0.05)
        raise CannotRun(
            f"내장 Valkey가 시작되지 않습니다: {processes.last_line(self.log)}",
            "The embedded Valkey does not start.",
        )

    def answers(self) -> bool:
        with contextlib.closing(socket.socket(socket.AF_UNIX)) as line:
            line.settimeout(2)
            try:
                line.connect(str(self.socket))
                line.sendall(b"PING\r\n")
                return line.recv(16).startswith(b"+PONG")
            except OSError:
                return False

    def pid(self) -> int | None:
        try:
            pid = int(self.pid_file.read_text())
        except (FileNotFoundError, ValueError):
            return None
        lives = processes.is_alive(pid) and processes.name_of(pid) == "valkey-server"
        return pid if lives else None

    def has_fallen(self) -> bool:
        """Tell a server that was killed from one that was stopped: only the latter tidies up."""
        return self.pid_file.exists() and self.pid() is None

    def stop(self) -> None:
        pid = self.pid()
        if pid is not None:
            processes.stop(pid, gently=signal.SIGTERM, firmly=signal.SIGKILL, patience=15)
