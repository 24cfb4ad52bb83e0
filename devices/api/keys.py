"""Keys of machines: of a site, which may tell of itself, and of readers of the public feed."""

import time
from typing import Any, ClassVar, cast

from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from devices.models import ConsumerKey, SiteKey
from devices.services.keys import note_seen
from seoul_health.core import crypto
from seoul_health.core.api.throttling import CallerThrottle

LONGEST = 200
MINUTE = 60


class BadKey(AuthenticationFailed):
    default_detail = _("This key is unknown, revoked or out of date.")


class Keys(BaseAuthentication):
    """Know a machine by the key in one header; one query, and never a word about why not."""

    header: ClassVar[str]

    def usable(self) -> Any:
        raise NotImplementedError

    def authenticate(self, request: Request) -> tuple[Any, None] | None:
        secret = request.headers.get(self.header, "")
        if not secret:
            return None
        if len(secret) > LONGEST or not secret.isascii():
            raise BadKey
        key = self.usable().filter(digest=crypto.digest(secret)).first()
        if key is None:
            raise BadKey
        note_seen(key)
        return key, None

    def authenticate_header(self, request: Request) -> str:
        return self.header


class SiteKeys(Keys):
    header = "X-Site-Key"

    def usable(self) -> Any:
        return SiteKey.objects.usable().select_related("site")


class ConsumerKeys(Keys):
    header = "X-Api-Key"

    def usable(self) -> Any:
        return ConsumerKey.objects.usable()


class HoldsSiteKey(BasePermission):
    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(cast(object, request.user), SiteKey)


class KeyThrottle(CallerThrottle):
    """As many calls a minute as the key allows; without a key, as any caller."""

    def allow_request(self, request: Request, view: Any) -> bool:
        key = cast(object, request.user)
        if not isinstance(key, SiteKey | ConsumerKey):
            return super().allow_request(request, view)
        self.left = MINUTE - time.time() % MINUTE
        name = f"throttle:key:{key.actor_name}:{key.pk}:{int(time.time() // MINUTE)}"
        return self.count(name, MINUTE) <= key.per_minute


class SiteKeyView(APIView):
    """An endpoint for a machine of one site; what it may see is `self.key.site`."""

    authentication_classes = (SiteKeys,)
    permission_classes = (HoldsSiteKey,)
    throttle_classes = (KeyThrottle,)

    @property
    def key(self) -> SiteKey:
        return cast(SiteKey, self.request.user)  # HoldsSiteKey lets nobody else in.
