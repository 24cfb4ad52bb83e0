"""What the pages of devices share: who may come in, and answers no browser keeps."""

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.views.decorators import staff_member_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.utils.functional import Promise
from django.views import View

from seoul_health.core.admin.base import staff_of
from seoul_health.core.desk import refuse_nul
from seoul_health.core.models import StaffUser


@method_decorator(staff_member_required(login_url="admin:login"), name="dispatch")
class Station(View):
    """A page of staff for those who have its permission."""

    permission: ClassVar[str]
    template: ClassVar[str]
    title: ClassVar[str | Promise]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm(self.permission):
            raise PermissionDenied
        refuse_nul(request)
        response = super().dispatch(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response

    @property
    def staff(self) -> StaffUser:
        return staff_of(self.request)

    def show(self, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        frame = {**admin.site.each_context(self.request), "title": self.title}
        return render(self.request, self.template, frame | context, status=status)
