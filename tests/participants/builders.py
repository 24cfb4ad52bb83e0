"""People as the identity provider tells of them, and apps that call for them."""

import itertools
import uuid
from datetime import date
from typing import Any

from rest_framework.test import APIClient

from participants.gateways.identity import Identity, IdentityProvider

people = itertools.count(1)


class Provider(IdentityProvider):
    """An identity provider with a fixed answer, or a fixed failure."""

    def __init__(self, answer: Identity | Exception) -> None:
        self.answer = answer

    def verify(self, assertion: str) -> Identity:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def identity(**changes: Any) -> Identity:
    facts = {
        "ci": f"ci-{next(people)}",
        "name": "김하늘",
        "birth_date": date(1980, 5, 17),
        "phone": "010-0123-4567",
        "address": "서울특별시 중구 세종대로 110",
        "district": "중구",
        "resident": True,
    }
    return Identity(**{**facts, **changes})


class App:
    """The mobile app of one participant, or of nobody yet."""

    def __init__(self, participant: object = None) -> None:
        self.client = APIClient()
        if participant is not None:
            self.client.force_authenticate(participant)

    def get(self, path: str, **query: str) -> Any:
        return self.client.get(f"/api/v1/{path}", query)

    def post(self, path: str, body: Any = None, *, key: str = "", **kwargs: Any) -> Any:
        headers = {"Idempotency-Key": key or str(uuid.uuid4())}
        return self.client.post(f"/api/v1/{path}", body or {}, headers=headers, **kwargs)

    def patch(self, path: str, body: Any, *, key: str = "") -> Any:
        headers = {"Idempotency-Key": key or str(uuid.uuid4())}
        return self.client.patch(f"/api/v1/{path}", body, headers=headers)
