import secrets
import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from participants.models import AppToken, Participant
from seoul_health.core import audit, clock, crypto
from seoul_health.core.errors import DomainError


class TokenRefused(DomainError):
    """Unknown, expired, revoked or used before: the app has to sign in again."""

    code = "token_refused"
    message = _("Please sign in again.")


@dataclass(frozen=True)
class Pair:
    """What the app keeps: a short-lived key and the key that renews it."""

    access: str
    refresh: str


@transaction.atomic
def issue(participant: Participant, *, device: str, family: uuid.UUID | None = None) -> Pair:
    """Give the app of one device its keys; only their hashes stay here."""
    pair = Pair(access=secrets.token_urlsafe(32), refresh=secrets.token_urlsafe(32))
    now, chain = clock.now(), family or uuid.uuid4()
    kinds = [
        (AppToken.Kind.ACCESS, pair.access, timedelta(minutes=settings.ACCESS_TOKEN_MINUTES)),
        (AppToken.Kind.REFRESH, pair.refresh, timedelta(days=settings.REFRESH_TOKEN_DAYS)),
    ]
    AppToken.objects.bulk_create(
        AppToken(
            participant=participant,
            kind=kind,
            digest=crypto.digest(secret),
            family=chain,
            device=device[:60],
            expires_at=now + lifetime,
        )
        for kind, secret, lifetime in kinds
    )
    return pair


def refresh(secret: str) -> Pair:
    """Trade a refresh key once; the second trade of one key ends its whole family.

    The revocation is committed although the request is refused.
    """
    token = AppToken.objects.filter(
        digest=crypto.digest(secret), kind=AppToken.Kind.REFRESH
    ).select_related("participant").first()  # fmt: skip
    if token is None or token.participant.withdrawn_at:
        raise TokenRefused
    with transaction.atomic():
        pair = trade(token)
    if pair is None:
        raise TokenRefused
    return pair


def trade(token: AppToken) -> Pair | None:
    now = clock.now()
    fresh = AppToken.objects.usable(now).filter(pk=token.pk, used_at=None)
    if fresh.update(used_at=now):
        revoke_access(token.family)
        return issue(token.participant, device=token.device, family=token.family)
    if token.used_at or AppToken.objects.filter(pk=token.pk, used_at__isnull=False).exists():
        revoke_family(token.family)
        audit.record("reused", token, by=token.participant)
    return None


def revoke_access(family: uuid.UUID) -> None:
    """End the access keys that a renewal replaces."""
    live = AppToken.objects.filter(family=family, kind=AppToken.Kind.ACCESS, revoked_at=None)
    live.update(revoked_at=clock.now())


def revoke_family(family: uuid.UUID) -> None:
    """Sign one device out."""
    AppToken.objects.filter(family=family, revoked_at=None).update(revoked_at=clock.now())


def revoke_all(participant: Participant) -> None:
    """Sign every device of somebody out."""
    live = AppToken.objects.filter(participant=participant, revoked_at=None)
    live.update(revoked_at=clock.now())


def drop_stale() -> int:
    """Forget keys that expired a month ago; their hashes prove nothing any more."""
    stale = AppToken.objects.filter(expires_at__lt=clock.now() - timedelta(days=30))
    return stale.delete()[0]
