"""Disposals: lists of watches, asked for by one, approved by another, ended by a certificate."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from devices.models import DisposalBatch, DisposalUnit
from devices.services import disposal_papers, disposals, watch_papers
from seoul_health.core import audit, clock
from seoul_health.core.errors import DomainError
from seoul_health.core.files import no_orphans

from .base import Station
from .filters import PAGE, address, chosen, cursor_of
from .finding_forms import files_of
from .repairs import KINDS, told_errors

ASK, DECIDE = "devices.request_disposalbatch", "devices.decide_disposalbatch"


class StartForm(forms.Form):
    method = forms.ChoiceField(
        label=gettext_lazy("Way of disposal"), choices=DisposalBatch.Method.choices
    )
    recycler = forms.CharField(label=gettext_lazy("Recycler or receiver"), max_length=60)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


class AddForm(forms.Form):
    serials = forms.CharField(
        label=gettext_lazy("Serial numbers, one a line"),
        max_length=40 * disposals.MOST,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
    )


class ReasonForm(forms.Form):
    why = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


class HandOverForm(forms.Form):
    weight_grams = forms.IntegerField(
        label=gettext_lazy("Weight (g)"), min_value=1, max_value=100_000_000
    )
    certificate_no = forms.CharField(label=gettext_lazy("Number of the certificate"), max_length=40)
    on = forms.DateField(
        label=gettext_lazy("Handed over on"), widget=forms.DateInput(attrs={"type": "date"})
    )


class DisposalsView(Station):
    """GET …/disposals/?status=… — lists, the newest first; POST begins one."""

    permission = "devices.view_disposalbatch"
    template = "devices/disposals.html"
    title = gettext_lazy("Disposals")

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(StartForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        if not self.staff.has_perm(ASK):
            raise PermissionDenied
        form = StartForm(request.POST)
        if not form.is_valid():
            return self.page(form, status=422)
        batch = disposals.start(by=self.staff, **form.cleaned_data)
        return redirect("stations:disposal", pk=batch.pk)

    def page(self, form: StartForm, *, status: int = 200) -> HttpResponse:
        filters = chosen(self.request, {"status": DisposalBatch.Status.values})
        rows = disposals.with_sums(DisposalBatch.objects.filter(**filters)).order_by("-pk")
        after = cursor_of(self.request)
        page = list((rows.filter(pk__lt=after) if after else rows)[: PAGE + 1])
        context = {
            "rows": page[:PAGE],
            "more": address(filters, after=page[PAGE - 1].pk) if len(page) > PAGE else "",
            "filters": filters,
            "statuses": DisposalBatch.Status.choices,
            "fit": disposals.fit(self.staff).count(),
            "form": form,
            "is_open": status != 200,
            "as_of": clock.now(),
        }
        return self.show(context, status=status)


def batch_of(pk: int) -> DisposalBatch:
    rows = DisposalBatch.objects.select_related("requested_by", "decided_by")
    return get_object_or_404(disposals.with_sums(rows), pk=pk)


class DisposalView(Station):
    """GET …/disposals/{id}/ — one list, its watches, its decision and its certificate."""

    permission = "devices.view_disposalbatch"
    template = "devices/disposal.html"
    title = gettext_lazy("Disposal")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.page(batch_of(pk), AddForm())

    def page(self, batch: DisposalBatch, add: AddForm, *, status: int = 200) -> HttpResponse:
        units = batch.units.select_related("device__lot__model", "wipe").order_by("pk")
        page = list(units.filter(pk__gt=cursor_of(self.request))[: PAGE + 1])
        is_draft = batch.status == DisposalBatch.Status.DRAFT
        context = {
            "batch": batch,
            "units": page[:PAGE],
            "more": address({}, after=page[PAGE - 1].pk) if len(page) > PAGE else "",
            "papers": batch.papers.order_by("pk"),
            "add": add,
            "fit": disposals.fit(self.staff).count() if is_draft else 0,
            "hand_over": HandOverForm(initial={"on": clock.today()}),
            "is_own": batch.requested_by == self.staff,
            "as_of": clock.now(),
        }
        return self.show(context, status=status)


class DisposalAct(DisposalView):
    """POST …/disposals/{id}/{verb}/ — change the list, ask, decide, hand over, keep a paper."""

    FORMS = {
        "add": AddForm, "add-ready": forms.Form, "ask": forms.Form, "withdraw": ReasonForm,
        "approve": forms.Form, "reject": ReasonForm, "hand-over": HandOverForm,
        "paper": forms.Form,
    }  # fmt: skip

    def get(self, request: HttpRequest, pk: int, verb: str = "") -> HttpResponse:
        return HttpResponse(status=405, headers={"Allow": "POST"})

    def post(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        if verb not in self.FORMS:
            raise Http404
        if not self.staff.has_perm(DECIDE if verb in {"approve", "reject"} else ASK):
            raise PermissionDenied
        batch, form = batch_of(pk), self.FORMS[verb](request.POST)
        if not form.is_valid():
            told_errors(request, form)
            return redirect("stations:disposal", pk=pk)
        try:
            self.act(batch, verb, **form.cleaned_data)
        except DomainError as refusal:
            return self.refused(batch, form, refusal)
        messages.success(request, _("Done; it is written into the history."))
        return redirect("stations:disposal", pk=pk)

    def refused(self, batch: DisposalBatch, form: forms.Form, refusal: DomainError) -> HttpResponse:
        """Show what is wrong; a list that was typed in stays in its field, with each bad line."""
        messages.error(self.request, str(refusal))
        if not isinstance(form, AddForm):
            return redirect("stations:disposal", pk=batch.pk)
        for line in refusal.fields.get("serials", []):
            form.add_error("serials", line)
        return self.page(batch, form, status=422)

    def act(self, batch: DisposalBatch, verb: str, **terms: Any) -> None:
        by = self.staff
        if verb == "add":
            lines = [line for line in terms["serials"].splitlines() if line.strip()]
            self.told(disposals.add_watches(batch, lines, by=by))
        elif verb == "add-ready":
            self.told(disposals.add_fit(batch, by=by))
        elif verb == "ask":
            disposals.ask(batch, by=by)
        elif verb == "approve":
            disposals.approve(batch, by=by)
        elif verb == "reject":
            disposals.reject(batch, by=by, **terms)
        elif verb == "withdraw":
            disposals.withdraw(batch, by=by, **terms)
        else:
            self.close(batch, verb, **terms)

    def close(self, batch: DisposalBatch, verb: str, **terms: Any) -> None:
        """Keep the receiver's papers, and with them note the hand-over."""
        papers = files_of(self.request, "papers", KINDS)
        with no_orphans(), transaction.atomic():
            if verb == "hand-over":
                disposals.hand_over(batch, by=self.staff, **terms)
            for sent in papers:
                watch_papers.keep_with(batch, sent, by=self.staff)

    def told(self, count: int) -> None:
        messages.info(self.request, _("Watches put on the list: {count}.").format(count=count))


class TakeOutView(Station):
    """POST …/disposals/{id}/units/{unit}/out/ — take one watch off a draft."""

    permission = ASK

    def post(self, request: HttpRequest, pk: int, unit: int) -> HttpResponse:
        row = get_object_or_404(
            DisposalUnit.objects.select_related("batch", "device"), pk=unit, batch=pk
        )
        try:
            disposals.take_out(row, by=self.staff)
        except DomainError as refusal:
            messages.error(request, str(refusal))
        return redirect("stations:disposal", pk=pk)


class CertificateView(Station):
    """GET …/disposals/{id}/certificate.pdf — the decision, the method and every serial number."""

    permission = "devices.view_disposalbatch"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        batch = batch_of(pk)
        audit.record("exported", batch, by=self.staff, what="certificate")
        return disposal_papers.certificate(batch).as_response(f"disposal-{batch.pk:05d}.pdf")


class SerialsFile(Station):
    """GET …/disposals/{id}/serials.csv — the serial list as it was asked for."""

    permission = "devices.view_disposalbatch"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        batch = batch_of(pk)
        kept = disposal_papers.serials(batch)
        answer = HttpResponse(kept, content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="disposal-{batch.pk:05d}.csv"'
        return answer
