"""Assertions as the identity provider's app would issue them: v1.PAYLOAD.SIGNATURE."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from datetime import timedelta
from typing import NamedTuple

from .answers import Refusal

LIFETIME = timedelta(minutes=10)
CLOCK_SKEW = 60


def issue(
    subject: str, *, secret: str, lifetime: timedelta = LIFETIME, now: float | None = None
) -> str:
    """Sign that a subject has identified itself just now."""
    issued = int(time.time() if now is None else now)
    claims = {
        "sub": subject,
        "iat": issued,
        "exp": issued + int(lifetime.total_seconds()),
        "jti": secrets.token_hex(16),
    }
    payload = _encode(json.dumps(claims, ensure_ascii=False).encode())
    return f"v1.{payload}.{_encode(_sign(payload, secret))}"


def check(assertion: str, *, secret: str, now: float | None = None) -> tuple[str, str]:
    """Give the subject and the one-time id of a genuine assertion, or refuse it."""
    if not assertion.isascii():
        raise Refusal(401, "assertion_malformed", "The assertion cannot be read.")
    version, _, rest = assertion.partition(".")
    payload, _, signature = rest.partition(".")
    expected = _encode(_sign(payload, secret))
    if version != "v1" or not hmac.compare_digest(expected, signature):
        raise Refusal(401, "assertion_forged", "The assertion was not signed by this provider.")
    claims = _claims(payload)
    moment = time.time() if now is None else now
    if not claims.iat - CLOCK_SKEW <= moment < claims.exp:
        raise Refusal(401, "assertion_expired", "The assertion is not valid at this time.")
    return claims.sub, claims.jti


class Claims(NamedTuple):
    sub: str
    iat: int
    exp: int
    jti: str


def _claims(payload: str) -> Claims:
    try:
        found = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return Claims(str(found["sub"]), int(found["iat"]), int(found["exp"]), str(found["jti"]))
    except (ValueError, TypeError, KeyError) as exc:
        raise Refusal(401, "assertion_malformed", "The assertion cannot be read.") from exc


def _sign(payload: str, secret: str) -> bytes:
    return hmac.new(secret.encode(), f"v1.{payload}".encode(), hashlib.sha256).digest()


def _encode(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")
