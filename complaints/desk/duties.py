"""The board of duties: what the law wants done now, each figure with its rows."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import F, Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from complaints.models import (
    AnswerDraft,
    Complaint,
    Consultation,
    DunningNotice,
    InboundRecord,
    SupplementDemand,
    Transferral,
)
from complaints.services import approval, dunning, progress
from seoul_health.core import clock
from seoul_health.core.clock import KST
from seoul_health.core.desk import status_of
from seoul_health.core.errors import DomainError
from seoul_health.core.models import StaffUser
from seoul_health.core.pdf import Sheet
from seoul_health.core.spreadsheets import write_csv

from .cases import subject_of
from .frame import FramedPage
from .words import due_of, moment_words

PER_PAGE = 50
MOST_LINES = 5_000
VIEWS: dict[str, str | Promise] = {
    "approvals": gettext_lazy("To be approved"),
    "overdue": gettext_lazy("Reminders to departments"),
    "progress": gettext_lazy("Progress to be told"),
    "demands": gettext_lazy("Supplements not sent"),
    "consultations": gettext_lazy("Replies of departments"),
    "intake": gettext_lazy("Not yet received"),
    "transfers": gettext_lazy("Transferred too late"),
    "unmapped": gettext_lazy("Unknown categories"),
}


def rows_of(view: str, user: StaffUser) -> QuerySet[Any]:
    """Give the rows of one duty among those this person may see."""
    seen = Complaint.objects.visible_to(user)
    now = clock.now()
    if view == "approvals":
        waiting = AnswerDraft.objects.filter(status="requested", complaint__status="approval")
        return waiting.filter(complaint__in=seen).order_by("complaint__due_at", "pk")
    if view == "overdue":
        unexplained = DunningNotice.objects.filter(explained_at=None, complaint__in=seen)
        return unexplained.exclude(complaint__status="answered").order_by("-issued_at", "-pk")
    if view == "progress":
        return progress.waiting_long(now).filter(pk__in=seen)
    if view == "demands":
        passed = SupplementDemand.objects.filter(
            ended_at=None, until__lt=clock.today(), complaint__status="supplement_requested"
        )
        return passed.filter(complaint__in=seen).order_by("until", "pk")
    if view == "consultations":
        asked = Consultation.objects.open().filter(complaint__status="consulting")
        return asked.filter(complaint__in=seen).order_by("reply_by", "pk")
    if view == "intake":
        return seen.arrived()
    if view == "transfers":
        late = Transferral.objects.filter(sent_at__gt=F("send_by"), complaint__in=seen)
        return late.order_by("-sent_at", "-pk")
    return InboundRecord.objects.unmapped().filter(complaint__in=seen).order_by("-pk")


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the board: the complaint, what is to be done, and until when."""

    row: Model
    complaint: Complaint
    says: str
    at: str


def line_of(view: str, row: Any) -> Line:
    now = clock.now()
    complaint = row if isinstance(row, Complaint) else row.complaint
    says, at = complaint.category.label, due_of(complaint, now).words
    if view == "approvals":
        says = row.text
    elif view == "overdue":
        says = _("Reminder {number} · {department}").format(
            number=row.number, department=row.department or "–"
        )
    elif view == "demands":
        says = _("Demand {number}").format(number=row.number)
        at = f"{row.until:%Y-%m-%d}"
    elif view == "consultations":
        says, at = f"{row.department}: {row.question}", moment_words(row.reply_by, now)
    elif view == "transfers":
        says, at = f"{row.name}: {row.reason}", moment_words(row.sent_at, now)
    elif view == "unmapped":
        says = f"{row.get_source_display()} · {row.their_category or '–'}"
    return Line(row, complaint, says, at)


class DutyBoard(FramedPage):
    """GET /desk/duties/?view=…&page=… — what the law wants done now."""

    template = "duties.html"
    title = gettext_lazy("Duties of the law")

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.board()

    def board(self, *, status: int = 200, **more: Any) -> HttpResponse:
        view = self.wanted()
        counts = {key: rows_of(key, self.staff).count() for key in VIEWS}
        page = Paginator(self.rows(view), PER_PAGE).get_page(self.request.GET.get("page"))
        lines = [line_of(view, row) for row in page]
        self.write_down_new([subject_of(line.complaint) for line in lines], what=f"duty-{view}")
        context = {
            "view": view,
            "tabs": [(key, name, counts[key]) for key, name in VIEWS.items()],
            "lines": lines,
            "page": page,
            "as_of": clock.now(),
            **more,
        }
        return self.framed(context, status=status)

    def wanted(self) -> str:
        view = self.request.GET.get("view", "")
        return view if view in VIEWS else "approvals"

    def rows(self, view: str) -> QuerySet[Any]:
        rows = rows_of(view, self.staff)
        near = "" if rows.model is Complaint else "complaint__"
        return rows.select_related(f"{near}category", f"{near}participant", f"{near}handler")


