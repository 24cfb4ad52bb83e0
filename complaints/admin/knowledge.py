from typing import Any, TypeVar

from django import forms
from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from complaints.models import Complaint, KnowledgeArticle, Macro
from complaints.models.knowledge import Edition
from complaints.services import editions
from seoul_health.core.admin.base import BigListAdmin, staff_of
from seoul_health.core.admin.row_actions import row_action

E = TypeVar("E", bound=Edition)


class EditionAdmin(BigListAdmin[E]):
    """Texts in versions: what is saved is the next version, and the one before stays readable."""

    list_filter = ("is_active", "category")
    list_select_related = ("category", "made_by")
    search_fields = ("code", "title")
    written: tuple[str, ...]

    def get_fields(self, request: HttpRequest, obj: E | None = None) -> Any:
        return ("code", *self.written, *(("version", "made_by", "made_at") if obj else ()))

    def get_readonly_fields(self, request: HttpRequest, obj: E | None = None) -> tuple[str, ...]:
        return ("code", "version", "made_by", "made_at") if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: E | None = None) -> bool:
        """An old version can be read, and no longer be the ground of the next one."""
        may = super().has_change_permission(request, obj)
        return may and (obj is None or obj.is_active)

    def save_model(self, request: HttpRequest, obj: E, form: ModelForm[E], change: bool) -> None:
        values = {name: form.cleaned_data[name] for name in self.written}
        row = editions.write(self.model, obj.code, values, by=staff_of(request))
        obj.pk, obj.version = row.pk, row.version


class MacroForm(forms.ModelForm[Macro]):
    state = forms.ChoiceField(
        label=_("For complaints that are"),
        choices=[("", _("Any state")), *Complaint.Status.choices],
        required=False,
    )

    class Meta:
        model = Macro
        fields = ["code", "title", "category", "state", "takes", "note", "ending", "text"]


@admin.register(Macro)
class MacroAdmin(EditionAdmin[Macro]):
    form = MacroForm
    list_display = ("title", "code", "version", "category", "ending", "is_active", "made_at")
    written = ("title", "category", "state", "takes", "note", "ending", "text")

    @row_action(
        _("Take out of use"),
        permission="complaints.change_macro",
        confirm=_("Nobody is offered this macro any more; what it did stays as it is."),
        danger=True,
    )
    def retire(self, request: HttpRequest, row: Macro) -> None:
        editions.retire(row, by=staff_of(request))


@admin.register(KnowledgeArticle)
class KnowledgeArticleAdmin(EditionAdmin[KnowledgeArticle]):
    list_display = ("title", "code", "version", "category", "owner", "review_on", "is_active")
    written = ("title", "category", "words", "text", "answer", "owner", "review_on")

    @row_action(
        _("Take out of use"),
        permission="complaints.change_knowledgearticle",
        confirm=_("Nobody is shown this article any more; its versions stay readable."),
        danger=True,
    )
    def retire(self, request: HttpRequest, row: KnowledgeArticle) -> None:
        editions.retire(row, by=staff_of(request))
