"""The record of reads: whoever sees a person's data leaves a row, in the same transaction."""

from collections.abc import Iterable

from django.conf import settings
from django.http import HttpRequest

from .audit import Actor
from .models import AccessLog


def client_ip(request: HttpRequest) -> str | None:
    """Trust only the addresses our own proxies appended; anything before is the caller's word."""
    hops = settings.TRUSTED_PROXIES
    forwarded = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
    if hops and len(forwarded) >= hops and forwarded[-hops]:
        return forwarded[-hops]
    return request.META.get("REMOTE_ADDR") or None


def log_read(
    request: HttpRequest,
    subjects: Iterable[str],
    *,
    by: Actor,
    action: str,
    what: str,
    reason: str = "",
) -> None:
    """Write down who saw whom; a page about nobody leaves no row."""
    seen = sorted(set(subjects))
    if seen:
        AccessLog.objects.create(
            actor=by.actor_name,
            ip=client_ip(request),
            action=action,
            what=what,
            subjects=seen,
            reason=reason[:200],
        )
