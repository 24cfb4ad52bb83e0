"""A partner's memory: one line per event, on disk before it is answered."""

import json
import os
from collections.abc import Iterator
from pathlib import Path


class Journal:
    """An append-only file of JSON lines that survives a kill."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        if path.exists() and not path.read_bytes().endswith(b"\n"):
            self._write("\n")

    def append(self, event: dict[str, object]) -> None:
        self._write(json.dumps(event, ensure_ascii=False) + "\n")

    def __iter__(self) -> Iterator[dict[str, object]]:
        """Replay the events; a line cut short by a kill was never answered."""
        if not self._path.exists():
            return
        for line in self._path.read_text(encoding="utf-8").splitlines():
            try:
                yield json.loads(line)
            except ValueError:
                continue

    def _write(self, text: str) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
