"""What other systems and papers bring in: files, unknown words, and complaints on paper."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from complaints.models import Category, Complaint, InboundBatch, InboundRecord, Source
from complaints.services import inbound, inbound_files
from complaints.services.intake import slip_of
from seoul_health.core import clock
from seoul_health.core.desk import status_of
from seoul_health.core.errors import DomainError

from .cases import subject_of
from .frame import FramedPage

PER_PAGE = 50
LARGEST = 10 * 1024 * 1024
VIEWS = {"all": _("All records"), "unmapped": _("Unknown categories"), "waiting": _("Waiting")}
SYSTEMS = [choice for choice in Source.choices if choice[0] != Source.PAPER]


class FileForm(forms.Form):
    source = forms.ChoiceField(label=_("System"), choices=SYSTEMS)
    file = forms.FileField(label=_("File (XLSX or CSV)"))

    def clean_file(self) -> Any:
        if self.cleaned_data["file"].size > LARGEST:
            raise forms.ValidationError(_("Please send a file of at most 10 MB."))
        return self.cleaned_data["file"]


class InboundView(FramedPage):
    """GET /desk/inbound/?view=… — what came in. POST — try a file, or take it in."""

    permission = "complaints.view_inboundrecord"
    template = "inbound.html"
    title = _("Complaints from elsewhere")

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.board(FileForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        self.require("complaints.import_inboundrecord")
        form = FileForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.board(form, status=422)
        is_trial = "trial" in request.POST
        try:
            judged = inbound_files.import_file(
                form.cleaned_data["file"].read(),
                source=form.cleaned_data["source"],
                is_trial=is_trial,
                by=self.staff,
            )
        except DomainError as refusal:
            return self.board(form, status=status_of(refusal), error=str(refusal))
        return self.board(form, judged=judged, is_trial=is_trial)

    def board(self, form: FileForm, *, status: int = 200, **more: Any) -> HttpResponse:
        view = self.request.GET.get("view", "all")
        view = view if view in VIEWS else "all"
        seen = InboundRecord.objects.visible_to(self.staff)
        counts = {
            "all": seen.count(),
            "unmapped": seen.unmapped().count(),
            "waiting": seen.waiting().count(),
        }
        rows = {"all": seen, "unmapped": seen.unmapped(), "waiting": seen.waiting()}[view]
        rows = rows.select_related("complaint__participant", "complaint__category")
        page = Paginator(rows.order_by("-pk"), PER_PAGE).get_page(self.request.GET.get("page"))
        self.write_down_new(
            [subject_of(row.complaint) for row in page if row.complaint], what="inbound"
        )
        context = {
            "form": form,
            "view": view,
            "tabs": [(key, name, counts[key]) for key, name in VIEWS.items()],
            "page": page,
            "batches": InboundBatch.objects.select_related("uploaded_by")[:10],
            "categories": Category.objects.offered(),
            "as_of": clock.now(),
            **more,
        }
        return self.framed(context, status=status)


class MeaningView(FramedPage):
    """POST /desk/inbound/{pk}/meaning/ — which of our categories an unknown word means."""

    permission = "complaints.import_inboundrecord"

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        seen = InboundRecord.objects.visible_to(self.staff)
        record = get_object_or_404(seen.unmapped(), pk=pk)
        category = get_object_or_404(
            Category.objects.offered(), code=request.POST.get("category", "")
        )
        inbound.say_what_it_means(
            record, category=category, remember="remember" in request.POST, by=self.staff
        )
        return HttpResponseRedirect(f"{reverse('desk:inbound')}?view=unmapped")


class PaperForm(forms.Form):
    reference = forms.CharField(label=_("Number on the paper"), max_length=60)
    received_at = forms.DateTimeField(
        label=_("Received on paper at"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )
    category = forms.ModelChoiceField(
        Category.objects.offered(), label=_("Category"), to_field_name="code"
    )
    name = forms.CharField(label=_("Name"), max_length=40)
    phone = forms.RegexField(r"^[0-9-]{9,14}\Z", label=_("Phone number"), max_length=14, strip=True)
    title = forms.CharField(label=_("Title"), max_length=100)
    text = forms.CharField(
        label=_("What the citizen says"),
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )


class PaperView(FramedPage):
    """GET /desk/paper/ — type a paper in. POST — file it as of the moment on the paper."""

    permission = "complaints.import_inboundrecord"
    template = "paper.html"
    title = _("A complaint on paper")

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.framed({"form": PaperForm()})

    def post(self, request: HttpRequest) -> HttpResponse:
        form = PaperForm(request.POST)
        if not form.is_valid():
            return self.framed({"form": form}, status=422)
        values = form.cleaned_data
        try:
            taken = inbound.take_in(
                Source.PAPER, told_of(values), by=self.staff, code=values["category"].code
            )
        except DomainError as refusal:
            context = {"form": form, "error": str(refusal)}
            return self.framed(context, status=status_of(refusal))
        complaint = taken.record.complaint
        assert isinstance(complaint, Complaint), "a paper is filed at once"
        context = {"form": PaperForm(), "slip": slip_of(complaint), "is_repeat": taken.is_repeat}
        return self.framed(context)


def told_of(values: dict[str, Any]) -> inbound.Told:
    received_at: datetime = values["received_at"]
    return inbound.Told(
        reference=values["reference"],
        sequence=0,
        kind=InboundRecord.Kind.FILED,
        occurred_at=received_at,
        category=values["category"].name,
        title=values["title"],
        text=values["text"],
        name=values["name"],
        phone=values["phone"],
    )
