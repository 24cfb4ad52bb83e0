from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from participants.errors import AudienceUnclear
from participants.models import (
    Application,
    BulkSend,
    Notification,
    NotificationTemplate,
    RecruitmentRound,
)
from participants.rules.districts import DISTRICTS
from participants.services import audiences, bulk, wording
from seoul_health.core import masking
from seoul_health.core.access import log_read
from seoul_health.core.admin.base import BigListAdmin, staff_of
from seoul_health.core.admin.row_actions import row_action
from seoul_health.core.models.staff import Scope

from .notifications import reason_in_words
from .people import ReasonForm

Status = BulkSend.Status
BEFORE = (Status.DRAFT, Status.REQUESTED, Status.APPROVED)
KINDS = [
    (audiences.EVERYBODY, _("Everybody in the programme")),
    (audiences.TAKING_PART, _("People taking part now")),
    (audiences.APPLICANTS, _("Applicants of a round")),
]
# What a bulk send can fill in by itself.
WORDS = ["subject", "text"]


class BulkSendForm(forms.ModelForm[BulkSend]):
    """Who is to be told, and what; the audience is kept as data."""

    of = forms.ChoiceField(label=_("For whom"), choices=KINDS)
    round = forms.ModelChoiceField(
        RecruitmentRound.objects.order_by("-pk"), label=_("Round"), required=False
    )
    statuses = forms.MultipleChoiceField(
        label=_("Statuses of the application"), choices=Application.Status.choices, required=False
    )
    districts = forms.MultipleChoiceField(
        label=_("Districts"), choices=[(name, name) for name in DISTRICTS], required=False
    )
    subject = forms.CharField(label=_("Subject"), max_length=40)
    text = forms.CharField(
        label=_("Text"), max_length=400, widget=forms.Textarea(attrs={"rows": 4})
    )

    class Meta:
        model = BulkSend
        fields = ("name", "template", "per_minute")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "template" in self.fields:
            usable = NotificationTemplate.objects.current().filter(placeholders=WORDS)
            self.fields["template"].queryset = NotificationTemplate.objects.filter(  # type: ignore[attr-defined]
                pk__in=[one.pk for one in usable]
            )
        if self.instance.pk:
            for name, value in {**self.instance.audience, **self.instance.values}.items():
                self.initial[name] = value
            rounds = RecruitmentRound.objects.filter(code=self.instance.audience.get("round"))
            self.initial["round"] = rounds.first()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        audience = {
            name: cleaned[name] for name in ("of", "statuses", "districts") if cleaned.get(name)
        }
        if cleaned.get("round"):
            audience["round"] = cleaned["round"].code
        try:
            audiences.check(audience)
        except AudienceUnclear as refusal:
            self.add_error(None, str(refusal))
        self.instance.audience = audience
        self.instance.values = {name: cleaned.get(name, "") for name in WORDS}
        return cleaned


@admin.register(BulkSend)
class BulkSendAdmin(BigListAdmin[BulkSend]):
    """One message to many; only whole-city staff see these."""

    list_display = (
        "name", "template", "status", "people", "requested_by", "approved_by", "started_at",
        "finished_at",
    )  # fmt: skip
    list_filter = ("status",)
    list_select_related = ("template",)
    form = BulkSendForm
    fields = (
        "name", "template", "of", "round", "statuses", "districts", "subject", "text", "per_minute"
    )  # fmt: skip
    change_form_template = "admin/messages/bulk.html"

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request)
        return rows if self.is_city(request) else rows.none()

    def is_city(self, request: HttpRequest) -> bool:
        return staff_of(request).scope == Scope.CITY

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and self.is_city(request)

    def has_change_permission(self, request: HttpRequest, obj: BulkSend | None = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or obj.status == Status.DRAFT)

    def get_fields(self, request: HttpRequest, obj: BulkSend | None = None) -> Any:
        if obj is None or self.has_change_permission(request, obj):
            return self.fields
        return (
            "name", "template", "status", "per_minute", "people", "list_hash", "created_by",
            "requested_by", "requested_at", "approved_by", "approved_at", "started_at",
            "finished_at",
        )  # fmt: skip

    def page_context(self, request: HttpRequest, row: BulkSend) -> dict[str, Any]:
        return {"around": self.around(request, row) if request.method == "GET" else None}

    def around(self, request: HttpRequest, row: BulkSend) -> dict[str, Any]:
        """Show what would be sent, or how far it has come."""
        if row.status not in BEFORE:
            progress = bulk.progress(row)
            words = bulk.failures(row)
            labels = dict(Notification.Status.choices)
            return {
                "progress": progress,
                "counts": [(labels[code], n) for code, n in progress.by_status.items()],
                "reasons": [(reason_in_words(reason), count) for reason, count in words],
            }
        preview = bulk.preview(row)
        log_read(
            request,
            [person.number for person in preview.shown],
            by=staff_of(request),
            action="preview",
            what="admin:participants.bulksend",
        )
        return {"preview": preview, "shown": [shown(row, person) for person in preview.shown]}

    def save_model(self, request: HttpRequest, obj: BulkSend, form: Any, change: bool) -> None:
        bulk.draft(obj, by=staff_of(request))

    @row_action(
        _("Ask for approval"), permission="participants.change_bulksend", to=Status.REQUESTED
    )
    def request(self, request: HttpRequest, row: BulkSend) -> None:
        bulk.request(row, by=staff_of(request))

    @row_action(
        _("Approve"),
        permission="participants.approve_bulksend",
        to=Status.APPROVED,
        confirm=_("You confirm this very list, these words and this cost."),
    )
    def approve(self, request: HttpRequest, row: BulkSend) -> None:
        bulk.approve(row, by=staff_of(request))

    @row_action(
        _("Take back to the draft"), permission="participants.change_bulksend", to=Status.DRAFT
    )
    def take_back(self, request: HttpRequest, row: BulkSend) -> None:
        bulk.take_back(row, by=staff_of(request))

    @row_action(
        _("Send now"),
        permission="participants.run_bulksend",
        to=Status.RUNNING,
        confirm=_("Messages start leaving within seconds."),
    )
    def start(self, request: HttpRequest, row: BulkSend) -> None:
        if row.status == Status.STOPPED:
            bulk.resume(row, by=staff_of(request))
        else:
            bulk.start(row, by=staff_of(request))

    @row_action(_("Stop"), permission="participants.run_bulksend", to=Status.STOPPED, danger=True)
    def stop(self, request: HttpRequest, row: BulkSend) -> None:
        bulk.stop(row, by=staff_of(request))

    @row_action(
        _("Give up"),
        permission="participants.run_bulksend",
        to=Status.CANCELLED,
        form=ReasonForm,
        danger=True,
    )
    def cancel(self, request: HttpRequest, row: BulkSend, reason: str) -> None:
        bulk.cancel(row, by=staff_of(request), why=reason)


def shown(row: BulkSend, person: Any) -> dict[str, str]:
    """Show what one person on the list would read first, masked."""
    profile = getattr(person, "profile", None)
    name = masking.mask_name(str(profile.name)) if profile else "–"
    words = wording.sample_of(row.template, row.values, name=name)
    return {
        "number": person.number,
        "name": name,
        "phone": masking.mask_phone(str(profile.phone)) if profile else "–",
        "text": words[row.template.ladder[0]],
    }
