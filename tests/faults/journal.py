"""What the checker outside knows: what was sent, and what the site has promised for it."""

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class Journal:
    """One client's own file of JSON lines, on disk before the client goes on."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")

    def write(self, what: str, **event: Any) -> None:
        line = json.dumps({"what": what, "at": time.time(), **event}, ensure_ascii=False)
        self._file.write(line + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())


@dataclass
class Promise:
    """One write: what was asked under one key, and the final answer to it, if there was one."""

    key: str
    person: int
    path: str
    body: dict[str, Any]
    status: int = 0
    answer: dict[str, Any] = field(default_factory=dict)
    answered_at: float = 0.0
    tries: int = 0

    @property
    def acknowledged(self) -> bool:
        return 200 <= self.status < 300


def read_promises(folder: Path) -> dict[str, Promise]:
    """Read every client's journal: promises by key."""
    promises: dict[str, Promise] = {}
    for event in read_events(folder):
        if event["what"] == "sent":
            names = ("key", "person", "path", "body")
            promises[event["key"]] = Promise(**{name: event[name] for name in names})
        elif event["what"] == "answered":
            promise = promises[event["key"]]
            promise.status, promise.answer = event["status"], event["answer"]
            promise.answered_at, promise.tries = event["at"], event["tries"]
    return promises


def read_events(folder: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)
