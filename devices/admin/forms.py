from django import forms
from django.utils.translation import gettext_lazy as _

from devices.models import DataWipe, Device, DisposalBatch, Inspection, RecoveryStep
from devices.models.stock import GRADES
from devices.rules.serials import BadSerial, normalise_serial


class ReasonForm(forms.Form):
    why = forms.CharField(label=_("Reason"), min_length=2, max_length=200)


class InspectionForm(forms.Form):
    grade = forms.ChoiceField(label=_("Grade"), choices=[(each, each) for each in GRADES])
    faults = forms.MultipleChoiceField(
        label=_("Faults"),
        choices=Inspection.Fault.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    note = forms.CharField(label=_("Note"), max_length=200, required=False)


class WipeForm(forms.Form):
    method = forms.ChoiceField(label=_("Wipe method"), choices=DataWipe.Method.choices)
    proof = forms.CharField(
        label=_("Proof"),
        max_length=100,
        required=False,
        help_text=_("Number of the tool’s report or of the receipt, or what was seen after."),
    )


class DisposalForm(forms.Form):
    batch = forms.ModelChoiceField(
        label=_("Disposal"), queryset=DisposalBatch.objects.filter(status="draft").order_by("-pk")
    )


class RecoveryForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=RecoveryStep.Kind.choices)
    cost = forms.IntegerField(label=_("Cost (KRW)"), min_value=0, max_value=10_000_000, initial=0)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)


class DeviceForm(forms.ModelForm[Device]):
    class Meta:
        model = Device
        fields = ("serial", "lot", "site")

    def clean_serial(self) -> str:
        try:
            return normalise_serial(self.cleaned_data["serial"])
        except BadSerial as fault:
            raise forms.ValidationError(
                _("A serial number has only A–Z, 0–9 and hyphens."), code=fault.code
            ) from fault
