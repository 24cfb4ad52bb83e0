"""python -m seoul_health.local run | up | down | forget | env | exec [--owner] -- COMMAND…"""

import errno
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

from seoul_health.local.checks import belongs_to_another, disk_is_full
from seoul_health.local.errors import CannotRun
from seoul_health.local.place import CHECKOUT, locate
from seoul_health.local.run import run as run_site
from seoul_health.local.services import Services


def main(arguments: list[str]) -> int:
    verb, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    if verb not in {"run", "up", "down", "forget", "env", "exec"} or (verb != "exec" and rest):
        print(__doc__, file=sys.stderr)
        return 2
    services = Services(locate(), os.environ)
    if verb == "run":
        return run_site(services)
    if verb == "exec":
        return run_with(services, rest)
    if verb == "down":
        services.down()
        return 0
    if verb == "forget":
        services.forget()
        return 0
    if verb == "up":
        services.up()
    for name, value in services.env().items():
        print(f"{name}={shlex.quote(value)}")
    return 0


def run_with(services: Services, arguments: list[str]) -> int:
    """Run one command with the servers up and named in its environment."""
    as_owner = arguments[:1] == ["--owner"]
    command = arguments[as_owner:]
    if command[:1] == ["--"]:
        command = command[1:]
    if not command:
        print(__doc__, file=sys.stderr)
        return 2
    if Path(command[0]).name == "pytest":
        os.environ.setdefault("SEOUL_HEALTH_MODE", "test")
    with services.in_use() as env:
        if env.get("SEOUL_HEALTH_MODE") == "test":
            env.update(services.env_of_tests())
        if as_owner:
            env["DATABASE_URL"] = env["DATABASE_OWNER_URL"]
        return run(command, env)


def run(command: list[str], env: dict[str, str]) -> int:
    """Run to the end; Ctrl-C reaches the command itself, and its answer is ours."""
    child = subprocess.Popen(command, env=env)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    while True:
        try:
            code = child.wait()
        except KeyboardInterrupt:
            continue
        return code if code >= 0 else 128 - code


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except CannotRun as stop:
        sys.exit(f"seoul-health: {stop}")
    except KeyboardInterrupt:
        sys.exit(130)
    except PermissionError as stop:
        sys.exit(f"seoul-health: {belongs_to_another(str(stop.filename))}")
    except OSError as stop:
        if stop.errno != errno.ENOSPC:
            raise
        sys.exit(f"seoul-health: {disk_is_full(CHECKOUT)}")
