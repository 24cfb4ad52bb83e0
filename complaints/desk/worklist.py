"""The list of complaints, and one step on many of them."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from complaints.models import BulkJob, Complaint, ReplyTemplate
from complaints.services import bulk
from complaints.services.bulk import MOST, Order
from seoul_health.core import clock
from seoul_health.core.desk import status_of
from seoul_health.core.errors import DomainError

from .base import DeskView
from .filters import AgentField, AgentForm, FilterForm, address_of, narrowed
from .words import due_of

PAGE = 100
NEEDED = {BulkJob.Kind.ASSIGN: "complaints.supervise_desk"}


class OrderForm(AgentForm):
    kind = forms.ChoiceField(choices=BulkJob.Kind.choices)
    agent = AgentField()
    template = forms.ModelChoiceField(ReplyTemplate.objects.filter(is_active=True), required=False)
    lead = forms.CharField(max_length=16, required=False)
    text = forms.CharField(max_length=10_000, required=False)


class ListView(DeskView):
    """/desk/list/ — complaints by filter; ticked ones take a step together."""

    permission = "complaints.answer_complaint"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.listed()

    def post(self, request: HttpRequest) -> HttpResponse:
        asked = OrderForm(request.POST)
        if not asked.is_valid():
            return self.listed(error=_("Some fields are not right."), status=422)
        terms = asked.cleaned_data
        self.require(NEEDED.get(terms["kind"], self.permission))
        lead = self.lead_of(terms["lead"]) if terms["kind"] == BulkJob.Kind.MERGE else None
        if terms["kind"] == BulkJob.Kind.MERGE and lead is None:
            error = _("Please give the receipt number of the complaint that leads.")
            return self.listed(error=error, status=422)
        try:
            job = bulk.start(Order(**(terms | {"lead": lead})), self.chosen(), by=self.staff)
        except DomainError as refusal:
            return self.listed(error=str(refusal), status=status_of(refusal))
        return HttpResponseRedirect(reverse("desk:bulk-step", args=[job.public_id]))

    def lead_of(self, number: str) -> Complaint | None:
        seen = Complaint.objects.visible_to(self.staff)
        return seen.filter(receipt_no=number.strip().upper()).first()

    def chosen(self) -> list[Complaint]:
        """Give what was ticked, or as much of the whole list as one step takes."""
        now = clock.now()
        if self.request.POST.get("scope") == "all":
            rows = narrowed(Complaint.objects.visible_to(self.staff), self.filters(), now)
            return list(rows.select_related("participant")[: MOST + 1])
        ticked = self.request.POST.getlist("number")[: MOST + 1]
        seen = Complaint.objects.visible_to(self.staff).filter(receipt_no__in=ticked)
        return list(seen.select_related("participant").order_by("pk"))

    def filters(self) -> dict[str, Any]:
        form = FilterForm(self.request.GET)
        form.is_valid()
        return form.cleaned_data

    def listed(self, *, error: str = "", status: int = 200) -> HttpResponse:
        now, chosen = clock.now(), self.filters()
        seen = Complaint.objects.visible_to(self.staff)
        found = narrowed(seen, chosen, now).select_related(
            "category", "handler", "participant__profile"
        )
        count = narrowed(seen, chosen, now)[: 10 * MOST].count()
        rows = list(self.after(found)[: PAGE + 1])
        numbers = [row.participant.number for row in rows[:PAGE] if row.participant]
        self.write_down_new(numbers, what="list")
        context = {
            "form": FilterForm(initial=chosen | {"state": chosen.get("state") or "open"}),
            "order": self.request.POST,
            "order_form": OrderForm(self.request.POST or None),
            "lead": chosen.get("lead") or self.request.POST.get("lead", ""),
            "kinds": self.kinds(),
            "ticked": set(self.request.POST.getlist("number")),
            "rows": [(row, due_of(row, now)) for row in rows[:PAGE]],
            "count": count,
            "is_more": count == 10 * MOST,
            "most": MOST,
            "here": address_of(chosen),
            "next": address_of(chosen, after=rows[PAGE - 1].receipt_no) if len(rows) > PAGE else "",
            "as_of": now,
            "error": error,
        }
        return self.whole("list.html", _("List of complaints"), context, status=status)

    def after(self, rows: QuerySet[Complaint]) -> QuerySet[Complaint]:
        """Go on behind the last complaint of the page before."""
        number = self.request.GET.get("after", "")
        last = Complaint.objects.filter(receipt_no=number[:16]).first()
        if last is None or last.due_at is None:
            return rows
        rest = rows.filter(due_at__gte=last.due_at)
        return rest.exclude(due_at=last.due_at, pk__lte=last.pk)

    def kinds(self) -> list[tuple[str, str]]:
        may = self.request.user.has_perm
        return [
            (str(kind), str(label))
            for kind, label in BulkJob.Kind.choices
            if may(NEEDED.get(BulkJob.Kind(kind), self.permission))
        ]
