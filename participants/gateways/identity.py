from dataclasses import dataclass
from datetime import date
from typing import Protocol, Self

from django.conf import settings

from seoul_health.core.partners import NoAnswer, PartnerLine, Reply


class Refused(Exception):
    """The provider does not vouch for this assertion."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Unreachable(Exception):
    """No answer: nothing is known about the person, and nothing may be held against them."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A person as the provider vouches for them; residence may be unknown."""

    ci: str
    name: str
    birth_date: date
    phone: str
    address: str
    district: str
    resident: bool | None

    def __repr__(self) -> str:
        return "Identity(…)"


class IdentityProvider(Protocol):
    def verify(self, assertion: str) -> Identity:
        """Say who an assertion belongs to; an assertion is good once."""


class ResidenceRegister(Protocol):
    def lives_in_seoul(self, *, name: str, birth_date: date, address: str) -> bool | None:
        """Say whether somebody is registered in Seoul; None while the register cannot say."""


class HttpIdentity:
    """An identity provider over HTTP; settings name those the app may come from."""

    def __init__(self, url: str, *, timeout: float = 3.0) -> None:
        self._line = PartnerLine(url, timeout=timeout)

    @classmethod
    def named(cls, provider: str) -> Self:
        return cls(settings.IDENTITY_PROVIDERS[provider])

    def verify(self, assertion: str) -> Identity:
        try:
            reply = self._line.post("/verify", {"assertion": assertion})
            if reply.status == 401:
                raise Refused(reply.text("code"))
            if reply.status != 200:
                raise NoAnswer(f"status {reply.status}")
            return _identity(reply)
        except NoAnswer as silence:
            raise Unreachable(str(silence)) from silence

    def lives_in_seoul(self, *, name: str, birth_date: date, address: str) -> bool | None:
        asked: dict[str, object] = {
            "name": name,
            "birth_date": birth_date.isoformat(),
            "address": address,
        }
        try:
            reply = self._line.post("/residence", asked)
            if reply.status != 200:
                raise NoAnswer(f"status {reply.status}")
            return None if reply.body.get("resident") is None else reply.flag("resident")
        except NoAnswer as silence:
            raise Unreachable(str(silence)) from silence


def _identity(reply: Reply) -> Identity:
    return Identity(
        ci=reply.text("ci"),
        name=reply.text("name"),
        birth_date=_birth_date(reply.text("birth_date")),
        phone=reply.text("phone", longest=40),
        address=reply.text("address", longest=500),
        district=_optional_text(reply, "district"),
        resident=None if reply.body.get("resident") is None else reply.flag("resident"),
    )


def _optional_text(reply: Reply, name: str) -> str:
    return reply.text(name) if reply.body.get(name) else ""


def _birth_date(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as exc:
        raise NoAnswer("not a birth date") from exc
    if day.year < 1900:
        raise NoAnswer("not a birth date")
    return day
