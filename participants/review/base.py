import json
from typing import Any, cast

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views import View

from participants.models import Application
from seoul_health.core.access import log_read
from seoul_health.core.errors import Conflict, DomainError
from seoul_health.core.models import StaffUser

RELATED = ("participant__profile", "round", "lane", "quota", "reason_code", "assisted_by")
REMEMBERED_FOR = 600


def is_fragment(request: HttpRequest) -> bool:
    restores = request.headers.get("HX-History-Restore-Request") == "true"
    return request.headers.get("HX-Request") == "true" and not restores


class StaffView(View):
    """A page of the review desk: for those who may, and every read of a person is kept."""

    permission = "participants.review_application"
    home = "review:home"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return self.sign_in(request)
        if not request.user.has_perm(self.permission):
            raise PermissionDenied
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

    def application(self, receipt_no: str) -> Application:
        rows = Application.objects.visible_to(self.staff).select_related(*RELATED)
        found = rows.filter(receipt_no=receipt_no).first()
        if found is None:
            raise Http404
        return found

    def write_down(self, numbers: list[str], *, action: str, what: str) -> None:
        log_read(self.request, numbers, by=self.staff, action=action, what=f"review:{what}")

    def write_down_new(self, numbers: list[str], *, what: str) -> None:
        """Write down those a list shows for the first time in ten minutes: lists refresh."""
        fresh = [
            number
            for number in sorted(set(numbers))
            if cache.add(f"review:listed:{self.staff.pk}:{number}", 1, REMEMBERED_FOR)
        ]
        self.write_down(fresh, action="list", what=what)

    def show(
        self,
        template: str,
        context: dict[str, Any],
        *,
        status: int = 200,
        events: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Answer a fragment; events are what the page should do besides."""
        response = render(self.request, f"review/{template}", context, status=status)
        if events:
            response["HX-Trigger"] = json.dumps(events)
        return response

    def page(self, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        frame = admin.site.each_context(self.request)
        return render(self.request, f"review/{template}", {**frame, **context}, status=status)


def status_of(refusal: DomainError) -> int:
    return 409 if isinstance(refusal, Conflict) else 422
