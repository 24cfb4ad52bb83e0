from typing import Any, TypeVar

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from complaints.models import Category, Complaint, Holiday, InboundCategory, ReplyTemplate
from seoul_health.core import audit
from seoul_health.core.admin.base import BigListAdmin, ReadOnlyAdmin, staff_of

M = TypeVar("M", bound=Model)


class CatalogueAdmin(BigListAdmin[M]):
    """A small list that supervisors keep; every change is written down."""

    def save_model(self, request: HttpRequest, obj: M, form: ModelForm[M], change: bool) -> None:
        super().save_model(request, obj, form, change)
        verb = "changed" if change else "added"
        audit.record(verb, obj, by=staff_of(request), fields=form.changed_data)


@admin.register(Category)
class CategoryAdmin(CatalogueAdmin[Category]):
    list_display = ("name", "code", "default_kind", "position", "is_active")
    list_filter = ("default_kind", "is_active")
    fields = (
        "code", "name", "name_en", "default_kind", "published_days", "position", "is_active",
    )  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("code",) if obj else ()


class ReplyTemplateForm(forms.ModelForm[ReplyTemplate]):
    state = forms.ChoiceField(
        label=_("For complaints that are"),
        choices=[("", _("Any state")), *Complaint.Status.choices],
        required=False,
    )

    class Meta:
        model = ReplyTemplate
        fields = ["title", "category", "state", "text", "is_active"]


@admin.register(ReplyTemplate)
class ReplyTemplateAdmin(CatalogueAdmin[ReplyTemplate]):
    form = ReplyTemplateForm
    list_display = ("title", "category", "is_active", "changed_at")
    list_filter = ("category", "is_active")
    list_select_related = ("category",)


@admin.register(Holiday)
class HolidayAdmin(ReadOnlyAdmin[Holiday]):
    """The corrections in force; a new one is declared where the due times are computed anew."""

    list_display = ("day", "name", "change")
    list_filter = ("change",)
    fields = ("day", "name", "change")
    keyset = "-day"


@admin.register(InboundCategory)
class InboundCategoryAdmin(CatalogueAdmin[InboundCategory]):
    list_display = ("source", "name", "category")
    list_filter = ("source",)
    list_select_related = ("category",)
    fields = ("source", "name", "category")
