"""Trials of rules and fairness reports: asked for here, counted by a worker, read as charts."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from participants.models import (
    EligibilityRule,
    FairnessLine,
    FairnessReport,
    RecruitmentRound,
    RuleTrial,
    TrialResult,
)
from participants.rules.bands import by_first_number
from participants.services import fairness, fairness_tables, rule_trials
from seoul_health.core import audit, masking
from seoul_health.core.admin.base import ReadOnlyAdmin, staff_of
from seoul_health.core.admin.list_runs import ListRun
from seoul_health.core.charts import Datum, Series, bar_chart, figure, stacked_bar_chart

from .round_forms import TermsForm

Outcome = TrialResult.Outcome


class TrialForm(TermsForm):
    """Either a version that exists, or rules typed here."""

    name = forms.CharField(label=_("Name"), max_length=60)
    rounds = forms.ModelMultipleChoiceField(
        label=_("Applicants of these rounds"),
        queryset=RecruitmentRound.objects.public().order_by("-starts_on", "-pk"),
        widget=forms.CheckboxSelectMultiple,
    )
    version = forms.ModelChoiceField(
        label=_("A version that exists"),
        help_text=_("Choose one, or leave it empty and fill in the rules below."),
        queryset=EligibilityRule.objects.select_related("round").order_by("-pk"),
        required=False,
    )
    field_order = ("name", "rounds", "version")

    class Meta(TermsForm.Meta):
        fields = (
            "reference_date", "min_age", "max_age", "bases", "no_unreturned_watch",
            "no_live_participation",
        )  # fmt: skip

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.is_version = bool(data and data.get("version"))
        if self.is_version:
            for name in (*self.Meta.fields,):
                self.fields[name].required = False

    def _post_clean(self) -> None:
        if not self.is_version:
            super()._post_clean()

    @property
    def rule(self) -> EligibilityRule:
        version: EligibilityRule | None = self.cleaned_data.get("version")
        return version or self.instance


class RoundForm(forms.Form):
    round = forms.ModelChoiceField(
        label=_("Round"), queryset=RecruitmentRound.objects.public().order_by("-starts_on", "-pk")
    )


class ExportForm(forms.Form):
    kind = forms.ChoiceField(label=_("File"), choices=[("xlsx", "XLSX"), ("csv", "CSV (UTF-8)")])
    reason = forms.CharField(
        label=_("Reason for the download"), min_length=5, max_length=200, widget=forms.Textarea
    )


@admin.register(RuleTrial)
class RuleTrialAdmin(ListRun[RuleTrial], ReadOnlyAdmin[RuleTrial]):
    """Rules tried on people who applied before, before anybody is told of them."""

    list_display = ("name", "status", "done", "asked_by", "asked_at", "finished_at")
    list_filter = ("status",)
    list_select_related = ("asked_by",)
    run_label = _("Try rules on past applicants")
    run_permission = "participants.run_ruletrial"
    run_form = TrialForm  # type: ignore[assignment]  # A ModelForm is as good.
    fields = readonly_fields = (
        "name", "status", "of_rounds", "in_words", "done", "finished_at", "outcomes", "by_rule",
        "by_district", "by_age", "asked_by", "asked_at",
    )  # fmt: skip

    def run_view(self, request: HttpRequest) -> HttpResponse:
        self.asked = TrialForm(request.POST or None)
        return super().run_view(request)

    def start_run(self, request: HttpRequest, **values: Any) -> None:
        rule = values.get("version") or EligibilityRule(
            **{key: values[key] for key in (*rule_trials.ASKED, "reference_date")}
        )
        rule_trials.plan_trial(
            values["name"], rule=rule, rounds=values["rounds"], by=staff_of(request)
        )

    @admin.display(description=_("Rounds"))
    def of_rounds(self, row: RuleTrial) -> str:
        return ", ".join(row.rounds.order_by("code").values_list("code", flat=True))

    @admin.display(description=_("What the rules ask"))
    def in_words(self, row: RuleTrial) -> str:
        return " ".join(rule_trials.said(row))

    @admin.display(description=_("Against the rules that were in force"))
    def outcomes(self, row: RuleTrial) -> SafeString:
        counted, passed = row.counts.get("outcomes", {}), row.counts.get("all", {})
        lines = [(_("Would pass"), figure(passed.get("passes", 0)), "")]
        lines += [
            (outcome.label, figure(counted.get(outcome, 0)), results(row, outcome__exact=outcome))
            for outcome in Outcome
        ]
        items = (
            (format_html('<a href="{}">{}</a>', url, label) if url else label, number)
            for label, number, url in lines
        )
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}: {}</li>", items))

    @admin.display(description=_("Which rule fails whom"))
    def by_rule(self, row: RuleTrial) -> SafeString:
        found = sorted(row.counts.get("rules", {}).items(), key=lambda one: -one[1])
        data = [
            Datum(str(rule_trials.RULES.get(code, code)), number, results(row, rule=code))
            for code, number in found
        ]
        return bar_chart(data, title=str(_("Which rule fails whom")))

    @admin.display(description=_("By district"))
    def by_district(self, row: RuleTrial) -> SafeString:
        return self.split(row, "district", "district__exact")

    @admin.display(description=_("By age"))
    def by_age(self, row: RuleTrial) -> SafeString:
        return self.split(row, "age", "age_band__exact")

    def split(self, row: RuleTrial, kind: str, lookup: str) -> SafeString:
        passes = row.counts.get(f"{kind} passes", {})
        fails = row.counts.get(f"{kind} fails", {})
        names = sorted({*passes, *fails}, key=by_first_number)
        links = tuple(results(row, **{lookup: name}) for name in names)
        series = [
            Series(str(_("Would pass")), tuple(passes.get(name, 0) for name in names)),
            Series(str(_("Would fail")), tuple(fails.get(name, 0) for name in names), links),
        ]
        return stacked_bar_chart(names, series, title=str(_("Would pass and would fail")))


def results(row: RuleTrial, **terms: str) -> str:
    """Lead to the people behind a figure."""
    page = reverse("admin:participants_trialresult_changelist")
    return f"{page}?{urlencode({'trial__id__exact': row.pk, **terms})}"


class FailedRule(admin.SimpleListFilter):
    title = _("Rule")
    parameter_name = "rule"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(rule_trials.RULES.items())

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[TrialResult]
    ) -> QuerySet[TrialResult]:
        code = self.value()
        return queryset.filter(failed_rules__contains=[code]) if code else queryset


@admin.register(TrialResult)
class TrialResultAdmin(ReadOnlyAdmin[TrialResult]):
    """Whom tried rules turn away, masked like every list of people."""

    list_display = ("application", "who", "outcome", "now", "before", "district", "age_band")
    list_filter = ("outcome", FailedRule, "age_band", "district")
    list_select_related = ("application__participant__profile",)
    fields = readonly_fields = ("trial", *list_display)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Stay out of the menu: a result is reached through its trial."""
        return False

    def subjects_of(self, rows: Iterable[TrialResult]) -> list[str]:
        return [row.application.participant.number for row in rows]

    @admin.display(description=_("Applicant"))
    def who(self, row: TrialResult) -> str:
        person = row.application.participant
        return f"{masking.mask_name(person.profile.name)} ({person.number})"

    @admin.display(description=_("Fails now"))
    def now(self, row: TrialResult) -> str:
        return ", ".join(str(rule_trials.RULES.get(code, code)) for code in row.failed_rules)

    @admin.display(description=_("Failed before"))
    def before(self, row: TrialResult) -> str:
        return ", ".join(str(rule_trials.RULES.get(code, code)) for code in row.failed_before)


