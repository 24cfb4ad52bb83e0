"""Roles are data in one table of permissions; a grant takes effect on the next request."""

from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from . import audit, clock
from .db import constraint
from .errors import Conflict, DomainError
from .models import RoleGrant, StaffUser


class AlreadyGranted(Conflict):
    code = "already_granted"
    message = _("This person already has this role.")


class OwnGrant(DomainError):
    code = "own_grant"
    message = _("Nobody can grant or end a role of their own.")


def permissions_of(roles: list[str]) -> frozenset[str]:
    return frozenset().union(*(settings.ROLE_PERMISSIONS.get(role, ()) for role in roles))


class RoleBackend(ModelBackend):
    """Passwords as Django keeps them; permissions only from live role grants."""

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        if not isinstance(user_obj, StaffUser) or not user_obj.is_active or obj is not None:
            return set()
        known = getattr(user_obj, "_role_permissions", None)
        if known is None:
            known = set(permissions_of(user_obj.roles_on(clock.today())))
            user_obj._role_permissions = known  # type: ignore[attr-defined]
        return known

    def get_group_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return set()

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        return perm in self.get_all_permissions(user_obj, obj)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return any(p.startswith(f"{app_label}.") for p in self.get_all_permissions(user_obj))


@transaction.atomic
def grant_role(user: StaffUser, *, role: str, by: audit.Actor, **until: Any) -> RoleGrant:
    """Give a role; nobody gives one to themselves."""
    if by.actor_name == user.actor_name:
        raise OwnGrant
    with constraint("one_live_grant_per_person_and_role", AlreadyGranted()):
        grant = RoleGrant.objects.create(user=user, role=role, granted_by=by.actor_name, **until)
    audit.record("granted", grant, by=by, role=role, username=user.username)
    return grant


@transaction.atomic
def end_grant(grant: RoleGrant, *, by: audit.Actor) -> None:
    """Take a role back at once."""
    if by.actor_name == grant.user.actor_name:
        raise OwnGrant
    if RoleGrant.objects.filter(pk=grant.pk, revoked_at=None).update(revoked_at=clock.now()):
        audit.record("ended", grant, by=by, role=grant.role, username=grant.user.username)
