from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from participants.errors import NoReasonChosen, WrongForm
from participants.models import (
    Application,
    Basis,
    Decision,
    Lane,
    ReasonCode,
    RecruitmentRound,
)
from participants.rules.eligibility import age_on
from participants.services import reviewing
from participants.services.identity import birth_date_of
from participants.services.judging import judge, rule_in_force
from participants.services.reviewing import Wanted
from seoul_health.core import clock
from seoul_health.core.desk import is_fragment, status_of
from seoul_health.core.errors import DomainError

from .base import RELATED, StaffView

MOST_ROWS = 40
KEYS = 9
OUTCOMES = {
    "approve": Decision.Outcome.APPROVED,
    "reject": Decision.Outcome.REJECTED,
    "hold": Decision.Outcome.ON_HOLD,
}


def wanted_of(request: HttpRequest) -> Wanted:
    """Read which part of the queue is asked for; unknown words ask for everything."""
    sent = request.POST if request.method == "POST" else request.GET
    lane, basis = sent.get("lane", ""), sent.get("basis", "")
    return Wanted(
        round=sent.get("round", "")[:50].replace("\0", ""),
        lane=lane if lane in Lane.Kind.values else "",
        basis=basis if basis in Basis.values else "",
    )


def queue_context(view: StaffView) -> dict[str, Any]:
    """Give the head of the queue and its figures; whom it shows is written down."""
    wanted = wanted_of(view.request)
    rows = list(
        reviewing.queue(view.staff, wanted).select_related(*RELATED, "claim__reviewer")[:MOST_ROWS]
    )
    view.write_down_new([row.participant.number for row in rows], what="queue")
    return {
        "title": _("Review desk"),
        "is_sidebar_narrow": view.request.COOKIES.get("sidebar") != "wide",
        "search_url": "",
        "wanted": wanted,
        "rows": rows,
        "is_cut": len(rows) == MOST_ROWS,
        "counters": reviewing.counters(view.staff, wanted),
        "rounds": RecruitmentRound.objects.exclude(status="draft").order_by("-starts_on", "code"),
        "lanes": Lane.Kind.choices,
        "bases": Basis.choices,
        "now": clock.now(),
        "today": clock.today(),
    }


def item_context(view: StaffView, application: Application, **extra: Any) -> dict[str, Any]:
    """Give everything needed to decide on one application."""
    participant = application.participant
    view.write_down([participant.number], action="view", what=f"application:{application.pk}")
    rule = application.rule or rule_in_force(application.round)
    can_decide = application.status in reviewing.TO_DECIDE
    failures = judge(application, rule, with_papers=True) if rule and can_decide else []
    earlier = participant.applications.exclude(pk=application.pk).select_related("round")
    return {
        "item": application,
        "person": participant,
        "rule": rule,
        "age": age_on(birth_date_of(participant), rule.reference_date if rule else clock.today()),
        "failures": [str(failure) for failure in failures],
        "papers": list(application.evidence.order_by("pk")),
        "earlier": list(earlier.order_by("-pk")[:5]),
        "decisions": list(application.decisions.select_related("reason_code").order_by("-pk")[:5]),
        "can_decide": can_decide,
        "other": reviewing.held_by_another(application, view.staff),
        "reject_codes": list(ReasonCode.objects.for_use(ReasonCode.Use.REJECT)[:KEYS]),
        "hold_codes": list(ReasonCode.objects.for_use(ReasonCode.Use.HOLD)[:KEYS]),
        "today": clock.today(),
        "error": "",
        **extra,
    }


class HomeView(StaffView):
    """GET /review/ — the queue, with nothing opened yet."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page("page.html", queue_context(self))


class QueueView(StaffView):
    """GET /review/queue/ — queue and figures again, into the page."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show("queue.html", queue_context(self))


