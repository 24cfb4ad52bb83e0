from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from seoul_health.core import audit
from seoul_health.core.errors import DomainError
from seoul_health.core.models import RoleGrant, StaffUser
from seoul_health.core.models.staff import Role
from seoul_health.core.roles import end_grant, grant_role

from .base import ReadOnlyAdmin, staff_of
from .row_actions import RowActions, row_action


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    expires_on = forms.DateField(
        label=_("Expires on"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )


@admin.register(StaffUser)
class StaffUserAdmin(RowActions[StaffUser], UserAdmin):  # type: ignore[type-arg]
    """Accounts. Roles are given by grants, never ticked here; nobody is made superuser here."""

    change_form_template = "admin/detail.html"
    list_display = ("username", "last_name", "first_name", "department", "scope", "is_active")
    list_filter = ("is_active", "scope")
    search_fields = ("username",)
    ordering = ("username",)
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": ("last_name", "first_name", "email")}),
        (_("Post"), {"fields": ("department", "office_phone", "scope", "district", "site_code")}),
        (_("Access"), {"fields": ("is_active", "is_staff")}),
    )
    actions = None

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Nobody changes the reach of their own account."""
        own = obj is not None and obj.pk == request.user.pk
        return ("scope", "district", "site_code", "is_active", "is_staff") if own else ()

    def save_model(
        self, request: HttpRequest, obj: StaffUser, form: ModelForm[StaffUser], change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        verb = "changed" if change else "added"
        audit.record(verb, obj, by=staff_of(request), fields=form.changed_data)

    @row_action(_("Give a role"), permission="core.add_rolegrant", form=RoleForm)
    def give_role(self, request: HttpRequest, row: StaffUser, **values: Any) -> None:
        grant_role(row, by=staff_of(request), **values)


@admin.register(RoleGrant)
class RoleGrantAdmin(ReadOnlyAdmin[RoleGrant]):
    list_display = ("user", "role", "granted_at", "granted_by", "expires_on", "revoked_at")
    list_filter = ("role",)
    list_select_related = ("user",)
    search_fields = ("user__username",)

    @row_action(
        _("End this grant"),
        permission="core.change_rolegrant",
        confirm=_("The person loses this role at once."),
        danger=True,
    )
    def end(self, request: HttpRequest, row: RoleGrant) -> None:
        if row.revoked_at is not None:
            raise GrantEnded
        end_grant(row, by=staff_of(request))


class GrantEnded(DomainError):
    code = "grant_ended"
    message = _("This grant has already ended.")
