"""Labels: choose watches, see how many sheets, print."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from devices.models import Device, Lot, Manifest, Site
from devices.rules.serials import BadSerial, normalise_serial
from devices.services import label_sheets
from seoul_health.core import audit, clock
from seoul_health.core.errors import DomainError

from .base import Station

PASTED = 100_000
SAMPLE = 5


class LabelForm(forms.Form):
    """Which watches, on what paper."""

    serials = forms.CharField(
        label=gettext_lazy("Serial numbers, one a line"),
        required=False,
        max_length=PASTED,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
    )
    delivery = forms.ModelChoiceField(
        Manifest.objects.none(), label=gettext_lazy("Delivery"), required=False
    )
    lot = forms.ModelChoiceField(
        Lot.objects.order_by("-received_on", "-pk"),
        label=gettext_lazy("Lot"),
        required=False,
        to_field_name="code",
    )
    site = forms.ModelChoiceField(
        Site.objects.none(), label=gettext_lazy("Site"), required=False, to_field_name="code"
    )
    status = forms.ChoiceField(
        label=gettext_lazy("Status"),
        required=False,
        choices=[("", gettext_lazy("Any")), *Device.Status.choices],
    )
    paper = forms.ChoiceField(
        label=gettext_lazy("Label paper"),
        choices=[(code, form.name) for code, form in label_sheets.FORMATS.items()],
    )
    skip = forms.IntegerField(
        label=gettext_lazy("Used labels on the first sheet"),
        required=False,
        min_value=0,
        max_value=64,
        initial=0,
    )

    def __init__(self, *args: Any, staff: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        deliveries = Manifest.objects.visible_to(staff).filter(status__in=["expected", "received"])
        choices: Any = self.fields["delivery"]
        choices.queryset = deliveries.select_related("lot").order_by("-pk")
        choices.label_from_instance = lambda one: f"{one.number} · {one.lot.code}"
        places: Any = self.fields["site"]
        places.queryset = Site.objects.visible_to(staff).order_by("name", "pk")
        places.label_from_instance = lambda one: one.name

    def clean_serials(self) -> list[str]:
        texts = self.cleaned_data["serials"].replace(",", "\n").split()
        try:
            return sorted({normalise_serial(text) for text in texts})
        except BadSerial as fault:
            strange = _("A serial number has only A–Z, 0–9 and hyphens.")
            raise forms.ValidationError(strange, code=fault.code) from fault

    def clean(self) -> dict[str, Any]:
        chosen = super().clean() or self.cleaned_data
        names = ("serials", "delivery", "lot", "site")
        if not self.errors and not any(chosen.get(name) for name in names):
            raise forms.ValidationError(_("Choose a delivery, a lot, a site or serial numbers."))
        return chosen


class LabelsView(Station):
    """/staff/devices/labels/?lot=…&paper=… — how many labels; `print` gives the PDF."""

    permission = "devices.view_device"
    template = "devices/labels.html"
    title = gettext_lazy("Labels")

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.answer(request, request.GET)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Print; long lists of serials do not fit an address."""
        return self.answer(request, request.POST)

    def answer(self, request: HttpRequest, asked: Any) -> HttpResponse:
        form = LabelForm(asked or None, staff=self.staff)
        if not asked:
            return self.show({"form": form, "formats": label_sheets.FORMATS})
        if not form.is_valid():
            return self.show({"form": form}, status=422)
        watches = chosen(form.cleaned_data, self.staff)
        if "print" not in asked:
            return self.show({"form": form, **previewed(watches, form.cleaned_data)})
        try:
            return self.printed(watches, form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
            return self.show({"form": form}, status=422)

    def printed(self, watches: QuerySet[Device], terms: dict[str, Any]) -> HttpResponse:
        listed = list(watches[: label_sheets.MOST + 1])
        form = label_sheets.FORMATS[terms["paper"]]
        content = label_sheets.sheets(listed, form=form, skip=terms["skip"] or 0)
        audit.record("labels_printed", self.staff, by=self.staff, labels=len(listed))
        answer = HttpResponse(content, content_type="application/pdf")
        name = f"labels-{clock.now():%Y%m%d-%H%M}.pdf"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer


def chosen(terms: dict[str, Any], staff: Any) -> QuerySet[Device]:
    rows = Device.objects.visible_to(staff).select_related("lot__model")
    if terms["serials"]:
        rows = rows.filter(serial__in=terms["serials"])
    if terms["delivery"]:
        rows = rows.filter(arrival__manifest=terms["delivery"])
    for name in ("lot", "site", "status"):
        if terms[name]:
            rows = rows.filter(**{name: terms[name]})
    return rows.order_by("serial")


def previewed(watches: QuerySet[Device], terms: dict[str, Any]) -> dict[str, Any]:
    form = label_sheets.FORMATS[terms["paper"]]
    count = watches[: label_sheets.MOST + 1].count()
    missing = sorted(
        set(terms["serials"]) - set(watches.values_list("serial", flat=True))
        if terms["serials"]
        else set()
    )
    return {
        "count": count,
        "too_many": count > label_sheets.MOST,
        "most": label_sheets.MOST,
        "pages": -(-(count + (terms["skip"] or 0) % form.per_page) // form.per_page),
        "sample": watches[:SAMPLE],
        "missing": missing[:50],
        "as_of": clock.now(),
    }
