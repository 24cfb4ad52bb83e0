"""The identity provider: turns a signed assertion into a person."""

import threading
from dataclasses import asdict

from . import assertions
from .answers import Answer, Refusal, Silence, as_json, text_of
from .people import person

MODES = ("ok", "slow", "5xx", "dark")
SLOW_SECONDS = 30.0


class IdentityProvider:
    """One provider with a mood and a memory of the assertions it has seen."""

    def __init__(self, secret: str, *, slow_seconds: float = SLOW_SECONDS) -> None:
        self.mode = "ok"
        self.stopping = threading.Event()
        self._secret = secret
        self._slow_seconds = slow_seconds
        self._seen: set[str] = set()
        self._lock = threading.Lock()

    def control(self, body: dict[str, object]) -> Answer:
        mode = text_of(body, "mode")
        if mode not in MODES:
            raise Refusal(400, "invalid", f"mode must be one of {', '.join(MODES)}.")
        self.mode = mode
        return as_json(200, {"mode": mode})

    def verify(self, body: dict[str, object]) -> Answer:
        """Say who a fresh, genuine assertion belongs to; it is good once."""
        self._suffer()
        assertion = text_of(body, "assertion", longest=4000)
        subject, jti = assertions.check(assertion, secret=self._secret)
        with self._lock:
            if jti in self._seen:
                raise Refusal(401, "assertion_replayed", "The assertion was used before.")
            self._seen.add(jti)
        found = person(subject)
        return as_json(200, {**asdict(found), "birth_date": found.birth_date.isoformat()})

    def residence(self, body: dict[str, object]) -> Answer:
        """Say whether somebody is registered in Seoul, going by the address they gave."""
        self._suffer()
        text_of(body, "name"), text_of(body, "birth_date")
        address = text_of(body, "address", longest=500)
        return as_json(200, {"resident": address.startswith("서울")})

    def _suffer(self) -> None:
        if self.mode == "dark":
            raise Silence
        if self.mode == "5xx":
            raise Refusal(503, "maintenance", "The provider is under maintenance.")
        if self.mode == "slow":
            self.stopping.wait(self._slow_seconds)
