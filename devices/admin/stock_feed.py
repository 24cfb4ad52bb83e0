"""Feeds, keys, notices, reports and their quarantine."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from devices.admin.stock import RegisterAdmin
from devices.models import (
    ConsumerKey,
    FeedNotice,
    QuarantinedReport,
    SiteKey,
    StockFeed,
    StockReport,
)
from devices.rules.stock_rows import MOST
from devices.services import stock_reports
from devices.services.keys import issue_consumer_key, issue_site_key, revoke_key
from seoul_health.core import clock
from seoul_health.core.admin.base import BigListAdmin, ReadOnlyAdmin, apply_each, staff_of
from seoul_health.core.admin.row_actions import row_action

SETTLE = "devices.settle_quarantinedreport"


@admin.register(StockFeed)
class StockFeedAdmin(RegisterAdmin[StockFeed]):
    list_display = (
        "model", "plenty_from", "some_from", "few_from", "stale_minutes", "is_public",
    )  # fmt: skip
    list_select_related = ("model",)
    fields = ("model", "plenty_from", "some_from", "few_from", "stale_minutes", "is_public")

    def get_readonly_fields(self, request: HttpRequest, obj: StockFeed | None = None) -> Any:
        return ("model",) if obj else ()


@admin.register(FeedNotice)
class FeedNoticeAdmin(RegisterAdmin[FeedNotice]):
    list_display = ("part", "deprecated_at", "ends_at", "text")
    fields = ("part", "deprecated_at", "ends_at", "text")


class KeyAdmin(BigListAdmin[Any]):
    """Keys are issued and revoked; nobody changes or sees one again."""

    readonly_fields = ("hint", "issued_at", "issued_by", "last_seen_at", "revoked_at")
    asked: tuple[str, ...] = ()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*self.asked, *self.readonly_fields) if obj else self.asked

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def issue(self, request: HttpRequest, values: dict[str, Any]) -> tuple[Any, str]:
        raise NotImplementedError

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        issued, obj.secret = self.issue(request, form.cleaned_data)
        obj.pk, obj.hint = issued.pk, issued.hint

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Show the secret once; it is kept nowhere."""
        context = {
            **self.admin_site.each_context(request),
            "title": self.opts.verbose_name,
            "opts": self.opts,
            "key": obj,
            "secret": obj.secret,
        }
        response = TemplateResponse(request, "devices/key_issued.html", context)
        response["Cache-Control"] = "no-store"
        return response

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The service has signed it."""


@admin.register(SiteKey)
class SiteKeyAdmin(KeyAdmin):
    list_display = ("hint", "site", "name", "per_minute", "issued_at", "last_seen_at", "revoked_at")
    list_select_related = ("site",)
    search_fields = ("site__code__startswith", "hint__startswith")
    autocomplete_fields = ("site",)
    asked = ("site", "name", "per_minute")

    def issue(self, request: HttpRequest, values: dict[str, Any]) -> tuple[Any, str]:
        return issue_site_key(**values, by=staff_of(request))

    @row_action(
        _("Revoke"),
        permission="devices.revoke_sitekey",
        confirm=_("The machine with this key can no longer report."),
        danger=True,
    )
    def revoke(self, request: HttpRequest, row: SiteKey) -> None:
        revoke_key(row, by=staff_of(request))


@admin.register(ConsumerKey)
class ConsumerKeyAdmin(KeyAdmin):
    list_display = (
        "hint", "organisation", "per_minute", "issued_at", "expires_at", "last_seen_at",
        "revoked_at",
    )  # fmt: skip
    search_fields = ("organisation__startswith", "hint__startswith")
    asked = ("organisation", "purpose", "per_minute", "expires_at")

    def issue(self, request: HttpRequest, values: dict[str, Any]) -> tuple[Any, str]:
        return issue_consumer_key(**values, by=staff_of(request))

    @row_action(
        _("Revoke"),
        permission="devices.revoke_consumerkey",
        confirm=_("Whoever holds this key can no longer read with it."),
        danger=True,
    )
    def revoke(self, request: HttpRequest, row: ConsumerKey) -> None:
        revoke_key(row, by=staff_of(request))


@admin.register(StockReport)
class StockReportAdmin(ReadOnlyAdmin[StockReport]):
    list_display = (
        "site", "window_name", "model", "quantity", "is_stopped", "observed_at", "received_at",
        "reported_by",
    )  # fmt: skip
    list_select_related = ("window__site", "model")
    search_fields = ("window__site__code__exact",)
    fields = list_display

    @admin.display(description=_("Site"))
    def site(self, row: StockReport) -> str:
        return row.window.site.name

    @admin.display(description=_("Counter window"))
    def window_name(self, row: StockReport) -> str:
        return row.window.name


class CorrectionForm(forms.Form):
    """What the row should have said."""

    window = forms.CharField(label=_("Counter window"), max_length=12)
    model = forms.CharField(label=_("Model"), max_length=30)
    quantity = forms.IntegerField(label=_("Quantity"), min_value=0, max_value=MOST)
    observed_at = forms.DateTimeField(label=_("Observed at"))
    stopped = forms.BooleanField(label=_("Handing out has stopped"), required=False)


class WhyForm(forms.Form):
    why = forms.CharField(label=_("Reason"), max_length=200)


@admin.register(QuarantinedReport)
class QuarantinedReportAdmin(ReadOnlyAdmin[QuarantinedReport]):
    list_display = (
        "received_at", "site_name", "reason", "window", "model", "quantity", "status",
    )  # fmt: skip
    list_select_related = ("site",)
    list_filter = ("status", "reason")
    search_fields = ("site__code__exact",)
    search_help_text = _("Code of the site")
    actions = ("replay_all",)
    fields = (
        "site", "reason", "window", "model", "quantity", "is_stopped", "observed_at",
        "reported_by", "received_at", "status", "settled_at", "report",
    )  # fmt: skip

    @admin.display(description=_("Site"))
    def site_name(self, row: QuarantinedReport) -> str:
        return row.site.name

    def has_settle_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(SETTLE)

    @admin.action(description=_("Replay as they came"), permissions=["settle"])
    def replay_all(self, request: HttpRequest, rows: QuerySet[QuarantinedReport]) -> None:
        by = staff_of(request)
        apply_each(
            self, request, rows.select_related("site"), lambda row: stock_reports.replay(row, by=by)
        )

    def ask(self, request: HttpRequest, row: Any, action: Any, asked: Any) -> HttpResponse:
        """Begin a correction with what came in, as far as it can be read."""
        if action.name == "correct" and not asked.is_bound:
            asked.initial = {
                "window": row.window,
                "model": row.model,
                "quantity": row.quantity if row.quantity.isdigit() else "",
                "observed_at": readable(row.observed_at) or row.received_at,
                "stopped": row.is_stopped,
            }
        return super().ask(request, row, action, asked)

    @row_action(
        _("Correct and replay"),
        permission=SETTLE,
        to=QuarantinedReport.Status.REPLAYED,
        form=CorrectionForm,
    )
    def correct(self, request: HttpRequest, row: QuarantinedReport, **told: Any) -> None:
        stock_reports.replay(row, told=told, by=staff_of(request))

    @row_action(
        _("Replay as it came"),
        permission=SETTLE,
        to=QuarantinedReport.Status.REPLAYED,
        confirm=_("Right once the window or the model it names is known."),
    )
    def replay(self, request: HttpRequest, row: QuarantinedReport) -> None:
        stock_reports.replay(row, by=staff_of(request))

    @row_action(
        _("Leave out"),
        permission=SETTLE,
        to=QuarantinedReport.Status.DISMISSED,
        form=WhyForm,
        danger=True,
    )
    def dismiss(self, request: HttpRequest, row: QuarantinedReport, why: str) -> None:
        stock_reports.dismiss(row, why=why, by=staff_of(request))


def readable(text: str) -> datetime | None:
    """Read a moment somebody sent; one from the future is not worth beginning with."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    if moment is None or moment.tzinfo is None or moment > clock.now():
        return None
    return moment
