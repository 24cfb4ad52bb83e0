"""Merging, taking out again and splitting, from the page of a complaint."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from complaints.models import Attachment, Category, Complaint, Merge
from complaints.rules.merging import MERGE_ARTICLE, SAME_PURPOSE
from complaints.services import families, merging, splitting
from seoul_health.core import clock
from seoul_health.core.desk import status_of
from seoul_health.core.errors import DomainError

from .base import DeskView
from .cases import case_context
from .steps import StepView
from .words import due_of

MOST_CANDIDATES = 20
MOST_SHOWN = 100
MOST_NUMBERS = 50


class MergeForm(forms.Form):
    numbers = forms.CharField(max_length=4_000, required=False)
    purpose = forms.CharField(max_length=200, required=False)
    version = forms.IntegerField(min_value=1)


class UnmergeForm(forms.Form):
    why = forms.CharField(max_length=200, required=False)


class SplitForm(forms.Form):
    category = forms.ModelChoiceField(
        Category.objects.offered(), label=gettext_lazy("Category"), to_field_name="code"
    )
    title = forms.CharField(label=gettext_lazy("Title"), max_length=100)
    text = forms.CharField(
        label=gettext_lazy("The second matter, in the citizen's words"),
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


class MergedView(DeskView):
    """GET …/merged/ — the complaints that are answered together with this one."""

    def get(self, request: HttpRequest, receipt_no: str) -> HttpResponse:
        lead, now = self.complaint(receipt_no), clock.now()
        rows = Merge.objects.into(lead).select_related("child__participant__profile")
        shown, wrote = list(rows[:MOST_SHOWN]), families.wrote_since(lead)
        seen = [row.child.participant.number for row in shown if row.child.participant]
        self.write_down(seen, action="list", what="merged")
        context = {
            "complaint": lead,
            "lines": [(row, due_of(row.child, now), row.child_id in wrote) for row in shown],
            "is_cut": len(shown) == MOST_SHOWN,
        }
        return self.show("merged.html", context)


class ToolView(DeskView):
    """A form below the head of a complaint; what comes of it takes the complaint's place."""

    permission = "complaints.answer_complaint"

    def instead(self, response: HttpResponse) -> HttpResponse:
        response["HX-Retarget"] = "#case-slot"
        return response


class MergeView(ToolView):
    """…/merge/ — find complaints of the same purpose and let them be answered together."""

    def get(self, request: HttpRequest, receipt_no: str) -> HttpResponse:
        return self.asked(self.complaint(receipt_no))

    def post(self, request: HttpRequest, receipt_no: str) -> HttpResponse:
        lead, asked = self.complaint(receipt_no), MergeForm(request.POST)
        if not asked.is_valid():
            return self.asked(lead, error=_("Some fields are not right."), status=422)
        children, fault = self.chosen(asked.cleaned_data["numbers"])
        if fault:
            return self.asked(lead, error=fault, status=422)
        terms = {"purpose": asked.cleaned_data["purpose"], "version": asked.cleaned_data["version"]}
        try:
            merging.merge(lead, children, by=self.staff, **terms)
        except DomainError as refusal:
            return self.asked(lead, error=str(refusal), status=status_of(refusal))
        context = case_context(self, self.complaint(receipt_no))
        words = _("{count} complaints have been merged.").format(count=len(children))
        events: dict[str, Any] = {"desk-toast": words, "queue-changed": True}
        return self.instead(self.show("case.html", context, **events))

    def chosen(self, typed: str) -> tuple[list[Complaint], str]:
        """Give the complaints that were ticked or typed, or say which cannot be."""
        ticked = [number[:16] for number in self.request.POST.getlist("number")]
        words = [word.strip(",;").upper() for word in typed.split()]
        numbers = list(dict.fromkeys([*ticked, *words]))
        if len(numbers) > MOST_NUMBERS:
            return [], _("More than {limit} are merged from the list of complaints.").format(
                limit=MOST_NUMBERS
            )
        seen = Complaint.objects.visible_to(self.staff).select_related("participant")
        found = {row.receipt_no: row for row in seen.filter(receipt_no__in=numbers)}
        unknown = [number for number in numbers if number not in found]
        if unknown:
            return [], _("There is no complaint {number}.").format(number=unknown[0][:20])
        return [found[number] for number in numbers], ""

    def asked(self, lead: Complaint, *, error: str = "", status: int = 200) -> HttpResponse:
        candidates, posted = self.candidates(lead), self.request.POST
        seen = [row.participant.number for row in candidates if row.participant]
        self.write_down(seen, action="list", what="merge")
        ticked = set(posted.getlist("number"))
        context = {
            "complaint": lead,
            "candidates": [(row, row.receipt_no in ticked) for row in candidates],
            "draft": posted,
            "version": posted.get("version", lead.version),
            "error": error,
            "needed": SAME_PURPOSE,
            "article": MERGE_ARTICLE,
        }
        return self.show("merge.html", context, status=status)

    def candidates(self, lead: Complaint) -> list[Complaint]:
        """Suggest running complaints of the same category; the same title comes first."""
        same = Complaint.objects.visible_to(self.staff).running().filter(category=lead.category)
        newest = same.exclude(pk=lead.pk).select_related("participant__profile")
        found = newest.order_by("-arrived_at", "-pk")[: 3 * MOST_CANDIDATES]
        return sorted(found, key=lambda row: row.title != lead.title)[:MOST_CANDIDATES]


class UnmergeView(StepView):
    """POST …/unmerge/ — take a complaint out of a merge."""

    form = UnmergeForm
    mode = "unmerge"
    done: str | Promise = gettext_lazy("The complaint is worked on by itself again.")

    def run(self, complaint: Complaint, values: dict[str, Any]) -> None:
        merging.unmerge(complaint, why=values["why"], by=self.staff)

    def again(self, complaint: Complaint, error: str, status: int) -> HttpResponse:
        context = case_context(self, self.complaint(complaint.receipt_no), error=error)
        return self.show("case.html", context, status=status)


class SplitView(ToolView):
    """…/split/ — make the second matter of a complaint one of its own."""

    def get(self, request: HttpRequest, receipt_no: str) -> HttpResponse:
        complaint = self.complaint(receipt_no)
        form = SplitForm(initial={"version": complaint.version}, auto_id="split_%s")
        return self.asked(complaint, form)

    def post(self, request: HttpRequest, receipt_no: str) -> HttpResponse:
        complaint = self.complaint(receipt_no)
        form = SplitForm(request.POST, auto_id="split_%s")
        if not form.is_valid():
            return self.asked(complaint, form, error=_("Some fields are not right."), status=422)
        try:
            slip = splitting.split(
                complaint,
                by=self.staff,
                attachments=self.taken_along(complaint),
                **form.cleaned_data,
            )
        except DomainError as refusal:
            return self.asked(complaint, form, error=str(refusal), status=status_of(refusal))
        context = {"slip": slip, "complaint": slip.complaint, "origin": complaint}
        return self.instead(self.show("slip.html", context, **{"queue-changed": True}))

    def taken_along(self, complaint: Complaint) -> list[Attachment]:
        ticked = set(self.request.POST.getlist("attachment"))
        return [row for row in complaint.attachments.order_by("pk") if str(row.public_id) in ticked]

    def asked(
        self, complaint: Complaint, form: SplitForm, *, error: str = "", status: int = 200
    ) -> HttpResponse:
        context = {
            "complaint": complaint,
            "form": form,
            "error": error,
            "attachments": list(complaint.attachments.order_by("pk")),
        }
        return self.show("split.html", context, status=status)
