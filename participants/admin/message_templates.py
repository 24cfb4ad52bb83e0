from typing import Any, NamedTuple

from django import forms
from django.contrib import admin
from django.contrib.postgres.forms import SimpleArrayField
from django.core.validators import RegexValidator
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from participants.models import Channel, NotificationTemplate
from participants.rules import messages
from participants.services import templates, wording
from seoul_health.core.admin.base import BigListAdmin, staff_of
from seoul_health.core.admin.row_actions import row_action
from seoul_health.core.errors import DomainError

CODE = RegexValidator(r"\A[a-z][a-z0-9_]{2,39}\Z")


class Sample(NamedTuple):
    """One channel of a template as its reader sees it, and how long that is."""

    channel: str
    text: str
    signs: int
    octets: int
    kind: str


def samples(template: NotificationTemplate) -> list[Sample]:
    """Show a template with made-up values."""
    words = wording.sample_of(template, {}, name="김*걷")
    labels = dict(Channel.choices)
    return [
        Sample(
            channel=str(labels[channel]),
            text=text,
            signs=len(text),
            octets=messages.message_bytes(text),
            kind=messages.message_kind(text) if channel == Channel.SMS else "",
        )
        for channel, text in words.items()
    ]


class TemplateForm(forms.ModelForm[NotificationTemplate]):
    code = forms.CharField(label=_("Code"), max_length=40, validators=[CODE])
    placeholders = SimpleArrayField(
        forms.CharField(max_length=40, validators=[CODE]),
        label=_("Placeholders"),
        required=False,
        help_text=_("Names, separated by commas. The name of the person is {participant_name}."),
    )

    class Meta:
        model = NotificationTemplate
        fields = templates.COPIED

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        words = {name: value for name, value in cleaned.items() if name in templates.COPIED}
        try:
            templates.check(NotificationTemplate(**words))
        except DomainError as refusal:
            self.add_error(None, str(refusal))
        return cleaned


@admin.register(NotificationTemplate)
class NotificationTemplateAdmin(BigListAdmin[NotificationTemplate]):
    """What is said on which channel; a released version stays, a change is a new version."""

    list_display = ("code", "version", "title", "category", "legal", "released_at")
    list_filter = ("category", "legal")
    search_fields = ("code__startswith",)
    form = TemplateForm
    fields = (*templates.COPIED, "version", "written_by", "released_by", "released_at")
    readonly_fields = ("version", "written_by", "released_by", "released_at")
    change_form_template = "admin/messages/template.html"

    def has_change_permission(
        self, request: HttpRequest, obj: NotificationTemplate | None = None
    ) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or obj.released_at is None)

    def get_object(self, request: HttpRequest, *args: Any) -> NotificationTemplate | None:
        found = super().get_object(request, *args)
        if found is not None:
            found.samples = samples(found)  # type: ignore[attr-defined]  # for the template
        return found

    def save_model(
        self, request: HttpRequest, obj: NotificationTemplate, form: Any, change: bool
    ) -> None:
        templates.write(obj, by=staff_of(request))

    def buttons(self, request: HttpRequest, row: NotificationTemplate) -> list[dict[str, Any]]:
        hidden = "copy" if row.released_at is None else "release"
        return [button for button in super().buttons(request, row) if button["name"] != hidden]

    @row_action(
        _("Release"),
        permission="participants.release_notificationtemplate",
        confirm=_("From now on these words are sent, and they can never be changed again."),
    )
    def release(self, request: HttpRequest, row: NotificationTemplate) -> None:
        templates.release(row, by=staff_of(request))

    @row_action(_("Write a new version"), permission="participants.add_notificationtemplate")
    def copy(self, request: HttpRequest, row: NotificationTemplate) -> None:
        templates.copy(row, by=staff_of(request))
