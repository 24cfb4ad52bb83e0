"""The messaging gateway: sends once per id, tells later what became of it, and has moods."""

import hashlib
import html
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from .answers import Answer, Refusal, Silence, as_json, text_of
from .journal import Journal

CHANNELS = ("push", "alimtalk", "sms", "letter")
MODES = ("ok", "timeout_after_accepting", "5xx", "5xx_after_accepting", "dark", "lose_receipts")
REASONS = ("no_app", "blocked", "wrong_number", "unknown_address")
FIELDS = {"id", "channel", "to", "title", "text"}
HANG_SECONDS = 30.0
MOST_RECEIPTS = 200
LETTER_SECONDS = 60
# Numbers to rehearse with: by their last digits.
REHEARSED = {"0000": "wrong_number", "9999": "blocked"}


def hash_of(to: str) -> str:
    """Name a phone without saying its number."""
    return hashlib.sha256(to.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Message:
    id: str
    channel: str
    to_hash: str
    title: str
    text: str
    receipt_no: str
    at: str
    reason: str

    def age(self) -> float:
        return (datetime.now(UTC) - datetime.fromisoformat(self.at)).total_seconds()


class MessageGateway:
    """Remembers every message it has accepted, and shows a phone what it has received."""

    def __init__(self, state_dir: Path, *, hang_seconds: float = HANG_SECONDS) -> None:
        self.mode = "ok"
        self.failing: dict[str, str] = {}
        self.slowness = {"letter": LETTER_SECONDS}
        self.calls = 0
        self.stopping = threading.Event()
        self._hang_seconds = hang_seconds
        self._journal = Journal(state_dir / "messages.jsonl")
        self._lock = threading.Lock()
        self._book: dict[str, Message] = {}
        for event in self._journal:
            message = Message(**event)  # type: ignore[arg-type]  # our own journal's columns
            self._book[message.id] = message

    def control(self, body: dict[str, object]) -> Answer:
        """Set the mood: a mode, a reason to fail with per channel, seconds until a receipt."""
        mode, failing = body.get("mode", self.mode), body.get("fail", self.failing)
        slowness = body.get("receipt_seconds", self.slowness)
        if mode not in MODES or not isinstance(failing, dict) or not isinstance(slowness, dict):
            raise Refusal(400, "invalid", f"mode: {', '.join(MODES)}; fail, receipt_seconds.")
        if not set(failing) <= set(CHANNELS) or not set(failing.values()) <= set(REASONS):
            raise Refusal(400, "invalid", f"fail: a channel and one of {', '.join(REASONS)}.")
        if not all(isinstance(seconds, int) for seconds in slowness.values()):
            raise Refusal(400, "invalid", "receipt_seconds: a channel and whole seconds.")
        self.mode, self.failing, self.slowness = str(mode), failing, slowness
        return as_json(200, {"mode": self.mode, "fail": failing, "receipt_seconds": slowness})

    def accept(self, body: dict[str, object]) -> Answer:
        """Take a message once per id; the same id again gives the same receipt number."""
        self.calls += 1
        self._suffer_before()
        message = self._take(body)
        self._suffer_after()
        return as_json(
            202, {"id": message.id, "receipt_no": message.receipt_no, "status": "accepted"}
        )

    def receipts(self, body: dict[str, object]) -> Answer:
        """Tell what became of messages; one never taken is not mentioned."""
        self._suffer_before()
        ids = body.get("ids")
        if not isinstance(ids, list) or not 0 < len(ids) <= MOST_RECEIPTS:
            raise Refusal(400, "invalid", f"ids must be a list of 1 to {MOST_RECEIPTS} ids.")
        with self._lock:
            known = [self._book[one] for one in ids if isinstance(one, str) and one in self._book]
        return as_json(200, {"receipts": [self._receipt(message) for message in known]})

    def phone(self, to_hash: str) -> Answer:
        """Show what one phone or letter box has received, newest first."""
        items = "".join(
            f"<li><h2>{html.escape(one.title)} <small>{one.channel} · {one.at[:19]}Z</small></h2>"
            f"<p>{html.escape(one.text)}</p></li>"
            for one in self.received(to_hash)
        )
        page = (
            '<!doctype html><html lang="ko"><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width"><title>받은 알림</title>'
            "<style>body{max-width:28rem;margin:1rem auto;font-family:sans-serif}"
            "ul{padding:0}li{list-style:none;margin:1rem 0;padding:1rem;border:1px solid #bbb;"
            "border-radius:1rem}h2{font-size:1rem;margin:0}p{white-space:pre-line}</style>"
            f"<h1>받은 알림</h1><ul>{items or '<li>받은 알림이 없습니다.</li>'}</ul></html>"
        )
        return Answer(200, page.encode(), "text/html; charset=utf-8")

    def received(self, to_hash: str) -> list[Message]:
        return [one for one in self._newest_first() if one.to_hash == to_hash and not one.reason]

    def _newest_first(self) -> Iterator[Message]:
        with self._lock:
            taken = list(self._book.values())
        return reversed(taken)

    def _take(self, body: dict[str, object]) -> Message:
        if set(body) != FIELDS:
            raise Refusal(400, "invalid", f"exactly these fields: {', '.join(sorted(FIELDS))}.")
        channel = text_of(body, "channel")
        if channel not in CHANNELS:
            raise Refusal(400, "invalid", f"channel must be one of {', '.join(CHANNELS)}.")
        to, name = text_of(body, "to", longest=600), text_of(body, "id")
        title, text = text_of(body, "title"), text_of(body, "text", longest=8_000)
        if "\0" in text + title + to:
            raise Refusal(422, "unreadable", "A message cannot hold a NUL.")
        with self._lock:
            known = self._book.get(name)
            if known is None:
                reason = self.failing.get(channel, "") or self._rehearsed(channel, to)
                number, now = f"M{len(self._book) + 1:010}", datetime.now(UTC).isoformat()
                known = Message(name, channel, hash_of(to), title, text, number, now, reason)
                self._journal.append(asdict(known))
                self._book[name] = known
        return known

    def _rehearsed(self, channel: str, to: str) -> str:
        return REHEARSED.get(to[-4:], "") if channel in ("alimtalk", "sms") else ""

    def _receipt(self, message: Message) -> dict[str, str]:
        status = "failed" if message.reason else "delivered"
        if self.mode == "lose_receipts" or message.age() < self.slowness.get(message.channel, 0):
            status = "accepted"
        return {
            "id": message.id,
            "receipt_no": message.receipt_no,
            "status": status,
            "reason": message.reason if status == "failed" else "",
        }

    def _suffer_before(self) -> None:
        if self.mode == "dark":
            raise Silence
        if self.mode == "5xx":
            raise Refusal(503, "maintenance", "The gateway is under maintenance.")

    def _suffer_after(self) -> None:
        if self.mode == "timeout_after_accepting":
            self.stopping.wait(self._hang_seconds)
            raise Silence
        if self.mode == "5xx_after_accepting":
            raise Refusal(500, "error", "Something went wrong.")
