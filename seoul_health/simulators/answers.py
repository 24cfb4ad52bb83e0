"""What a simulated partner answers: a status, a body, or a refusal."""

import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    content_type: str = "application/json; charset=utf-8"


class Refusal(Exception):
    """The partner's plain no, with a code for machines."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message

    def answer(self) -> Answer:
        return as_json(self.status, {"code": self.code, "message": self.message})


class Silence(Exception):
    """The partner hangs up without a word."""


def as_json(status: int, body: object) -> Answer:
    return Answer(status, json.dumps(body, ensure_ascii=False).encode())


def text_of(body: dict[str, object], name: str, *, longest: int = 200) -> str:
    """Read a required, non-empty text from a request."""
    value = body.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        raise Refusal(400, "invalid", f"{name} must be a text of 1 to {longest} characters.")
    return value
