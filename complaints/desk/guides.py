"""The register of form guides: who owns each, what is stale, how often each is opened."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.units import mm

from complaints.models import FormGuide, GuideScan, GuideText, Language
from complaints.services import guides
from seoul_health.core import clock
from seoul_health.core.charts import Datum, bar_chart
from seoul_health.core.desk import status_of
from seoul_health.core.errors import DomainError
from seoul_health.core.pdf import Sheet

from .frame import FramedPage

VIEWS = {
    "used": gettext_lazy("In use"),
    "stale": gettext_lazy("To be reviewed"),
    "retired": gettext_lazy("Retired"),
}
DAYS = 30
QR_SIDE = 60 * mm


class GuideForm(forms.Form):
    slug = forms.SlugField(label=gettext_lazy("Address"), max_length=50)
    owner = forms.CharField(label=gettext_lazy("Responsible department"), max_length=60)
    review_on = forms.DateField(
        label=gettext_lazy("To be reviewed by"), widget=forms.DateInput(attrs={"type": "date"})
    )


class TextForm(forms.Form):
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=Language.choices)
    title = forms.CharField(label=gettext_lazy("Title"), max_length=80)
    needed = forms.CharField(
        label=gettext_lazy("What to bring"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    steps = forms.CharField(
        label=gettext_lazy("Steps, one in each line"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 8}),
    )


class ReviewForm(forms.Form):
    until = forms.DateField(
        label=gettext_lazy("Right until"), widget=forms.DateInput(attrs={"type": "date"})
    )
    remark = forms.CharField(label=gettext_lazy("Remark"), max_length=300, required=False)


class GuidePage(FramedPage):
    """A page of the register."""

    permission = "complaints.view_formguide"

    def guide(self, slug: str) -> FormGuide:
        return get_object_or_404(FormGuide, slug=slug)


class GuidesView(GuidePage):
    """GET, POST /desk/guides/?view=… — the register; a new guide."""

    template = "guides.html"
    title = gettext_lazy("Form guides")

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.listed(GuideForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        self.require("complaints.change_formguide")
        form = GuideForm(request.POST)
        if not form.is_valid():
            return self.listed(form, status=422)
        try:
            guide = guides.open_guide(**form.cleaned_data, by=self.staff)
        except DomainError as refusal:
            return self.listed(form, status=status_of(refusal), error=str(refusal))
        return HttpResponseRedirect(reverse("desk:guide", args=[guide.slug]))

    def listed(self, form: GuideForm, *, status: int = 200, **more: Any) -> HttpResponse:
        view = self.request.GET.get("view", "")
        view = view if view in VIEWS else "used"
        scans = guides.scans_since(clock.today() - timedelta(days=DAYS))
        titles = dict(
            GuideText.objects.filter(is_in_force=True, language="ko").values_list("guide", "title")
        )
        spoken: dict[int, list[str]] = {}
        for guide, language in (
            GuideText.objects.filter(is_in_force=True).order_by("language")
            .values_list("guide", "language")
        ):  # fmt: skip
            spoken.setdefault(guide, []).append(language)
        rows = [
            {
                "guide": one,
                "title": titles.get(one.pk, ""),
                "languages": spoken.get(one.pk, []),
                "scans": scans.get(one.pk, 0),
                "is_stale": one.review_on <= clock.today(),
            }
            for one in guides.guides_of(view)
        ]
        context = {"form": form, "rows": rows, "view": view, "tabs": VIEWS.items(), "days": DAYS}
        return self.framed({**context, "as_of": clock.now(), **more}, status=status)


class GuideView(GuidePage):
    """GET, POST /desk/guides/{slug}/ — texts by version, reviews, and how often it is opened."""

    template = "guide.html"
    title = gettext_lazy("Form guide")

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        guide = self.guide(slug)
        language = request.GET.get("language", "ko")
        return self.shown(guide, text=TextForm(initial=initial_of(guide, language)))

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        self.require("complaints.change_formguide")
        guide, step = self.guide(slug), request.POST.get("step", "")
        form = (TextForm if step == "text" else ReviewForm)(request.POST)
        typed = {"text" if step == "text" else "review": form}
        if step == "retire":
            guides.retire(guide, by=self.staff)
        elif not form.is_valid():
            return self.shown(guide, status=422, **typed)
        else:
            act = guides.release_text if step == "text" else guides.review
            try:
                act(guide, **form.cleaned_data, by=self.staff)
            except DomainError as refusal:
                return self.shown(guide, status=status_of(refusal), error=str(refusal), **typed)
        return HttpResponseRedirect(reverse("desk:guide", args=[guide.slug]))

    def shown(self, guide: FormGuide, *, status: int = 200, **more: Any) -> HttpResponse:
        context = {
            "guide": guide,
            "texts": guide.texts.select_related("released_by").order_by("language", "-version"),
            "reviews": guide.reviews.select_related("by").order_by("-pk"),
            "chart": chart_of(guide),
            "text": TextForm(initial=initial_of(guide, "ko")),
            "review": ReviewForm(),
            "languages": Language.choices,
            "is_stale": guide.review_on <= clock.today(),
            "as_of": clock.now(),
        }
        return self.framed({**context, **more}, status=status)


def initial_of(guide: FormGuide, language: str) -> dict[str, str]:
    text = guide.texts.filter(is_in_force=True, language=language).first()
    if text is None:
        return {"language": language if language in Language.values else "ko"}
    return {name: getattr(text, name) for name in ("language", "title", "needed", "steps")}


def chart_of(guide: FormGuide) -> str:
    """Draw how often a guide was opened on each of the last days."""
    first = clock.today() - timedelta(days=DAYS - 1)
    counts: dict[date, int] = {}
    for day, count in GuideScan.objects.filter(guide=guide, day__gte=first).values_list(
        "day", "count"
    ):
        counts[day] = counts.get(day, 0) + count
    days = [first + timedelta(days=number) for number in range(DAYS)]
    data = [Datum(f"{day:%m-%d}", counts.get(day, 0)) for day in days]
    return bar_chart(data, title=_("Times opened by day"))


class GuideSheet(GuidePage):
    """GET /desk/guides/{slug}/sheet.pdf — the page to lay on a desk: code, address, steps."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        guide = self.guide(slug)
        text = guides.best_text(guide, "ko")
        sheet = Sheet(text.title if text else guide.slug, note=guide.owner)
        address = guides.short_address(guide)
        code = QrCodeWidget(f"{address}?w=qr", barLevel="Q", barWidth=QR_SIDE, barHeight=QR_SIDE)
        sheet.picture(Drawing(QR_SIDE, QR_SIDE, code))
        sheet.text(_("Scan this code with your phone, or type: {address}").format(address=address))
        if text:
            if text.needed:
                sheet.heading(_("What to bring"))
                sheet.text(text.needed)
            sheet.heading(_("Steps"))
            for number, line in enumerate(text.lines, start=1):
                sheet.text(f"{number}. {line}")
        return sheet.as_response(f"guide-{guide.slug}.pdf")
