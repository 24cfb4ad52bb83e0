"""Keys of sites and of readers of the feed: issued once, revoked for good."""

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from devices.errors import KeyAlreadyRevoked
from devices.models import ConsumerKey, Site, SiteKey
from seoul_health.core import audit, clock, crypto
from seoul_health.core.audit import Actor

HINT_LENGTH = 10
SEEN_EVERY = timedelta(minutes=1)


@transaction.atomic
def issue_site_key(
    site: Site, *, name: str, per_minute: int = 120, by: Actor
) -> tuple[SiteKey, str]:
    """Make a key for a machine of one site; its secret is never shown again."""
    secret = f"sk_{secrets.token_urlsafe(32)}"
    key = SiteKey.objects.create(
        site=site,
        name=name,
        per_minute=per_minute,
        hint=secret[:HINT_LENGTH],
        digest=crypto.digest(secret),
        issued_by=by.actor_name,
    )
    audit.record("key_issued", key, by=by, site=site.code)
    return key, secret


@transaction.atomic
def issue_consumer_key(
    *,
    organisation: str,
    purpose: str,
    per_minute: int = 120,
    expires_at: datetime | None = None,
    by: Actor,
) -> tuple[ConsumerKey, str]:
    """Make a key for an organisation that reads the feed."""
    secret = f"ck_{secrets.token_urlsafe(32)}"
    key = ConsumerKey.objects.create(
        organisation=organisation,
        purpose=purpose,
        per_minute=per_minute,
        expires_at=expires_at,
        hint=secret[:HINT_LENGTH],
        digest=crypto.digest(secret),
        issued_by=by.actor_name,
    )
    audit.record("key_issued", key, by=by, organisation=organisation)
    return key, secret


@transaction.atomic
def revoke_key(key: SiteKey | ConsumerKey, *, by: Actor) -> None:
    """Let nobody in with this key any more."""
    now = clock.now()
    open_rows = type(key).objects.filter(pk=key.pk, revoked_at=None)
    if not open_rows.update(revoked_at=now):
        raise KeyAlreadyRevoked(key=key)
    audit.record("key_revoked", key, by=by)
    key.revoked_at = now


def note_seen(key: SiteKey | ConsumerKey) -> None:
    """Remember to the minute when a key was last used."""
    now = clock.now()
    if key.last_seen_at is not None and now - key.last_seen_at < SEEN_EVERY:
        return
    long_ago = Q(last_seen_at=None) | Q(last_seen_at__lte=now - SEEN_EVERY)
    type(key).objects.filter(long_ago, pk=key.pk).update(last_seen_at=now)
