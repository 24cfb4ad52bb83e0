"""The form of a drafted rule with its limits, from a rule and back to one."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from points.models import Award, EarningCap
from points.rules.drafting import Problem
from points.rules.earning import Cap, Rule
from points.services.simulations import last_closed_day
from seoul_health.core.clock import add_months

SENIORS = 70
MOST_CAPS = 8


def whole(label: Any, most: int, **more: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=0, max_value=most, **more)


class RuleForm(forms.Form):
    code = forms.SlugField(
        label=_("Code"), max_length=40, help_text=_("For example 2027-03-01: the day it begins.")
    )
    effective_from = forms.DateField(
        label=_("In force from"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    goal = whole(_("Goal in steps"), 100_000)
    senior_goal = whole(
        _("Goal from the age of 70"), 100_000, required=False,
        help_text=_("Empty: the goal of everybody."),
    )  # fmt: skip
    daily_points = whole(_("Points of a goal day"), 100_000)
    weekly_points = whole(_("Points of the weekly bonus"), 100_000, help_text=_("0: no bonus."))
    weekly_days = whole(_("Goal days it needs"), 7)
    weekly_needs_weekend = forms.BooleanField(
        label=_("One of them on Saturday or Sunday"), required=False
    )

    def rule(self, caps: Iterable[Cap]) -> Rule:
        return Rule(effective_to=None, senior_age=SENIORS, caps=tuple(caps), **self.cleaned_data)

    def show(self, problems: Iterable[Problem]) -> None:
        """Write each problem beside the field it is about."""
        for problem in problems:
            self.add_error(
                problem.field if problem.field in self.fields else None, str(problem.message)
            )


class CapForm(forms.Form):
    group = forms.SlugField(label=_("Group"), max_length=30)
    amount = whole(_("Limit in points"), 10_000_000)
    # Its first value counts as not filled in, or an empty limit would ask for the rest.
    period = forms.ChoiceField(
        label=_("Period"), choices=EarningCap.Period.choices, initial=EarningCap.Period.YEAR
    )
    items = forms.MultipleChoiceField(
        label=_("What counts"), choices=Award.Item.choices, required=False,
        widget=forms.CheckboxSelectMultiple, help_text=_("None chosen: everything."),
    )  # fmt: skip

    def cap(self) -> Cap:
        given = self.cleaned_data
        return Cap(given["group"], tuple(given["items"]), given["amount"], given["period"])


CapForms = forms.formset_factory(
    CapForm, extra=1, max_num=MOST_CAPS, absolute_max=MOST_CAPS, can_delete=True
)


def forms_of(rule: Rule) -> tuple[RuleForm, Any]:
    """Fill the forms from a rule."""
    known = {name: getattr(rule, name) for name in RuleForm.base_fields}
    caps = [
        {"group": cap.group, "amount": cap.amount, "period": cap.period, "items": cap.items}
        for cap in rule.caps
    ]
    return RuleForm(initial=known), CapForms(initial=caps, prefix="caps")


def sent_forms(post: Any) -> tuple[RuleForm, Any]:
    return RuleForm(post), CapForms(post, prefix="caps")


def caps_of(sent: Any) -> list[Cap]:
    filled = [form for form in sent if form.has_changed() or form.initial]
    return [form.cap() for form in filled if not form.cleaned_data.get("DELETE")]


class SpanForm(forms.Form):
    """Which days a draft is tried on; whole months by default."""

    first = forms.DateField(
        label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    last = forms.DateField(
        label=_("To"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


def usual_span() -> dict[str, date]:
    """Give the last three whole months that are closed."""
    end = last_closed_day() + timedelta(days=1)
    month = end.replace(day=1)
    return {"first": add_months(month, -3), "last": month - timedelta(days=1)}


class ExportForm(forms.Form):
    reason = forms.CharField(label=_("Reason for the download"), min_length=5, max_length=200)
