"""Signed requests of partners: HMAC-SHA256 over the timestamp, a dot and the raw body."""

import hashlib
import hmac
import re
from datetime import datetime

TIMESTAMP = re.compile(r"[0-9]{1,12}")
SHORTEST_SECRET = 32


class NotSigned(Exception):
    """The request does not prove who sends it; the code says what is wrong."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def sign(body: bytes, *, timestamp: str, secret: str) -> str:
    return hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


def check_signature(
    body: bytes, *, timestamp: str, signature: str, secret: str, now: datetime, window: int
) -> None:
    """Refuse a request that is unsigned, signed by somebody else, or signed long ago."""
    if not TIMESTAMP.fullmatch(timestamp) or not signature:
        raise NotSigned("signature_missing")
    expected = sign(body, timestamp=timestamp, secret=secret)
    if not hmac.compare_digest(expected.encode(), signature.encode()):
        raise NotSigned("signature_wrong")
    if abs(now.timestamp() - int(timestamp)) > window:
        raise NotSigned("signature_stale")
