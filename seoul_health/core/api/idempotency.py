import hashlib
import json
import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import connection, transaction
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from seoul_health.core.access import client_ip
from seoul_health.core.errors import KeyReused, Malformed
from seoul_health.core.models import StoredAnswer

Handler = Callable[..., Response]
HEADER = "Idempotency-Key"

CLAIM = """
INSERT INTO core_storedanswer (caller, key, body_hash) VALUES (%s, %s, %s)
ON CONFLICT (caller, key) DO NOTHING RETURNING id
"""


def idempotent(handler: Handler) -> Handler:
    """Answer the same key and body with the first answer; the effect happens once.

    The key is claimed first, in the transaction of the effect: a concurrent twin waits for the
    first to commit and then reads its answer. A refusal rolls the claim back with everything else.
    """

    @wraps(handler)
    def answer(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        caller, key, body_hash = caller_of(request), key_of(request), hash_of(request)
        check_shape(request)
        with transaction.atomic():
            claim = claim_key(caller, key, body_hash)
            if claim is None:
                return replay(caller, key, body_hash)
            response = handler(view, request, *args, **kwargs)
            store(claim, response)
        return response

    answer.is_idempotent = True  # type: ignore[attr-defined]
    return answer


def caller_of(request: Request) -> str:
    return getattr(request.user, "actor_name", None) or f"guest:{client_ip(request)}"


def check_shape(request: Request) -> None:
    """Refuse a body that is not what its type says, also where the handler needs none."""
    _ = request.data


def key_of(request: Request) -> uuid.UUID:
    text = request.headers.get(HEADER, "")
    try:
        if len(text) != 36:
            raise ValueError
        return uuid.UUID(text)
    except ValueError as exc:
        raise Malformed({HEADER: ["A UUID is needed."]}) from exc


def hash_of(request: Request) -> bytes:
    digest = hashlib.sha256(f"{request.method} {request.path}\n".encode())
    digest.update(request._request.body)
    return digest.digest()


def claim_key(caller: str, key: uuid.UUID, body_hash: bytes) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [caller, key, body_hash])
        row = cursor.fetchone()
    return row[0] if row else None


def replay(caller: str, key: uuid.UUID, body_hash: bytes) -> Response:
    first = StoredAnswer.objects.get(caller=caller, key=key)
    if bytes(first.body_hash) != body_hash:
        raise KeyReused
    body = json.loads(first.body) if first.body else None
    return Response(body, status=first.status, headers={"Idempotency-Replayed": "true"})


def store(claim: int, response: Response) -> None:
    body = JSONRenderer().render(response.data).decode()
    StoredAnswer.objects.filter(pk=claim).update(status=response.status_code, body=body)
