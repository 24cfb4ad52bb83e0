"""What a citizen without an account types in."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from complaints.models import Category


class WriteForm(forms.Form):
    """A complaint of a guest. The field nobody sees is filled in by programs only (영 §11의2)."""

    category = forms.ModelChoiceField(
        Category.objects.none(), label=_("What it is about"), to_field_name="code"
    )
    about_date = forms.DateField(
        label=_("About the day"),
        help_text=_("Only if it is about one day."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    title = forms.CharField(label=_("Title"), max_length=100)
    text = forms.CharField(
        label=_("What happened, and what you ask for"),
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    name = forms.CharField(
        label=_("Name"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    phone = forms.RegexField(
        r"^[0-9-]{9,14}\Z",
        label=_("Phone number"),
        help_text=_("For example 010-1234-5678. We call only about this complaint."),
        max_length=14,
        strip=True,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    once = forms.UUIDField(widget=forms.HiddenInput)
    website = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].queryset = Category.objects.offered()  # type: ignore[attr-defined]
        self.fields["category"].label_from_instance = (  # type: ignore[attr-defined]
            lambda category: category.label
        )


class KeyForm(forms.Form):
    """The receipt number and its secret: together they open one complaint."""

    receipt_no = forms.CharField(
        label=_("Receipt number"),
        help_text=_("It is on your receipt slip: C-2611-7KQ4M3."),
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )
    secret = forms.CharField(
        label=_("Secret"),
        help_text=_("Sixteen letters and digits; hyphens do not matter."),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_receipt_no(self) -> str:
        return str(self.cleaned_data["receipt_no"]).strip().upper()


class SayForm(forms.Form):
    text = forms.CharField(
        label=_("Your message"), max_length=10_000, widget=forms.Textarea(attrs={"rows": 4})
    )


class RateForm(forms.Form):
    score = forms.TypedChoiceField(
        label=_("How satisfied are you with the answer?"),
        coerce=int,
        choices=[
            (5, _("Very satisfied")),
            (4, _("Satisfied")),
            (3, _("So-so")),
            (2, _("Dissatisfied")),
            (1, _("Very dissatisfied")),
        ],
    )
    comment = forms.CharField(
        label=_("What is missing in the answer"),
        max_length=2_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    reopen = forms.BooleanField(label=_("Please answer once more"), required=False)


class WithdrawForm(forms.Form):
    reason = forms.CharField(label=_("Reason (optional)"), max_length=200, required=False)
