from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, Self

from django.conf import settings

from seoul_health.core.partners import NoAnswer, PartnerLine, Reply

MOST_AT_ONCE = 200


class Refused(Exception):
    """The gateway said no for good; nothing was sent."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Unreachable(Exception):
    """No answer that can be understood: the message may or may not be on its way."""


class Fate(StrEnum):
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Letter:
    """What leaves the house: an id, where to, and the words."""

    id: str
    channel: str
    to: str
    title: str
    text: str

    def __repr__(self) -> str:
        return f"Letter({self.id}, {self.channel}, …)"


@dataclass(frozen=True, slots=True)
class Receipt:
    id: str
    receipt_no: str
    fate: Fate
    reason: str = ""


class Messenger(Protocol):
    def send(self, letter: Letter) -> Receipt:
        """Send once per id; sending again gives the same receipt."""

    def ask(self, ids: Sequence[str]) -> dict[str, Receipt]:
        """Say what became of messages, by id; one never taken is not in the answer."""


class HttpMessenger:
    """The city's messaging gateway over HTTP."""

    def __init__(self, url: str, *, timeout: float = 5.0) -> None:
        self._line = PartnerLine(url, timeout=timeout)

    @classmethod
    def from_settings(cls) -> Self:
        return cls(settings.MESSAGES_URL)

    def send(self, letter: Letter) -> Receipt:
        body = {
            "id": letter.id,
            "channel": letter.channel,
            "to": letter.to,
            "title": letter.title,
            "text": letter.text,
        }
        try:
            reply = self._line.post("/messages", body)
            if reply.status in (400, 422):
                raise Refused(reply.text("code", longest=40))
            if reply.status != 202 or reply.text("id") != letter.id:
                raise NoAnswer(f"status {reply.status}")
            return Receipt(letter.id, reply.text("receipt_no", longest=64), Fate.ACCEPTED)
        except NoAnswer as silence:
            raise Unreachable(str(silence)) from silence

    def ask(self, ids: Sequence[str]) -> dict[str, Receipt]:
        try:
            reply = self._line.post("/receipts", {"ids": list(ids)})
            if reply.status != 200:
                raise NoAnswer(f"status {reply.status}")
            asked = set(ids)
            return {one.id: one for one in _receipts(reply) if one.id in asked}
        except NoAnswer as silence:
            raise Unreachable(str(silence)) from silence


def _receipts(reply: Reply) -> list[Receipt]:
    found = reply.body.get("receipts")
    if not isinstance(found, list):
        raise NoAnswer("the answer has no proper receipts")
    return [_receipt(one) for one in found]


def _receipt(found: object) -> Receipt:
    if not isinstance(found, Mapping):
        raise NoAnswer("a receipt is not an object")
    one = Reply(200, found)
    try:
        fate = Fate(one.text("status"))
    except ValueError as exc:
        raise NoAnswer("a receipt has no proper status") from exc
    reason = one.text("reason", longest=40) if fate == Fate.FAILED else ""
    return Receipt(one.text("id"), one.text("receipt_no", longest=64), fate, reason)