class DutyFile(DutyBoard):
    """GET /desk/duties/duties.csv?view=… — the same rows, by receipt number."""

    def get(self, request: HttpRequest) -> HttpResponse:
        view = self.wanted()
        lines = [line_of(view, row) for row in self.rows(view)[:MOST_LINES]]
        subjects = [subject_of(line.complaint) for line in lines]
        self.write_down(subjects, action="export", what=f"duty-{view}")
        header = [
            _("Receipt number"),
            _("Status"),
            _("Category"),
            _("What is to be done"),
            _("When"),
        ]
        told = [
            [
                line.complaint.receipt_no,
                line.complaint.get_status_display(),
                line.complaint.category.label,
                line.says,
                line.at,
            ]
            for line in lines
        ]
        response = HttpResponse(write_csv(header, told), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="duties-{view}.csv"'
        return response


class DutyStep(DutyBoard):
    """A step on one row of the board; a refusal shows the board with what is wrong."""

    http_method_names = ["post"]

    view: str

    def wanted(self) -> str:
        return self.view

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = get_object_or_404(rows_of(self.view, self.staff).model, pk=pk)
        if not Complaint.objects.visible_to(self.staff).filter(pk=row.complaint_id).exists():
            raise Http404
        try:
            self.step(row)
        except DomainError as refusal:
            return self.board(status=status_of(refusal), error=str(refusal), opened=pk)
        return HttpResponseRedirect(f"{reverse('desk:duties')}?view={self.view}")

    def step(self, row: Any) -> None:
        raise NotImplementedError


class ApproveView(DutyStep):
    """POST /desk/duties/drafts/{pk}/approve/ — the answer goes out in its author's name."""

    permission = "complaints.decide_answerdraft"
    view = "approvals"

    def step(self, row: AnswerDraft) -> None:
        read = self.request.POST.get("version", "")
        version = int(read) if read.isdecimal() and len(read) < 10 else 0
        approval.approve(row, version=version, by=self.staff)


class SendBackView(DutyStep):
    """POST /desk/duties/drafts/{pk}/send-back/ — what is to be changed first."""

    permission = "complaints.decide_answerdraft"
    view = "approvals"

    def step(self, row: AnswerDraft) -> None:
        approval.send_back(row, remark=self.request.POST.get("remark", ""), by=self.staff)


class TakeBackView(DutyStep):
    """POST /desk/duties/drafts/{pk}/take-back/ — an own draft, to write it anew."""

    permission = "complaints.answer_complaint"
    view = "approvals"

    def step(self, row: AnswerDraft) -> None:
        if row.requested_by != self.staff:
            raise Http404
        approval.take_back(row, by=self.staff)


class ExplainView(DutyStep):
    """POST /desk/duties/reminders/{pk}/explain/ — why it is late, and when it will be answered."""

    permission = "complaints.answer_complaint"
    view = "overdue"

    def step(self, row: DunningNotice) -> None:
        dunning.explain(row, text=self.request.POST.get("text", ""), by=self.staff)


class ReminderSheet(FramedPage):
    """GET /desk/duties/reminders/{pk}.pdf — the reminder on paper (독촉장)."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        rows = DunningNotice.objects.select_related("complaint__category", "complaint__participant")
        notice = get_object_or_404(rows, pk=pk)
        complaint = self.complaint(notice.complaint.receipt_no)
        self.write_down([subject_of(complaint)], action="export", what="reminder")
        sheet = Sheet(_("Reminder of an overdue complaint"), as_of=clock.now())
        sheet.facts(
            [
                (_("To"), notice.department or _("Complaint desk")),
                (_("Receipt number"), complaint.receipt_no),
                (_("Category"), complaint.category.label),
                (_("Title"), complaint.title),
                (_("Was due at"), f"{notice.due_at.astimezone(KST):%Y-%m-%d %H:%M}"),
                (_("Legal basis"), complaint.article),
                (_("Reminder"), notice.number),
                (_("Issued at"), f"{notice.issued_at.astimezone(KST):%Y-%m-%d %H:%M}"),
            ]
        )
        sheet.text(
            _(
                "This complaint has not been answered within its period. Please answer it at once "
                "and write down why it is late and when the citizen gets the answer."
            )
        )
        if notice.explanation:
            sheet.heading(_("Explanation"))
            sheet.text(notice.explanation)
        return sheet.as_response(f"reminder-{complaint.receipt_no}-{notice.number}.pdf")
