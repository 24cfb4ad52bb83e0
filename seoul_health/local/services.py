"""What a command needs around it: the embedded servers, shared, and the settings that name them."""

import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from seoul_health.local.place import Place
from seoul_health.local.postgres import TEST_DATABASE, Postgres
from seoul_health.local.valkey import Valkey


@dataclass(frozen=True)
class Services:
    """The servers of one checkout, less those that the environment already names."""

    place: Place
    outside: Mapping[str, str]

    @property
    def postgres(self) -> Postgres | None:
        return None if self.outside.get("DATABASE_URL") else Postgres(self.place)

    @property
    def valkey(self) -> Valkey | None:
        return None if self.outside.get("BROKER_URL") else Valkey(self.place)

    def env(self) -> dict[str, str]:
        """Name the servers as the settings read them."""
        named: dict[str, str] = {}
        if self.postgres:
            named["DATABASE_URL"] = self.postgres.url("seoul_app")
            named["DATABASE_OWNER_URL"] = self.postgres.url("seoul_owner")
            named["DATABASE_READER_URL"] = self.postgres.url("seoul_reader")
        else:
            named["DATABASE_URL"] = self.outside["DATABASE_URL"]
            named["DATABASE_OWNER_URL"] = self.outside.get(
                "DATABASE_OWNER_URL", self.outside["DATABASE_URL"]
            )
        named["BROKER_URL"] = self.valkey.url if self.valkey else self.outside["BROKER_URL"]
        return named

    def env_of_tests(self) -> dict[str, str]:
        """Let one test run make databases of its own name, and find itself from any pytest."""
        if self.postgres:
            self.postgres.drop_left_over_tests()
        return {
            "DATABASE_URL": self.env()["DATABASE_OWNER_URL"],
            "PYTHONPATH": str(self.place.checkout),
            "TEST_DATABASE": self.outside.get("TEST_DATABASE", f"{TEST_DATABASE}{os.getpid()}"),
        }

    def up(self) -> None:
        """Start what is needed and keep it until down."""
        with self._gate():
            self._start()
            self._keep.touch()

    def revive(self) -> list[str]:
        """Start again what was killed, not what was stopped; give the names."""
        fallen = [one for one in (self.postgres, self.valkey) if one and one.has_fallen()]
        if not fallen:
            return []
        with self._gate():
            return [type(one).__name__ for one in fallen if one.has_fallen() and one.start()]

    def down(self) -> None:
        """Stop everything, whoever uses it."""
        with self._gate():
            self._keep.unlink(missing_ok=True)
            self._stop()

    def forget(self) -> None:
        """Stop everything and drop what is kept outside the checkout."""
        self.down()
        for folder in {self.place.home, self.place.sockets} - {self.place.local}:
            shutil.rmtree(folder)

    @contextmanager
    def in_use(self) -> Iterator[dict[str, str]]:
        """Start what is needed; the last to leave stops it, unless it was told to stay up."""
        with self._open("users.lock") as users:
            with self._gate():
                fcntl.flock(users, fcntl.LOCK_SH)
                self._start()
            try:
                yield {**os.environ, **self.env()}
            finally:
                with self._gate():
                    if not self._keep.exists() and _am_last(users):
                        self._stop()

    @property
    def _keep(self) -> Path:
        return self.place.local / "keep-up"

    def _start(self) -> None:
        for server in (self.postgres, self.valkey):
            if server:
                server.start()

    def _stop(self) -> None:
        for server in (self.valkey, self.postgres):
            if server:
                server.stop()

    @contextmanager
    def _gate(self) -> Iterator[None]:
        """Let one process at a time start or stop servers."""
        with self._open("gate.lock") as gate:
            fcntl.flock(gate, fcntl.LOCK_EX)
            yield

    def _open(self, name: str) -> IO[bytes]:
        return (self.place.local / name).open("ab")


def _am_last(users: IO[bytes]) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
