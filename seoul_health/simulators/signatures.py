"""Signed requests: HMAC-SHA256 over the timestamp, a dot and the raw body."""

import hashlib
import hmac
import re
import time
from collections.abc import Mapping

from .answers import Refusal

WINDOW_SECONDS = 300


def check(headers: Mapping[str, str], body: bytes, *, secret: str) -> None:
    """Refuse a request that is unsigned, stale or signed by somebody else."""
    timestamp = headers.get("x-timestamp", "")
    if not re.fullmatch(r"[0-9]{1,12}", timestamp):
        raise Refusal(401, "signature_missing", "X-Timestamp and X-Signature are required.")
    if abs(time.time() - int(timestamp)) > WINDOW_SECONDS:
        raise Refusal(401, "signature_stale", "X-Timestamp is more than five minutes off.")
    expected = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256)
    given = headers.get("x-signature", "")
    if not hmac.compare_digest(expected.hexdigest().encode(), given.encode()):
        raise Refusal(401, "signature_wrong", "The signature does not fit the request.")
