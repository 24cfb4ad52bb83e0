"""Every URL of the site with real rows behind its parameters, and every kind of caller."""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.apps import apps
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.test import APIClient

from complaints.models import Complaint, Contact
from devices.models import SyncReceipt
from participants.models import Participant, RecruitmentRound
from participants.services import tokens
from points.models import Payout
from seoul_health.core.models import StaffUser
from seoul_health.core.models.staff import Role

ROLES = [role.value for role in Role]
PASSWORD = "Demo-pass-9988"


@dataclass(frozen=True)
class Route:
    """One URL pattern: where it is, what serves it."""

    pattern: str
    name: str
    callback: Any

    @property
    def is_api(self) -> bool:
        return self.pattern.startswith("api/v1/")

    @property
    def methods(self) -> list[str]:
        actions = getattr(self.callback, "actions", None)
        if actions:
            return sorted(method.upper() for method in actions)
        view = getattr(self.callback, "cls", None) or getattr(self.callback, "view_class", None)
        known = ("get", "post", "put", "patch", "delete")
        return [verb.upper() for verb in known if hasattr(view, verb)] or ["GET"]


def routes(resolver: Any = None, prefix: str = "", space: str = "") -> Iterator[Route]:
    for entry in (resolver or get_resolver()).url_patterns:
        place = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from routes(entry, place, inner)
        elif isinstance(entry, URLPattern):
            yield Route(place, f"{space}{entry.name or ''}", entry.callback)


UNKNOWN_NUMBER = "999999999"


class World:
    """The demo city and a signed-in client for everybody in it."""

    @cached_property
    def citizen(self) -> Participant:
        return Participant.objects.filter(
            pk__in=Payout.objects.values("participant").intersection(
                Complaint.objects.filter(participant__isnull=False).values("participant")
            )
        ).order_by("pk")[0]

    @cached_property
    def stranger(self) -> Participant:
        return Participant.objects.exclude(pk=self.citizen.pk).order_by("-pk")[0]

    def app_of(self, participant: Participant) -> APIClient:
        client = APIClient()
        access = tokens.issue(participant, device="sweep").access
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {access}")
        return client

    def staff_of(self, role: str) -> Client:
        user = StaffUser.objects.filter(grants__role=role, scope="city").first()
        user = user or StaffUser.objects.filter(grants__role=role).order_by("pk")[0]
        client = Client(raise_request_exception=False)
        client.force_login(user, backend="seoul_health.core.roles.RoleBackend")
        return client

    def value_for(self, route: Route, name: str, kind: str, model: Any) -> str:
        """Find something the citizen owns, or the first row of a model, for one parameter."""
        if model is not None and name in {"pk", "object_id"}:
            row = model._default_manager.order_by("pk").first()
            return str(row.pk) if row else "1"
        place = route.pattern
        owned = {
            "applications": lambda: self.citizen.applications.order_by("pk")[0].public_id,
            "payouts": lambda: self.payout().public_id,
            "complaints": lambda: self.complaint().receipt_no,
            "receipts": lambda: self.receipt().receipt_no,
            "rounds": lambda: RecruitmentRound.objects.filter(status="open")[0].code,
            "people": lambda: self.citizen.number,
            "contacts": lambda: Contact.objects.order_by("pk")[0].public_id,
        }
        parameter = f"<{kind}:{name}>" if kind else f"<{name}>"
        for word, find in owned.items():
            if f"{word}/{parameter}" in place:
                return str(find())
        unknown = {"uuid": str(uuid.uuid4()), "int": "1" if name == "page" else UNKNOWN_NUMBER}
        return unknown.get(kind, "unknown")

    def payout(self) -> Any:
        return Payout.objects.filter(participant=self.citizen)[0]

    def complaint(self) -> Any:
        return Complaint.objects.filter(participant=self.citizen)[0]

    def receipt(self) -> Any:
        return SyncReceipt.objects.filter(participant=self.citizen)[0]

    def user_of(self, role: str) -> StaffUser:
        return StaffUser.objects.filter(grants__role=role).order_by("pk")[0]

    def staff_without_roles(self) -> Client:
        user = StaffUser.objects.create_user("nobody-yet", password=PASSWORD, is_staff=True)
        client = Client(raise_request_exception=False)
        client.force_login(user, backend="seoul_health.core.roles.RoleBackend")
        return client

    def callers(self) -> dict[str, Client]:
        return {
            "anonymous": Client(raise_request_exception=False),
            "participant": self.app_of(self.citizen),
            **{role: self.staff_of(role) for role in ROLES},
        }


def model_of(name: str) -> Any:
    """Find the model an admin URL name like “admin:devices_loan_change” is about."""
    for model in apps.get_models():
        if name.startswith(f"admin:{model._meta.app_label}_{model._meta.model_name}_"):
            return model
    return None


def fill(route: Route, world: World) -> str:
    """Put real values behind a pattern's parameters; what nobody has becomes an unknown one."""
    model = model_of(route.name)

    def value(match: re.Match[str]) -> str:
        kind, _, name = match[1].rpartition(":")
        return world.value_for(route, name, kind, model)

    pattern = re.sub(r"^\^|\$$|\\Z", "", route.pattern)
    return "/" + re.sub(r"<([^>]+)>", value, pattern)
