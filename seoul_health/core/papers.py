"""Papers citizens send, opened by a process of their own that may die without harm."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOM = Path(__file__).with_name("paper_room.py")
REFUSED = 3
SECONDS = 20
BROKEN = "broken"


class Unfit(Exception):
    """Nothing of this paper may be kept; the word says why."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Clean:
    """What is kept of a paper: pixels drawn anew, or a PDF that only shows pages."""

    content: bytes
    pages: int


def clean(content: bytes, media_type: str) -> Clean:
    """Give what may be kept of a paper, or say why nothing of it is."""
    header, kept = in_the_room("clean", media_type, content)
    return Clean(kept, int(str(header["pages"])))


def page_image(content: bytes, page: int) -> bytes:
    """Draw one page of a kept PDF; the first is 0."""
    return in_the_room("show", str(page), content)[1]


def in_the_room(verb: str, what: str, content: bytes) -> tuple[dict[str, object], bytes]:
    """Let the other process work; its death or silence is the paper's fault."""
    try:
        done = subprocess.run(  # noqa: S603 — our own script, and no word of it is the sender's
            [sys.executable, "-I", str(ROOM), verb, what],
            input=content,
            capture_output=True,
            timeout=SECONDS,
            env={"LANG": "C.UTF-8"},
            check=False,
        )
    except subprocess.TimeoutExpired as endless:
        raise Unfit(BROKEN) from endless
    head, _newline, kept = done.stdout.partition(b"\n")
    if done.returncode == REFUSED:
        raise Unfit(str(json.loads(head)["why"]))
    if done.returncode != 0:
        raise Unfit(BROKEN)
    return json.loads(head), kept
