"""One real PostgreSQL per checkout: made once, started when needed, found again after a crash."""

import errno
import json
import os
import secrets
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from seoul_health.local import processes
from seoul_health.local.binaries import postgres_programs
from seoul_health.local.checks import disk_is_full
from seoul_health.local.errors import CannotRun
from seoul_health.local.place import Place, keep_first

DATABASE = "seoul_health"
TEST_DATABASE = "test_seoul_health_"  # Followed by the number of the process that tests.
SUPERUSER = "postgres"
ROLES = {
    "seoul_owner": "LOGIN CREATEDB",
    "seoul_app": "LOGIN",
    "seoul_reader": "LOGIN",
}
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "max_locks_per_transaction": "256",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "timezone": "Asia/Seoul",
    "log_timezone": "Asia/Seoul",
    "log_statement": "none",
    "log_parameter_max_length_on_error": "0",
    "log_min_error_statement": "panic",  # A failed statement may carry a name or a phone.
}
PATIENCE = 120.0


@dataclass(frozen=True)
class Postgres:
    """The cluster of one checkout."""

    place: Place

    @property
    def data(self) -> Path:
        return self.place.home / "postgres" / "data"

    @property
    def log(self) -> Path:
        return self.place.home / "postgres.log"

    @property
    def passwords_file(self) -> Path:
        return self.place.home / "postgres-passwords.json"

    def url(self, role: str, database: str = DATABASE) -> str:
        password = quote(self.passwords()[role])
        return f"postgresql://{role}:{password}@/{database}?host={quote(str(self.place.sockets))}"

    def passwords(self) -> dict[str, str]:
        """Read the passwords of this cluster, made up when it is made."""
        made = {role: secrets.token_urlsafe(24) for role in (SUPERUSER, *ROLES)}
        keep_first(self.passwords_file, json.dumps(made))
        known: dict[str, str] = json.loads(self.passwords_file.read_text())
        return known

    def start(self) -> bool:
        """Make and start the cluster unless it answers; tell whether it was started now."""
        if self.answers():
            return False
        programs = postgres_programs(self.place)
        if not (self.data / "seoul_health.made").exists():
            self._make(programs)
        self._launch(programs)
        self._prepare()
        return True

    def answers(self) -> bool:
        if not self.passwords_file.exists():
            return False
        try:
            self._connect("postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def pid(self) -> int | None:
        """Read the postmaster's number, if it is really ours and alive."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return None
        pid = int(lines[0])
        is_ours = len(lines) > 1 and Path(lines[1]) == self.data
        lives = is_ours and processes.is_alive(pid) and processes.name_of(pid) == "postgres"
        return pid if lives else None

    def has_fallen(self) -> bool:
        """Tell a server that was killed from one that was stopped: only the latter tidies up."""
        return (self.data / "postmaster.pid").exists() and self.pid() is None

    def stop(self) -> None:
        pid = self.pid()
        if pid is not None:
            processes.stop(pid, gently=signal.SIGINT, firmly=signal.SIGQUIT, patience=30)

    def drop_left_over_tests(self) -> None:
        """Drop the databases of test runs that were killed before they could."""
        with self._connect("postgres") as connection:
            names = connection.execute(
                "SELECT datname FROM pg_database WHERE datname ~ %s", [f"^{TEST_DATABASE}[0-9]+"]
            ).fetchall()
            for (name,) in names:
                tester = str(name).removeprefix(TEST_DATABASE).partition("_")[0]
                if not processes.is_alive(int(tester)):
                    gone = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
                    connection.execute(gone.format(sql.Identifier(str(name))))

    def _make(self, programs: Path) -> None:
        """Run initdb as the servers' user; a half-made cluster is swept away first."""
        folder = self.place.account.owned_folder(self.place.home / "postgres")
        if self.data.exists():
            self.data.rename(folder / f"unfinished-{int(time.time())}")
        secret = folder / "superuser"
        secret.touch(mode=0o600)
        secret.write_text(self.passwords()[SUPERUSER])
        if self.place.account.differs:
            os.chown(secret, self.place.account.uid, self.place.account.gid)
        try:
            self.place.account.run(
                programs / "initdb",
                f"--pgdata={self.data}",
                f"--username={SUPERUSER}",
                f"--pwfile={secret}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--lc-ctype=C.UTF-8",
                "--lc-collate=C.UTF-8",
                "--data-checksums",
                env=processes.ENVIRONMENT,
            )
        except subprocess.CalledProcessError as exc:
            raise self._will_not_start(exc.stderr) from exc
        finally:
            secret.unlink()

    def _launch(self, programs: Path) -> None:
        """Start until it answers; right after a crash the first tries may be refused."""
        settings = {**SETTINGS, "unix_socket_directories": str(self.place.sockets)}
        options = [f"--{name.replace('_', '-')}={value}" for name, value in settings.items()]
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            self._forget_impostor()
            server = processes.start_detached(
                [programs / "postgres", "-D", self.data, *options],
                log=self.log,
                account=self.place.account,
            )
            while server.poll() is None and time.monotonic() < deadline:
                if self.answers():
                    return
                time.sleep(0.1)
            time.sleep(0.5)
        raise self._will_not_start(processes.last_line(self.log))

    def _forget_impostor(self) -> None:
        """Drop a postmaster's mark whose number now means another program.

        A mark whose number is free stays: PostgreSQL reads in it which shared memory to check for
        survivors of the crash.
        """
        mark = self.data / "postmaster.pid"
        if not mark.exists() or self.pid() is not None:
            return
        if processes.is_alive(int(mark.read_text().split()[0])):
            mark.unlink()

    def _prepare(self) -> None:
        """Make the roles and the database, and check that Hangul can be searched."""
        passwords = self.passwords()
        with self._connect("postgres") as connection:
            for role, rights in ROLES.items():
                _make_role(connection, role, rights, passwords[role])
            found = connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
            ).fetchone()
            if not found:
                connection.execute(f"CREATE DATABASE {DATABASE} OWNER seoul_owner")
            connection.execute(f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC")
            connection.execute(f"GRANT CONNECT ON DATABASE {DATABASE} TO seoul_reader")
            connection.execute(f"GRANT CONNECT, TEMPORARY ON DATABASE {DATABASE} TO seoul_app")
            assert_searchable(connection)
        made = self.data / "seoul_health.made"
        if not made.exists():
            made.touch(mode=0o600)

    def _will_not_start(self, reason: str) -> CannotRun:
        if os.strerror(errno.ENOSPC) in reason:
            return disk_is_full(self.place.home)
        return CannotRun(
            f"내장 PostgreSQL이 시작되지 않습니다. {self.log} 파일을 확인하십시오.",
            f"The embedded PostgreSQL does not start; see {self.log}: {' '.join(reason.split())}",
        )

    def _connect(self, database: str) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(self.url(SUPERUSER, database), autocommit=True, connect_timeout=5)


def assert_searchable(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """Refuse a cluster whose trigrams do not see Hangul or that lacks an extension."""
    with connection.transaction(force_rollback=True):
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        connection.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
        row = connection.execute("SELECT cardinality(show_trgm('서울건강'))").fetchone()
    assert row == (5,), f"pg_trgm does not see Hangul: {row}"


def _make_role(
    connection: psycopg.Connection[tuple[object, ...]], role: str, rights: str, password: str
) -> None:
    found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    if not found:
        connection.execute(
            sql.SQL("CREATE ROLE {} {} PASSWORD {}").format(
                sql.Identifier(role), sql.SQL(rights), sql.Literal(password)
            )
        )
