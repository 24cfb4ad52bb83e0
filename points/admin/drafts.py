from typing import Any, ClassVar, TypeVar

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

Child = TypeVar("Child", bound=Model)
Parent = TypeVar("Parent", bound=Model)


class DraftLines(admin.TabularInline[Child, Parent]):
    """Lines that are written while the row above them is a draft, and only read afterwards."""

    parent: ClassVar[str]

    def may_edit(self, request: HttpRequest, obj: Any) -> bool:
        allowed = request.user.has_perm(f"points.change_{self.parent}")
        return allowed and (obj is None or obj.status == "draft")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_edit(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_edit(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_edit(request, obj)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(f"points.view_{self.parent}")
