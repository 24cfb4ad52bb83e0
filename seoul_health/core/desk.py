"""What the desks of staff share: who may come in, fragments, and reads that are written down."""

import json
from typing import Any, ClassVar, cast

from django.contrib.auth.views import redirect_to_login
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views import View

from .access import log_read
from .errors import Conflict, DomainError
from .models import StaffUser

REMEMBERED_FOR = 600


def is_fragment(request: HttpRequest) -> bool:
    restores = request.headers.get("HX-History-Restore-Request") == "true"
    return request.headers.get("HX-Request") == "true" and not restores


def status_of(refusal: DomainError) -> int:
    return 409 if isinstance(refusal, Conflict) else 422


def refuse_nul(request: HttpRequest) -> None:
    """Refuse the one sign that no keyboard types and no text of the database can hold."""
    if any("\0" in value for _name, values in request.POST.lists() for value in values):
        raise SuspiciousOperation("NUL in a form")


class DeskPage(View):
    """A page of a desk: for those who may, never cached, and every read of a person is kept."""

    # The desk's name: of its templates' folder and of its lines in the access log.
    desk: ClassVar[str]
    home: ClassVar[str]
    permission: ClassVar[str]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return self.sign_in(request)
        if not request.user.has_perm(self.permission):
            raise PermissionDenied
        refuse_nul(request)
        response = super().dispatch(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response

    def sign_in(self, request: HttpRequest) -> HttpResponse:
        """Send to the sign-in page; a fragment says so instead of showing it inside the desk."""
        home = reverse(self.home)
        if not is_fragment(request):
            return redirect_to_login(request.path if request.method == "GET" else home)
        answer = HttpResponse(status=401)
        answer["HX-Redirect"] = f"{reverse('admin:login')}?next={home}"
        return answer

    @property
    def staff(self) -> StaffUser:
        return cast(StaffUser, self.request.user)  # dispatch lets nobody else in.

    def write_down(self, numbers: list[str], *, action: str, what: str, reason: str = "") -> None:
        where = f"{self.desk}:{what}"
        log_read(self.request, numbers, by=self.staff, action=action, what=where, reason=reason)

    def write_down_new(self, numbers: list[str], *, what: str) -> None:
        """Write down those a list shows for the first time in ten minutes: lists refresh."""
        fresh = [
            number
            for number in sorted(set(numbers))
            if cache.add(f"{self.desk}:listed:{self.staff.pk}:{number}", 1, REMEMBERED_FOR)
        ]
        self.write_down(fresh, action="list", what=what)

    def show(
        self, template: str, context: dict[str, Any], *, status: int = 200, **events: Any
    ) -> HttpResponse:
        """Answer a fragment; events are what the page should do besides."""
        response = render(self.request, f"{self.desk}/{template}", context, status=status)
        if events:
            response["HX-Trigger"] = json.dumps(events)
        return response
