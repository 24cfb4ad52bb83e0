"""HTTP to a partner: a time limit, no redirects, and no trust in the answer."""

import atexit
import hashlib
import hmac
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import httpx

LARGEST_ANSWER = 65_536
LARGEST_FILE = 128 * 1024 * 1024


class NoAnswer(Exception):
    """The partner said nothing that can be understood."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A status and a JSON object, whose fields are read with suspicion."""

    status: int
    body: Mapping[str, object]

    def text(self, name: str, *, longest: int = 200) -> str:
        value = self.body.get(name)
        if not isinstance(value, str) or not 0 < len(value) <= longest or "\0" in value:
            raise NoAnswer(f"the answer has no proper {name}")
        return value

    def flag(self, name: str) -> bool:
        value = self.body.get(name)
        if not isinstance(value, bool):
            raise NoAnswer(f"the answer has no proper {name}")
        return value

    def whole_number(self, name: str) -> int:
        value = self.body.get(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise NoAnswer(f"the answer has no proper {name}")
        return value

    def moment(self, name: str) -> datetime:
        return parse_moment(self.text(name))


class PartnerLine:
    """The way to one partner: its address, our shared secret, our patience."""

    def __init__(self, url: str, *, secret: str | None = None, timeout: float) -> None:
        self._url = url.rstrip("/")
        self._secret = secret
        self._timeout = timeout

    def post(self, path: str, body: Mapping[str, object], **headers: str) -> Reply:
        content = json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._ask("POST", path, content, {"Content-Type": "application/json", **named})

    def get(self, path: str) -> Reply:
        return self._ask("GET", path, b"", {})

    @contextmanager
    def download(self, path: str) -> Iterator[Iterator[bytes]]:
        """Stream a file whose status was 200; what comes later is checked by the reader."""
        with self._open("GET", path, b"", {}) as response:
            if response.status_code != httpx.codes.OK:
                raise NoAnswer(f"status {response.status_code}")
            yield _chunks(response, LARGEST_FILE, deadline=None)

    def _ask(self, method: str, path: str, content: bytes, headers: Mapping[str, str]) -> Reply:
        deadline = time.monotonic() + 2 * self._timeout
        with self._open(method, path, content, headers) as response:
            octets = b"".join(_chunks(response, LARGEST_ANSWER, deadline=deadline))
        return Reply(response.status_code, _json_object(octets))

    @contextmanager
    def _open(
        self, method: str, path: str, content: bytes, headers: Mapping[str, str]
    ) -> Iterator[httpx.Response]:
        signed = {**headers, **self._signature(content)}
        url = f"{self._url}{path}"
        try:
            with _client().stream(
                method, url, content=content, headers=signed, timeout=self._timeout
            ) as response:
                yield response
        except (httpx.HTTPError, httpx.InvalidURL) as exc:
            raise NoAnswer(type(exc).__name__) from exc

    def _signature(self, content: bytes) -> dict[str, str]:
        if self._secret is None:
            return {}
        timestamp = str(int(time.time()))
        signed = f"{timestamp}.".encode() + content
        digest = hmac.new(self._secret.encode(), signed, hashlib.sha256)
        return {"X-Timestamp": timestamp, "X-Signature": digest.hexdigest()}


def parse_moment(text: str) -> datetime:
    """Read a moment that names its zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as exc:
        raise NoAnswer("not a moment") from exc
    if moment.tzinfo is None:
        raise NoAnswer("a moment without a zone")
    return moment


@cache
def _client() -> httpx.Client:
    # No proxies or credentials from the environment: partners are named in the settings only.
    client = httpx.Client(follow_redirects=False, trust_env=False)
    atexit.register(client.close)
    return client


def _chunks(response: httpx.Response, largest: int, *, deadline: float | None) -> Iterator[bytes]:
    size = 0
    for chunk in response.iter_bytes():
        size += len(chunk)
        if size > largest:
            raise NoAnswer("the answer is too large")
        if deadline is not None and time.monotonic() > deadline:
            raise NoAnswer("the answer drips")
        yield chunk


def _json_object(octets: bytes) -> Mapping[str, object]:
    try:
        found = json.loads(octets)
    except (ValueError, RecursionError) as exc:
        raise NoAnswer("the answer is not JSON") from exc
    if not isinstance(found, dict):
        raise NoAnswer("the answer is not an object")
    return found
