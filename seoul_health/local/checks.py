"""What is looked at before anything starts; each refusal is one sentence."""

import errno
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from seoul_health.local.errors import CannotRun

OLDEST_POSTGRES = 15
ROOM_NEEDED = 500 * 1024 * 1024
REFUSED_SETTING = "ImproperlyConfigured: "


def check_settings(env: Mapping[str, str], checkout: Path) -> None:
    """Load the settings once in a process of their own and pass on what they refuse."""
    tried = subprocess.run(
        [sys.executable, "-c", "import seoul_health.settings"],
        cwd=checkout,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    if tried.returncode:
        reason = tried.stderr.strip().splitlines()[-1].partition(REFUSED_SETTING)
        raise CannotRun(
            "설정이 잘못되었거나 빠져 있습니다.",
            f"A setting is missing or wrong: {reason[2] or reason[0]}",
        )


def check_room(folder: Path) -> None:
    if shutil.disk_usage(folder).free < ROOM_NEEDED:
        raise disk_is_full(folder)


def disk_is_full(folder: Path) -> CannotRun:
    return CannotRun(
        f"디스크에 남은 공간이 없습니다({folder}). 500MB 이상 비우고 다시 실행하십시오.",
        f"The disk that holds {folder} is full. Free at least 500 MB and try again.",
    )


def belongs_to_another(path: str) -> CannotRun:
    return CannotRun(
        f"{path}은(는) 다른 사용자의 것입니다. 처음 실행한 사용자로 다시 실행하십시오.",
        f"{path} belongs to another user. Run this as the user who ran it first.",
    )


def read_port(text: str, *, name: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise CannotRun(
            f"{name} 값은 1에서 65535 사이의 수여야 합니다.",
            f"{name} must be a number from 1 to 65535.",
        )
    return int(text)


def check_port(port: int, *, host: str = "127.0.0.1") -> None:
    """Refuse a port that another program listens on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as exc:
            raise _port_refused(port, exc) from exc


def _port_refused(port: int, reason: OSError) -> CannotRun:
    if reason.errno == errno.EADDRINUSE:
        return CannotRun(
            f"{port}번 포트를 다른 프로그램이 쓰고 있습니다. PORT=8010 make run처럼 바꾸십시오.",
            f"Port {port} is taken. Choose another: PORT=8010 make run",
        )
    return CannotRun(
        f"{port}번 포트를 열 수 없습니다.",
        f"Port {port} cannot be opened: {os.strerror(reason.errno or 0)}.",
    )


def check_database(url: str) -> None:
    """Refuse a database that does not answer or is older than the migrations can stand."""
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            version = connection.info.server_version // 10_000
    except psycopg.Error as exc:
        reason = str(exc).strip().splitlines()[-1]
        raise CannotRun(
            "데이터베이스에 연결할 수 없습니다. DATABASE_URL을 확인하십시오.",
            f"The database does not answer; check DATABASE_URL: {reason}",
        ) from exc
    check_version(version)


def check_version(version: int) -> None:
    if version < OLDEST_POSTGRES:
        raise CannotRun(
            f"PostgreSQL {version}은(는) 너무 오래되었습니다. {OLDEST_POSTGRES} 이상이 필요합니다.",
            f"PostgreSQL {version} is too old; {OLDEST_POSTGRES} or newer is needed.",
        )


def check_broker(url: str) -> None:
    """Refuse a broker at a network address where nobody listens."""
    parts = urlsplit(url)
    if parts.hostname is None:
        return  # A socket of our own: it answered when it was started.
    try:
        socket.create_connection((parts.hostname, parts.port or 6379), timeout=5).close()
    except OSError as exc:
        raise CannotRun(
            "메시지 브로커에 연결할 수 없습니다. BROKER_URL을 확인하십시오.",
            "The broker does not answer; check BROKER_URL.",
        ) from exc
