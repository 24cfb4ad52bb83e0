from typing import Any

import structlog
from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as ModelValidationError
from django.db import InterfaceError, OperationalError, transaction
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import set_rollback

from seoul_health.core import errors

log = structlog.get_logger("api")

STATUSES: list[tuple[type[errors.DomainError], int]] = [
    (errors.Malformed, status.HTTP_400_BAD_REQUEST),
    (errors.NotFound, status.HTTP_404_NOT_FOUND),
    (errors.Unavailable, status.HTTP_503_SERVICE_UNAVAILABLE),
    (errors.Conflict, status.HTTP_409_CONFLICT),
    (errors.DomainError, status.HTTP_422_UNPROCESSABLE_ENTITY),
]


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Answer every error as {code, message, fields?, retry_after?}."""
    if isinstance(exc, errors.DomainError):
        return refusal(exc)
    if isinstance(exc, OperationalError | InterfaceError):
        log.error("database_unavailable", exc_info=exc)
        return refusal(errors.Unavailable())
    set_rollback()
    return framework_error(exc)


def refusal(exc: errors.DomainError) -> Response:
    if transaction.get_connection().in_atomic_block:
        set_rollback()
    code = next(code for kind, code in STATUSES if isinstance(exc, kind))
    body: dict[str, Any] = {"code": exc.code, "message": str(exc)}
    headers = {}
    if exc.fields:
        body["fields"] = exc.fields
    if isinstance(exc, errors.Unavailable):
        body["retry_after"] = exc.retry_after
        headers["Retry-After"] = str(exc.retry_after)
    return Response(body, status=code, headers=headers)


def framework_error(exc: Exception) -> Response | None:
    if isinstance(exc, Http404):
        exc = exceptions.NotFound()
    elif isinstance(exc, PermissionDenied):
        exc = exceptions.PermissionDenied()
    elif isinstance(exc, ModelValidationError):
        exc = exceptions.ValidationError(exc.messages)
    if not isinstance(exc, exceptions.APIException):
        return None
    body: dict[str, Any] = {"code": code_of(exc), "message": message_of(exc)}
    headers: dict[str, str] = {}
    if isinstance(exc, exceptions.ValidationError):
        body["fields"] = fields_of(exc.detail)
    if isinstance(exc, exceptions.Throttled):
        wait = max(1, int(getattr(exc, "wait", None) or 1))
        body["retry_after"] = wait
        headers["Retry-After"] = str(wait)
    if challenge := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    return Response(body, status=exc.status_code, headers=headers)


def code_of(exc: exceptions.APIException) -> str:
    if isinstance(exc, exceptions.ValidationError | exceptions.ParseError):
        return "invalid"
    return str(exc.get_codes()) if isinstance(exc.detail, str) else exc.default_code


def message_of(exc: exceptions.APIException) -> str:
    if isinstance(exc, exceptions.ValidationError):
        return _("Some fields are not right.")
    return str(exc.detail)


def fields_of(detail: Any, prefix: str = "") -> dict[str, list[str]]:
    """Flatten DRF's nested detail into dotted names."""
    if isinstance(detail, dict):
        found: dict[str, list[str]] = {}
        for name, inner in detail.items():
            found |= fields_of(inner, f"{prefix}.{name}" if prefix else str(name))
        return found
    if isinstance(detail, list):
        if any(isinstance(item, dict | list) for item in detail):
            return fields_of(dict(enumerate(detail)), prefix)
        return {prefix or "body": [str(item) for item in detail]} if detail else {}
    return {prefix or "body": [str(detail)]}
