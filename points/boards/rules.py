"""Earning rules: their time line, the editor of a draft, what it changes, and its release."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from points.errors import SpanTooLong
from points.models import EarningRule, Simulation
from points.rules.drafting import weeks_of
from points.rules.earning import Rule
from points.rules.rule_changes import RuleChange, parts_of, words
from points.rules.simulating import fingerprint
from points.services.rule_drafts import (
    change_draft,
    differences,
    discard_draft,
    draft_rule,
    problems_of,
    rule_before,
)
from points.services.rulebook import release_rule
from points.services.simulations import plan_simulation
from seoul_health.core import clock
from seoul_health.core.clock import add_months
from seoul_health.core.errors import DomainError

from . import rule_words
from .base import Board
from .rule_forms import RuleForm, SpanForm, caps_of, forms_of, sent_forms, usual_span

Status = EarningRule.Status
SECONDS_BETWEEN_LOOKS = "4"


def found(code: str) -> EarningRule:
    rows = EarningRule.objects.select_related("drafted_by", "released_by")
    return get_object_or_404(rows.prefetch_related("caps"), code=code)


class RulesView(Board):
    """GET /staff/points/rules/ — every rule on a time line, and the drafts."""

    permission = "points.view_earningrule"
    template = "points/rules.html"
    title = gettext_lazy("Earning rules")

    def get(self, request: HttpRequest) -> HttpResponse:
        today = clock.today()
        rows = EarningRule.objects.prefetch_related("caps", "simulations").select_related(
            "drafted_by", "released_by"
        )
        listed = [
            {"row": row, "stands": rule_words.in_force(row, today), "caps": caps_said(row)}
            for row in rows.order_by("-effective_from", "pk")
        ]
        return self.show(
            {
                "drafts": [one for one in listed if one["stands"] == "draft"],
                "released": [one for one in listed if one["stands"] != "draft"],
                "today": today,
            }
        )


def caps_said(rule: EarningRule) -> list[str]:
    return [rule_words.cap_words(cap) for cap in rule.as_rule().caps]


class RuleView(Board):
    """GET /staff/points/rules/{code}/ — what a rule says, changes and would have cost."""

    permission = "points.view_earningrule"
    template = "points/rule.html"
    title = gettext_lazy("Earning rule")

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        row = found(code)
        rule = row.as_rule()
        before = rule_before(rule)
        simulation = row.simulations.live().order_by("-pk").first()
        context = {
            "row": row,
            "caps": caps_said(row),
            "before": before,
            "changes": rule_words.change_rows(differences(before, rule)) if before else [],
            "sentence": words(RuleChange(rule.effective_from, before, rule)) if before else "",
            "parts": [part for part in parts_of(before, rule) if part] if before else [],
            "weeks": weeks_of(before, rule),
            "problems": problems_of(rule) if row.status == Status.DRAFT else [],
            "simulation": simulation,
            "is_of_this_draft": simulation and simulation.fingerprint == fingerprint(rule),
            "is_own": row.drafted_by_id == self.staff.pk,
            "span": SpanForm(initial=usual_span()),
            **(simulated(row, simulation) if simulation else {}),
        }
        answer = self.show(context)
        if simulation and simulation.status == Simulation.Status.RUNNING:
            answer["Refresh"] = SECONDS_BETWEEN_LOOKS
        return answer


def simulated(row: EarningRule, simulation: Simulation) -> dict[str, Any]:
    """Lay out what a simulation came to, or how far it is."""
    if simulation.status == Simulation.Status.RUNNING:
        return {"progress": rule_words.progress(simulation)}
    told = simulation.figures
    people = told["people"]
    return {
        "figures": told,
        "people": people,
        "more": people["after"] - people["before"],
        "tiles": rule_words.side_tiles(row, people),
        "months": rule_words.month_rows(told),
        "month_chart": rule_words.month_chart(told),
        "histogram": rule_words.histogram(row, told),
        "districts": rule_words.group_rows(row, told["districts"], "district"),
        "ages": rule_words.group_rows(row, told["ages"], "senior"),
        "capped": rule_words.capped_rows(row, told),
    }


class EditView(Board):
    """GET, POST /staff/points/rules/new/ and …/{code}/edit/ — write a draft as a whole."""

    permission = "points.change_earningrule"
    template = "points/rule_edit.html"
    title = gettext_lazy("Draft of an earning rule")

    def get(self, request: HttpRequest, code: str = "") -> HttpResponse:
        row = self.draft(code)
        form, caps = forms_of(row.as_rule() if row else copied(request.GET.get("copy", "")))
        return self.page(row, form, caps)

    def post(self, request: HttpRequest, code: str = "") -> HttpResponse:
        row = self.draft(code)
        form, caps = sent_forms(request.POST)
        if not (form.is_valid() and caps.is_valid()):
            return self.page(row, form, caps, status=400)
        rule = form.rule(caps_of(caps))
        problems = problems_of(rule)
        if problems:
            form.show(problems)
            return self.page(row, form, caps, status=422)
        try:
            kept = self.keep(row, rule)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
            return self.page(row, form, caps, status=422)
        messages.success(request, _("The draft is kept. Simulate it next."))
        return HttpResponseRedirect(reverse("boards:rule", args=[kept]))

    def keep(self, row: EarningRule | None, rule: Rule) -> str:
        if row is None:
            return draft_rule(rule, by=self.staff).code
        change_draft(row, rule, by=self.staff)
        return rule.code

    def draft(self, code: str) -> EarningRule | None:
        if not code:
            return None
        row = found(code)
        if row.status != Status.DRAFT:
            raise Http404
        return row

    def page(
        self, row: EarningRule | None, form: RuleForm, caps: Any, *, status: int = 200
    ) -> HttpResponse:
        return self.show({"row": row, "form": form, "caps": caps}, status=status)


def copied(code: str) -> Rule:
    """Give a draft to start from: a copy of a rule, by default of the one in force."""
    today = clock.today()
    rows = EarningRule.objects.prefetch_related("caps")
    wanted = rows.filter(code=code) if code else rows.in_force(today)
    source = wanted.first()
    if source is None:
        raise Http404
    first = add_months(today.replace(day=1), 2)
    return replace(source.as_rule(), code=first.isoformat(), effective_from=first)


class RuleAct(Board):
    """POST — one act on a draft, by whoever may."""

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        row = found(code)
        try:
            messages.success(request, self.carry_out(row))
        except DomainError as refusal:
            messages.error(request, str(refusal))
        still = EarningRule.objects.filter(pk=row.pk).exists()
        page = reverse("boards:rule", args=[code]) if still else reverse("boards:rules")
        return HttpResponseRedirect(page)

    def carry_out(self, row: EarningRule) -> str:
        raise NotImplementedError


class SimulateView(RuleAct):
    permission = "points.run_simulation"

    def carry_out(self, row: EarningRule) -> str:
        form = SpanForm(self.request.POST)
        if not form.is_valid():
            raise SpanTooLong
        plan_simulation(row, by=self.staff, **form.cleaned_data)
        return _("The simulation has begun; this page shows how far it is.")


class ReleaseView(RuleAct):
    permission = "points.release_earningrule"

    def carry_out(self, row: EarningRule) -> str:
        release_rule(row, by=self.staff)
        return _("The rule is released.")


class DiscardView(RuleAct):
    permission = "points.change_earningrule"

    def carry_out(self, row: EarningRule) -> str:
        discard_draft(row, by=self.staff)
        return _("The draft is gone.")
