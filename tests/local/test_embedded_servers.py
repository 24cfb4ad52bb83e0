import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from seoul_health.local.services import Services

pytestmark = pytest.mark.serial
Make = Callable[[], Services]


@pytest.fixture(scope="module")
def servers(make_checkout: Make) -> Services:
    services = make_checkout()
    services.up()
    return services


def pids(services: Services) -> tuple[int | None, int | None]:
    assert services.postgres
    assert services.valkey
    return services.postgres.pid(), services.valkey.pid()


def test_a_second_start_finds_the_servers_that_run(servers: Services) -> None:
    before = pids(servers)

    servers.up()

    assert pids(servers) == before
    assert None not in before


def test_no_server_listens_on_the_network_or_runs_as_root(servers: Services) -> None:
    with psycopg.connect(servers.env()["DATABASE_OWNER_URL"]) as connection:
        row = connection.execute("SELECT current_setting('listen_addresses')").fetchone()

    assert row == ("",)
    for pid in pids(servers):
        assert Path(f"/proc/{pid}").stat().st_uid != 0


def test_a_wrong_password_opens_nothing(servers: Services) -> None:
    address = f"postgresql://seoul_owner:wrong@/seoul_health?host={servers.place.sockets}"

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(address)


def test_a_killed_database_comes_back_with_what_it_had_promised(servers: Services) -> None:
    owner = servers.env()["DATABASE_OWNER_URL"]
    with psycopg.connect(owner) as connection:
        connection.execute("CREATE TABLE promise AS SELECT '걷기' AS word")
    postgres, valkey = pids(servers)
    assert postgres
    assert valkey

    os.kill(postgres, signal.SIGKILL)
    os.kill(valkey, signal.SIGKILL)
    servers.up()

    with psycopg.connect(owner) as connection:
        assert connection.execute("SELECT word FROM promise").fetchall() == [("걷기",)]
    assert pids(servers)[0] != postgres


def test_a_keeper_starts_what_was_killed_and_leaves_what_was_stopped(servers: Services) -> None:
    for pid in pids(servers):
        os.kill(pid or 0, signal.SIGKILL)
    while any(pids(servers)):
        time.sleep(0.05)

    assert servers.revive() == ["Postgres", "Valkey"]
    assert None not in pids(servers)
    servers.down()
    assert servers.revive() == []
    servers.up()


def test_two_checkouts_have_servers_of_their_own(servers: Services, make_checkout: Make) -> None:
    neighbour = make_checkout()
    neighbour.up()

    assert neighbour.place.sockets != servers.place.sockets
    assert set(pids(neighbour)).isdisjoint(pids(servers))

    neighbour.down()

    assert pids(neighbour) == (None, None)
    assert None not in pids(servers)


def test_the_last_to_leave_stops_what_nobody_asked_to_keep(make_checkout: Make) -> None:
    services = make_checkout()

    with services.in_use():
        with services.in_use():
            pass
        assert None not in pids(services)

    assert pids(services) == (None, None)


def test_children_end_when_their_keeper_is_killed(tmp_path: Path) -> None:
    keeper = subprocess.Popen([sys.executable, "-c", KEEPER, str(tmp_path)])
    child = wait_for_number(tmp_path / "pid")

    keeper.kill()
    keeper.wait()

    deadline = time.monotonic() + 10
    while Path(f"/proc/{child}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{child}").exists()


KEEPER = """
import pathlib, sys, time
from seoul_health.local.children import Child
folder = pathlib.Path(sys.argv[1])
child = Child("sleeper", ["sleep", "600"], {"PATH": "/usr/bin:/bin"}, folder, folder / "log")
child.start()
(folder / "draft").write_text(str(child.process.pid))
(folder / "draft").rename(folder / "pid")
time.sleep(600)
"""


def wait_for_number(path: Path) -> int:
    deadline = time.monotonic() + 20
    while not path.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    return int(path.read_text())
