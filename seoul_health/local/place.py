"""Where the embedded servers of one checkout live, and as whom they run."""

import contextlib
import hashlib
import os
import pwd
import secrets
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from seoul_health.local.errors import CannotRun

CHECKOUT = Path(__file__).resolve().parent.parent.parent
SOCKETS = Path("/tmp")
ELSEWHERE = Path("/var/tmp")


class Identity(TypedDict, total=False):
    """What subprocess takes to become another user."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Account:
    """The system user of the servers: the caller; for root the owner of .local, or nobody."""

    uid: int
    gid: int
    differs: bool

    def run(self, *command: str | Path, env: dict[str, str] | None = None) -> None:
        """Run a short command to its end as this user, or raise CalledProcessError."""
        subprocess.run(
            command, check=True, capture_output=True, text=True, cwd="/", env=env, **self.identity()
        )

    def identity(self) -> Identity:
        if not self.differs:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can_enter(self, folder: Path) -> bool:
        try:
            self.run("test", "-x", folder)
        except subprocess.CalledProcessError:
            return False
        return True

    def owned_folder(self, folder: Path) -> Path:
        """Make a folder that only this user may open."""
        folder.mkdir(mode=0o700, exist_ok=True)
        if self.differs:
            os.chown(folder, self.uid, self.gid)
        folder.chmod(0o700)
        return folder


@dataclass(frozen=True)
class Place:
    """The folders of one checkout: its own, the servers' home, and the short one for sockets."""

    checkout: Path
    local: Path
    home: Path
    sockets: Path
    account: Account


def service_account(local: Path) -> Account:
    """Choose the servers' user: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), differs=False)
    owner = local.stat()
    if owner.st_uid != 0:
        return Account(owner.st_uid, owner.st_gid, differs=True)
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid, differs=True)


def locate(checkout: Path = CHECKOUT) -> Place:
    """Find or make the folders; a checkout that nobody can enter gets its home in /var/tmp."""
    local = checkout / ".local"
    local.mkdir(exist_ok=True)
    account = service_account(local)
    key = _key(checkout, local)
    home = local
    if account.differs and not account.can_enter(local):
        home = _private_folder(ELSEWHERE / f"seoul-health-{key}", mode=0o755, uid=os.geteuid())
    sockets = SOCKETS / f"seoul-health-{key}"
    if sockets.is_symlink() or (sockets.exists() and sockets.stat().st_uid != account.uid):
        raise _taken(sockets)
    return Place(checkout, local, home, account.owned_folder(sockets), account)


def _key(checkout: Path, local: Path) -> str:
    """Name a checkout by where it is and what it is, so that copies and successors differ."""
    birth = local / "id"
    keep_first(birth, secrets.token_hex(8))
    name = f"{checkout.resolve()}\0{birth.read_text()}"
    return hashlib.sha256(name.encode()).hexdigest()[:10]


def keep_first(path: Path, text: str) -> None:
    """Write a private file once; of several processes the first one's text stays."""
    if path.exists():
        return
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(text)
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()


def _private_folder(folder: Path, *, mode: int, uid: int) -> Path:
    folder.mkdir(mode=mode, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != uid or found.st_mode & 0o022:
        raise _taken(folder)
    folder.chmod(mode)
    return folder


def _taken(folder: Path) -> CannotRun:
    return CannotRun(
        f"{folder} 폴더를 다른 사용자가 쓰고 있습니다. 그 폴더를 지우고 다시 실행하십시오.",
        f"{folder} belongs to another user. Remove it and try again.",
    )