class DeskView(StaffView):
    """A step at the desk after which the next application is shown."""

    def next_item(self, *, after: Application | None, say: str = "") -> HttpResponse:
        wanted = wanted_of(self.request)
        found = reviewing.take_next(by=self.staff, wanted=wanted, after=after)
        if not is_fragment(self.request):
            name, args = ("review:item", [found.receipt_no]) if found else ("review:home", [])
            return HttpResponseRedirect(reverse(name, args=args))
        events: dict[str, Any] = {"queue-changed": True}
        if found is None:
            said = say or _("Nothing waits for you here just now.")
            events["review-toast"] = said
            return self.show("nothing.html", {}, **events)
        if say:
            events["review-toast"] = say
        context = item_context(self, self.application(found.receipt_no))
        response = self.show("item.html", context, **events)
        response["HX-Push-Url"] = reverse("review:item", args=[found.receipt_no])
        return response


class NextView(DeskView):
    """POST /review/next/ — the oldest application nobody else has; the present one may wait."""

    def post(self, request: HttpRequest) -> HttpResponse:
        present = request.POST.get("after", "")
        after = self.application(present) if present else None
        return self.next_item(after=after)


class ItemView(StaffView):
    """GET /review/{receipt_no}/ — one application, as a page of its own or into the desk."""

    def get(self, request: HttpRequest, receipt_no: str) -> HttpResponse:
        context = item_context(self, self.application(receipt_no))
        if is_fragment(request):
            return self.show("item.html", context)
        return self.page("page.html", {**queue_context(self), **context})


class TakeView(StaffView):
    """POST …/take/ — put this application on one's own desk, if nobody has it."""

    def post(self, request: HttpRequest, receipt_no: str) -> HttpResponse:
        application = self.application(receipt_no)
        reviewing.start(application, by=self.staff)
        address = reverse("review:item", args=[receipt_no])
        if not is_fragment(request):
            return HttpResponseRedirect(address)
        context = item_context(self, self.application(receipt_no))
        response = self.show("item.html", context, **{"queue-changed": True})
        response["HX-Push-Url"] = address
        return response


class DecideView(DeskView):
    """POST …/decide/ — approve, reject or hold, then show the next one."""

    def post(self, request: HttpRequest, receipt_no: str) -> HttpResponse:
        application = self.application(receipt_no)
        verb = request.POST.get("verb", "")
        note = request.POST.get("note", "").replace("\0", "").strip()
        try:
            self.decide(application, verb, note)
        except DomainError as refusal:
            extra = {"error": str(refusal), "note": note, "verb": verb}
            context = item_context(self, self.application(receipt_no), **extra)
            if is_fragment(request):
                return self.show("item.html", context, status=status_of(refusal))
            page = {**queue_context(self), **context}
            return self.page("page.html", page, status=status_of(refusal))
        done = application_done(self.application(receipt_no))
        return self.next_item(after=None, say=done)

    def decide(self, application: Application, verb: str, note: str) -> None:
        if verb not in OUTCOMES or len(note) > 150:
            raise WrongForm
        outcome = OUTCOMES[verb]
        code = None
        if outcome != Decision.Outcome.APPROVED:
            use = ReasonCode.Use.REJECT if verb == "reject" else ReasonCode.Use.HOLD
            chosen = self.request.POST.get("code", "")
            code = ReasonCode.objects.for_use(use).filter(code=chosen[:40]).first()
            if code is None:
                raise NoReasonChosen
        reviewing.decide(application, outcome, by=self.staff, code=code, note=note)


def application_done(application: Application) -> str:
    told = _("{receipt_no}: {status}.")
    return told.format(receipt_no=application, status=application.get_status_display())


class ReleaseView(StaffView):
    """POST …/release/ — put an application back into the queue."""

    def post(self, request: HttpRequest, receipt_no: str) -> HttpResponse:
        reviewing.release(self.application(receipt_no), by=self.staff)
        if not is_fragment(request):
            return HttpResponseRedirect(reverse("review:home"))
        response = self.show("nothing.html", {}, **{"queue-changed": True})
        response["HX-Push-Url"] = reverse("review:home")
        return response
