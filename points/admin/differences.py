from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from points.models import Difference
from points.services.differences import note_difference, resolve_difference, take_difference
from seoul_health.core.admin.base import ReadOnlyAdmin, staff_of
from seoul_health.core.admin.row_actions import row_action

Status = Difference.Status


class NoteForm(forms.Form):
    note = forms.CharField(label=_("Note"), max_length=500, widget=forms.Textarea)


class ResolutionForm(NoteForm):
    resolution = forms.ChoiceField(label=_("Resolution"), choices=Difference.Resolution.choices)


@admin.register(Difference)
class DifferenceAdmin(ReadOnlyAdmin[Difference]):
    """What the partner tells otherwise than we do, oldest work first to be seen by its age."""

    list_display = ("reference", "day", "kind", "status", "owner", "days_open", "resolution")
    list_filter = ("status", "resolution")
    list_select_related = ("line", "owner")
    search_fields = ("reference",)
    search_help_text = "PO-20261122-…"
    fields = (
        "reference", "day", "kind", "our_amount", "their_amount", "status", "owner", "opened_at",
        "days_open", "resolution", "note", "resolved_at",
    )  # fmt: skip

    @admin.display(description=_("Kind"))
    def kind(self, row: Difference) -> str:
        return row.line.get_kind_display()

    @admin.display(description=_("Our amount"))
    def our_amount(self, row: Difference) -> Any:
        return row.line.our_amount

    @admin.display(description=_("Their amount"))
    def their_amount(self, row: Difference) -> Any:
        return row.line.their_amount

    @admin.display(description=_("Days open"))
    def days_open(self, row: Difference) -> int:
        return row.age // timedelta(days=1)

    @row_action(_("Take on"), permission="points.resolve_difference", to=Status.ASSIGNED)
    def take(self, request: HttpRequest, row: Difference) -> None:
        take_difference(row, by=staff_of(request))

    @row_action(_("Write a note"), permission="points.resolve_difference", form=NoteForm)
    def write_note(self, request: HttpRequest, row: Difference, note: str) -> None:
        note_difference(row, note=note, by=staff_of(request))

    @row_action(
        _("Resolve"),
        permission="points.resolve_difference",
        to=Status.RESOLVED,
        form=ResolutionForm,
    )
    def resolve(self, request: HttpRequest, row: Difference, **values: str) -> None:
        resolve_difference(row, **values, by=staff_of(request))