@admin.register(FairnessReport)
class FairnessReportAdmin(ListRun[FairnessReport], ReadOnlyAdmin[FairnessReport]):
    """Who got a seat by being first, beside what a lottery would have given."""

    list_display = ("round", "status", "done", "asked_by", "asked_at", "finished_at")
    list_filter = ("status",)
    list_select_related = ("round", "asked_by")
    run_label = _("Count a round")
    run_permission = "participants.run_fairnessreport"
    run_form = RoundForm
    fields = readonly_fields = (
        "round", "status", "done", "finished_at", "asked_by", "asked_at"
    )  # fmt: skip
    change_form_template = "admin/rounds/fairness.html"

    def start_run(self, request: HttpRequest, **values: Any) -> None:
        fairness.plan_report(values["round"], by=staff_of(request))

    def page_context(self, request: HttpRequest, row: FairnessReport) -> dict[str, Any]:
        return {
            "tables": list(fairness_tables.tables(row)),
            "may_export": request.user.has_perm("participants.export_fairnessreport"),
        }

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.export)
        name = "participants_fairnessreport_export"
        return [path("<int:pk>/export/", view, name=name), *super().get_urls()]

    def export(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Hand the lines out as a file, for a reason that is kept."""
        if not request.user.has_perm("participants.export_fairnessreport"):
            raise PermissionDenied
        row = get_object_or_404(FairnessReport.objects.select_related("round"), pk=pk)
        form = ExportForm(request.POST or None)
        if request.method != "POST" or not form.is_valid():
            page = self.exporting(request, row, form)
            return TemplateResponse(request, "admin/row_action.html", page)
        kind, reason = form.cleaned_data["kind"], form.cleaned_data["reason"]
        audit.record("exported", row, by=staff_of(request), reason=reason, kind=kind)
        content, media_type = fairness_tables.as_file(row, kind)
        answer = HttpResponse(content, content_type=media_type)
        answer["Content-Disposition"] = f'attachment; filename="fairness-{row.pk}.{kind}"'
        return answer

    def exporting(
        self, request: HttpRequest, row: FairnessReport, form: forms.Form
    ) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "title": _("Export"),
            "opts": self.opts,
            "original": row,
            "action": {"label": _("Export"), "confirm": ""},
            "form": form,
            "back": self.page_of(row),
        }


@admin.register(FairnessLine)
class FairnessLineAdmin(ReadOnlyAdmin[FairnessLine]):
    list_display = ("report", "lane", "dimension", "value", "applied", "eligible", "seated")
    list_filter = ("dimension",)
    list_select_related = ("report", "lane")

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Stay out of the menu: a line is reached through its report."""
        return False
