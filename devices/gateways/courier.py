from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, Self
from urllib.parse import quote

from django.conf import settings

from seoul_health.core.partners import NoAnswer, PartnerLine, Reply


class Refused(Exception):
    """The courier does not take this parcel."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


class Unreachable(Exception):
    """No answer that can be understood: the parcel may or may not be booked."""


class Direction(StrEnum):
    OUT = "out"
    BACK = "back"


class Progress(StrEnum):
    ACCEPTED = "accepted"
    IN_TRANSIT = "in_transit"
    DELIVERED = "delivered"


@dataclass(frozen=True, slots=True)
class Consignment:
    carrier: str
    tracking_no: str


@dataclass(frozen=True, slots=True)
class Tracking:
    tracking_no: str
    status: Progress
    at: datetime


class Courier(Protocol):
    def ship(self, reference: str, *, direction: Direction, serial: str) -> Consignment:
        """Book a parcel once per reference; asking again gives the same consignment."""

    def track(self, tracking_no: str) -> Tracking | None:
        """Say where a parcel is; nothing means the courier does not know it."""


class HttpCourier:
    """The city's courier over HTTP."""

    def __init__(self, url: str, secret: str, *, timeout: float = 5.0) -> None:
        self._line = PartnerLine(url, secret=secret, timeout=timeout)

    @classmethod
    def from_settings(cls) -> Self:
        return cls(settings.COURIER_URL, settings.COURIER_SECRET)

    def ship(self, reference: str, *, direction: Direction, serial: str) -> Consignment:
        parcel = {"reference": reference, "direction": direction, "serial": serial}
        try:
            return _consignment(self._line.post("/shipments", parcel), reference)
        except NoAnswer as silence:
            raise Unreachable(str(silence)) from silence

    def track(self, tracking_no: str) -> Tracking | None:
        try:
            reply = self._line.get(f"/shipments/{quote(tracking_no, safe='')}")
            if reply.status == 404 and reply.text("code") == "unknown_tracking_no":
                return None
            return _tracking(reply, tracking_no)
        except NoAnswer as silence:
            raise Unreachable(str(silence)) from silence


def _consignment(reply: Reply, reference: str) -> Consignment:
    if reply.status in {409, 422}:
        raise Refused(reply.text("code"), reply.text("message"))
    if reply.status not in {200, 201} or reply.text("reference") != reference:
        raise NoAnswer(f"status {reply.status}")
    return Consignment(reply.text("carrier", longest=30), reply.text("tracking_no", longest=40))


def _tracking(reply: Reply, tracking_no: str) -> Tracking:
    if reply.status != 200 or reply.text("tracking_no") != tracking_no:
        raise NoAnswer(f"status {reply.status}")
    status = reply.text("status")
    if status not in set(Progress):
        raise NoAnswer("an unknown status")
    return Tracking(tracking_no, Progress(status), reply.moment("at"))
