"""Forms of the round editor: a round, its lanes, under each lane its quotas, and its rules."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.forms.models import BaseInlineFormSet, inlineformset_factory
from django.utils.translation import gettext_lazy as _

from participants.models import Basis, EligibilityRule, Lane, Quota
from participants.models import RecruitmentRound as Round
from participants.rules import round_shape
from participants.rules.eligibility import EVIDENCE, WEEKDAYS
from participants.rules.round_shape import DECADES, LaneShape, QuotaShape
from participants.services.round_checks import rule_failures

DAYS = [("", "—"), *WEEKDAYS.items()]
LANE_FIELDS = ("kind", "method", "opens_at", "closes_at", "offer_hours", "carries_over_to")
WITH_PAPERS = (Basis.WORKER, Basis.STUDENT, Basis.SELF_EMPLOYED, Basis.RESIDENT)


class Moment(forms.DateTimeInput):
    """A day and a time to the second, typed and shown in Seoul time."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M:%S", attrs={"step": 1})


class Day(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class RoundForm(forms.ModelForm[Round]):
    class Meta:
        model = Round
        fields = ("code", "name", "starts_on", "ends_on", "follows")
        widgets = {"starts_on": Day(), "ends_on": Day()}


class QuotaForm(forms.ModelForm[Quota]):
    class Meta:
        model = Quota
        fields = ("code", "group", "value", "seats", "spill_order", "opens_at", "closes_at")
        widgets = {"opens_at": Moment(), "closes_at": Moment()}


QuotaFormSet = inlineformset_factory(Lane, Quota, form=QuotaForm, extra=2)


class LaneForm(forms.ModelForm[Lane]):
    """One lane with its quotas; both are right or neither is kept."""

    class Meta:
        model = Lane
        fields = LANE_FIELDS
        widgets = {"opens_at": Moment(), "closes_at": Moment()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for decade in DECADES:
            self.fields[f"weekday_{decade}"] = forms.TypedChoiceField(
                label=_("{decade}s").format(decade=decade),
                choices=DAYS,
                coerce=int,
                empty_value=None,
                required=False,
                initial=self.instance.weekdays.get(str(decade)),
            )
        self.quotas = QuotaFormSet(
            self.data if self.is_bound else None,
            instance=self.instance,
            prefix=f"{self.prefix}-quotas",
        )

    @property
    def lane_fields(self) -> Iterator[forms.BoundField]:
        return (self[name] for name in LANE_FIELDS)

    @property
    def weekday_fields(self) -> Iterator[forms.BoundField]:
        return (self[f"weekday_{decade}"] for decade in DECADES)

    @property
    def seats(self) -> int:
        return sum(form.instance.seats or 0 for form in self.quotas.initial_forms)

    def has_changed(self) -> bool:
        return super().has_changed() or self.quotas.has_changed()

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        self.instance.weekdays = {
            str(decade): day
            for decade in DECADES
            if (day := values.get(f"weekday_{decade}")) is not None
        }
        if self.quotas.is_valid() and {"opens_at", "closes_at"} <= values.keys():
            for failure in round_shape.lane_failures(self.shape(values)):
                self.add_error(None, str(failure))
        return values

    def is_valid(self) -> bool:
        return super().is_valid() and (not self.has_changed() or self.quotas.is_valid())

    def shape(self, values: dict[str, Any]) -> LaneShape:
        kept = [
            form.cleaned_data
            for form in self.quotas.forms
            if form.cleaned_data and not form.cleaned_data.get("DELETE")
        ]
        return LaneShape(
            name=str(Lane.Kind(values["kind"]).label) if values.get("kind") else "",
            method=values.get("method", ""),
            opens_at=values["opens_at"],
            closes_at=values["closes_at"],
            offer_hours=values.get("offer_hours") or 0,
            weekdays=self.instance.weekdays,
            quotas=[
                QuotaShape(
                    code=quota["code"],
                    group=quota["group"],
                    value=quota["value"],
                    seats=quota["seats"],
                    spill_order=quota["spill_order"],
                    opens_at=quota["opens_at"],
                    closes_at=quota["closes_at"],
                )
                for quota in kept
            ],
        )

    def save(self, commit: bool = True) -> Lane:
        lane = super().save(commit)
        assert commit, "quotas need their lane"
        self.quotas.instance = lane
        self.quotas.save()
        return lane


class LanesFormSet(BaseInlineFormSet[Lane, Round, LaneForm]):
    def delete_existing(self, obj: Lane, commit: bool = True) -> None:
        """Take a lane out of a draft together with its quotas."""
        if commit:
            obj.quotas.all().delete()
        super().delete_existing(obj, commit)


LaneFormSet = inlineformset_factory(
    Round, Lane, form=LaneForm, formset=LanesFormSet, extra=1, max_num=len(Lane.Kind)
)


class TermsForm(forms.ModelForm[EligibilityRule]):
    """What a version of the rules asks; papers are ticked for each way to apply."""

    bases = forms.MultipleChoiceField(
        label=_("Who may apply"), choices=Basis, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = EligibilityRule
        fields: tuple[str, ...] = (
            "effective_from", "effective_to", "reference_date", "min_age", "max_age", "bases",
            "no_unreturned_watch", "no_live_participation",
        )  # fmt: skip
        widgets = {"effective_from": Day(), "effective_to": Day(), "reference_date": Day()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for basis in WITH_PAPERS:
            self.fields[f"papers_{basis}"] = forms.MultipleChoiceField(
                label=_("Any one of these papers: {basis}").format(basis=basis.label),
                choices=list(EVIDENCE.items()),
                required=False,
                widget=forms.CheckboxSelectMultiple,
                initial=self.instance.evidence_needed.get(basis.value, []),
            )

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        ticked = {basis.value: values.pop(f"papers_{basis}", []) for basis in WITH_PAPERS}
        values["evidence_needed"] = {basis: kinds for basis, kinds in ticked.items() if kinds}
        self.instance.evidence_needed = values["evidence_needed"]
        return values

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if not self.errors:
            for failure in rule_failures(self.instance):
                self.add_error(None, str(failure))


class RuleForm(TermsForm):
    class Meta(TermsForm.Meta):
        fields: tuple[str, ...] = ("version", *TermsForm.Meta.fields)


RuleFormSet = inlineformset_factory(Round, EligibilityRule, form=RuleForm, extra=0, min_num=1)


class CopyForm(forms.Form):
    code = forms.SlugField(label=_("Code"), max_length=50)
    name = forms.CharField(label=_("Name"), max_length=60)
    starts_on = forms.DateField(label=_("Participation starts"), widget=Day())


class ReasonField(forms.CharField):
    def __init__(self) -> None:
        super().__init__(
            label=_("Reason"),
            help_text=_("Everybody can read this in the history of the round."),
            min_length=5,
            max_length=200,
            widget=forms.Textarea(attrs={"rows": 3}),
        )


class ExtensionForm(forms.Form):
    lane = forms.ChoiceField(label=_("Lane"), choices=Lane.Kind)
    closes_at = forms.DateTimeField(label=_("New end (Seoul time)"), widget=Moment())
    reason = ReasonField()


class ProposalForm(TermsForm):
    """A new version of the rules of a round that was announced."""

    reason = ReasonField()

    class Meta(TermsForm.Meta):
        fields: tuple[str, ...] = tuple(
            name for name in TermsForm.Meta.fields if name != "effective_to"
        )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
