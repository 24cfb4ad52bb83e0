"""Who was touched, what it would cost to make it good, and the run that does it."""

import csv
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from complaints.models import MakeGoodItem, MakeGoodRun, MemberCheck
from complaints.services import making_good, member_checks
from complaints.services.making_good import Preview
from seoul_health.core.desk import status_of
from seoul_health.core.errors import DomainError

from .incident_base import IncidentPage
from .incident_forms import OfferForm, TermsForm, WhyForm

PAGE = 50


class MemberCheckView(IncidentPage):
    """/desk/incidents/checks/{id}/?basis=…&rate=…&silent=1 — the people found, and a preview."""

    permission = "complaints.view_membercheck"

    def get(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        asked = "basis" in request.GET
        form = OfferForm(request.GET if asked else None, initial={"basis": "day", "rate": 100})
        terms = TermsForm(request.GET)
        check = self.check(public_id)
        seen = making_good.preview(check, **terms.cleaned_data) if terms.is_valid() else None
        if asked and seen is not None:
            said = {**request.GET.dict(), "budget": request.GET.get("budget") or str(seen.points)}
            form = OfferForm(initial=said)
        return self.shown(check, form, seen)

    def post(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        """Ask for the run that was previewed."""
        self.require(self.ask)
        check, form, status = self.check(public_id), OfferForm(request.POST), 422
        if form.is_valid():
            try:
                run = making_good.request_run(check, form.offer, by=self.staff)
            except DomainError as refusal:
                form.add_error(None, str(refusal))
                status = status_of(refusal)
            else:
                messages.success(request, _("Asked for; a second person decides."))
                return HttpResponseRedirect(reverse("desk:make-good", args=[run.public_id]))
        terms = TermsForm(request.POST)
        seen = making_good.preview(check, **terms.cleaned_data) if terms.is_valid() else None
        return self.shown(check, form, seen, status=status)

    def check(self, public_id: UUID) -> MemberCheck:
        found = MemberCheck.objects.select_related("incident").filter(public_id=public_id).first()
        if found is None:
            raise Http404
        return found

    def shown(
        self, check: MemberCheck, form: OfferForm, seen: Preview | None, *, status: int = 200
    ) -> HttpResponse:
        members = self.of_own_people(check.members).order_by("participant")
        if is_silent := self.request.GET.get("silent") == "1":
            members = members.filter(has_complained=False)
        after = self.request.GET.get("after", "0")
        after = after if after.isascii() and after.isdigit() and len(after) < 19 else "0"
        rows = list(members.filter(participant__gt=int(after))[: PAGE + 1])
        listed = rows[:PAGE]
        self.write_down([row.participant.number for row in listed], action="list", what="check")
        context = {
            "check": check,
            "silent_count": check.people - check.complained,
            "members": listed,
            "is_silent": is_silent,
            "next": listed[-1].participant_id if len(rows) > PAGE else None,
            "form": form,
            "preview": seen,
        }
        return self.whole("member_check.html", _("Everybody touched"), context, status=status)


class TellAffectedView(MemberCheckView):
    """POST …/tell/ — have those told who have not complained."""

    def get(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        return HttpResponseRedirect(reverse("desk:member-check", args=[public_id]))

    def post(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        self.require(self.manage)
        try:
            member_checks.ask_to_tell(self.check(public_id), by=self.staff)
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("They are being told; everybody once."))
        return HttpResponseRedirect(reverse("desk:member-check", args=[public_id]))


class MakeGoodView(IncidentPage):
    """GET /desk/incidents/runs/{id}/ — one run: its list, who decided, how far it has come."""

    permission = "complaints.view_makegoodrun"

    def get(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        return self.shown(self.run(public_id))

    def run(self, public_id: UUID) -> MakeGoodRun:
        rows = MakeGoodRun.objects.select_related(
            "incident", "check_run", "requested_by", "decided_by"
        )
        found = rows.filter(public_id=public_id).first()
        if found is None:
            raise Http404
        return found

    def shown(self, run: MakeGoodRun, *, error: str = "", status: int = 200) -> HttpResponse:
        after = self.request.GET.get("after", "0")
        after = after if after.isascii() and after.isdigit() and len(after) < 19 else "0"
        items = self.of_own_people(run.items).select_related("transfer").order_by("pk")
        rows = list(items.filter(pk__gt=int(after))[: PAGE + 1])
        listed = rows[:PAGE]
        self.write_down([row.participant.number for row in listed], action="list", what="make-good")
        context = {
            "run": run,
            "figures": making_good.figures_of(run),
            "items": listed,
            "next": listed[-1].pk if len(rows) > PAGE else None,
            "is_own": run.requested_by == self.staff,
            "error": error,
        }
        return self.whole("make_good.html", _("Make-good run"), context, status=status)


class DecideView(MakeGoodView):
    """POST …/approve|decline/ — the second person's word."""

    permission = IncidentPage.decide
    step = "decline"

    def get(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        return HttpResponseRedirect(reverse("desk:make-good", args=[public_id]))

    def post(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        run = self.run(public_id)
        try:
            if self.step == "approve":
                making_good.approve_run(run, by=self.staff)
            else:
                form = WhyForm(request.POST)
                why = form.cleaned_data["why"] if form.is_valid() else ""
                making_good.decline_run(run, why=why, by=self.staff)
        except DomainError as refusal:
            return self.shown(self.run(public_id), error=str(refusal), status=status_of(refusal))
        messages.success(request, _("Decided."))
        return HttpResponseRedirect(reverse("desk:make-good", args=[public_id]))


class MakeGoodFileView(MakeGoodView):
    """GET …/list.csv — everybody of a run with points and transfer; the download is logged."""

    def get(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        run = self.run(public_id)
        rows = self.of_own_people(run.items).select_related("transfer").order_by("pk")
        answer = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="make-good-{run.pk}.csv"'
        file = csv.writer(answer)
        file.writerow(
            [
                _("Participant number"),
                _("Days"),
                _("Points"),
                _("Outcome"),
                _("Transfer"),
                _("Why not"),
            ]
        )
        seen = []
        for row in rows.iterator(chunk_size=2_000):
            seen.append(row.participant.number)
            file.writerow(line_of(row))
        self.write_down(seen, action="export", what="make-good")
        return answer


def line_of(row: MakeGoodItem) -> list[str | int]:
    key = row.transfer.key if row.transfer else ""
    return [row.participant.number, row.days, row.points, row.get_outcome_display(), key, row.why]
