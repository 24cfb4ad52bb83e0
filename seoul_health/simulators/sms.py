"""The messaging gateway: accepts notices by id and never sees a text or a number."""

import threading

from .answers import Answer, Refusal, as_json, text_of

CHANNELS = ("push", "alimtalk", "sms", "letter")
FIELDS = {"id", "channel", "to_hash", "text_length"}


class MessageGateway:
    """Remembers which messages it has accepted."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._accepted: dict[str, str] = {}

    def accept(self, body: dict[str, object]) -> Answer:
        """Accept a message once per id."""
        if set(body) != FIELDS:
            raise Refusal(400, "invalid", f"exactly these fields: {', '.join(sorted(FIELDS))}.")
        if text_of(body, "channel") not in CHANNELS:
            raise Refusal(400, "invalid", f"channel must be one of {', '.join(CHANNELS)}.")
        text_of(body, "to_hash")
        number = self._accept(text_of(body, "id"))
        return as_json(202, {"id": body["id"], "receipt_no": number, "status": "accepted"})

    def _accept(self, message: str) -> str:
        with self._lock:
            return self._accepted.setdefault(message, f"M{len(self._accepted) + 1:010}")
