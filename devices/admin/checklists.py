"""Checklists in versions: typed while a draft, only read once inspections may be made by them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from devices.admin.bulk import StagedButtons
from devices.errors import DraftWaits
from devices.models import CheckItem, Checklist
from devices.models.stock import GRADES
from devices.services import checklists
from seoul_health.core import audit
from seoul_health.core.admin.base import staff_of
from seoul_health.core.admin.row_actions import row_action

RELEASE = "devices.release_checklist"
Status = Checklist.Status


class ChecklistForm(forms.ModelForm[Checklist]):
    class Meta:
        model = Checklist
        fields = ("model",)

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        drafts = Checklist.objects.filter(model=told.get("model"), status=Status.DRAFT)
        if self.instance._state.adding and drafts.exists():
            raise forms.ValidationError(DraftWaits.message)
        return told


class ItemForm(forms.ModelForm[CheckItem]):
    grade_at_best = forms.ChoiceField(
        label=_("Grade at best if it fails"), choices=[(each, each) for each in GRADES]
    )

    class Meta:
        model = CheckItem
        fields = ("position", "question", "hint", "fault", "grade_at_best")


class ItemInline(admin.TabularInline[CheckItem, Checklist]):
    """Things to check; the database keeps them once the list is in force."""

    model = CheckItem
    form = ItemForm
    extra = 1

    def may_edit(self, request: HttpRequest, obj: Any = None) -> bool:
        is_draft = isinstance(obj, Checklist) and obj.status == Status.DRAFT
        return is_draft and request.user.has_perm("devices.change_checklist")

    has_add_permission = may_edit
    has_change_permission = may_edit
    has_delete_permission = may_edit

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("devices.view_checklist")


@admin.register(Checklist)
class ChecklistAdmin(StagedButtons[Checklist]):
    """What is looked at when a watch of a model comes back."""

    form = ChecklistForm
    list_display = ("name", "version", "status", "released_at", "released_by")
    list_select_related = ("model",)
    list_filter = ("status",)
    readonly_fields = ("version", "status", "released_at", "released_by")
    stages = {"release": {Status.DRAFT}, "draft_next": {Status.IN_FORCE}}

    @admin.display(description=_("Model"))
    def name(self, checklist: Checklist) -> str:
        return checklist.model.name if checklist.model else str(_("All others"))

    def get_fields(self, request: HttpRequest, obj: Checklist | None = None) -> Any:
        return ("model", *self.readonly_fields) if obj else ("model",)

    def get_readonly_fields(self, request: HttpRequest, obj: Checklist | None = None) -> Any:
        return ("model", *self.readonly_fields) if obj else ()

    def get_inlines(self, request: HttpRequest, obj: Checklist | None) -> Any:
        return (ItemInline,) if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: Checklist | None = None) -> bool:
        """Only a draft is typed into; the database keeps the others as they are."""
        is_open = obj is None or obj.status == Status.DRAFT
        return is_open and super().has_change_permission(request, obj)

    def save_model(
        self, request: HttpRequest, obj: Checklist, form: ModelForm[Checklist], change: bool
    ) -> None:
        """A new list begins with what is looked at now; a change is one of its questions."""
        by = staff_of(request)
        if change:
            audit.record("edited", obj, by=by)
            return
        draft = checklists.draft_next(obj.model, by=by)
        obj.pk, obj.version = draft.pk, draft.version

    @row_action(_("Put into force"), permission=RELEASE, to=Status.IN_FORCE)
    def release(self, request: HttpRequest, row: Checklist) -> None:
        checklists.release(row, by=staff_of(request))

    @row_action(_("Begin the next version"), permission="devices.add_checklist")
    def draft_next(self, request: HttpRequest, row: Checklist) -> None:
        checklists.draft_next(row.model, by=staff_of(request))
