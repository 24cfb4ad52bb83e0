"""One person on one page: every section only for whom its permission lets see it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.decorators import staff_member_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from complaints.models import Complaint, Contact
from devices.models import Loan
from participants.models import (
    Application,
    Basis,
    Consent,
    Decision,
    Notification,
    Participant,
    Participation,
)
from participants.services import wording
from participants.services.consent_texts import to_agree
from points.models import Account, Payout
from points.services.statements import days_of, summary_of
from seoul_health.core import audit, clock
from seoul_health.core.access import log_read
from seoul_health.core.admin.base import staff_of
from seoul_health.core.charts import Datum, bar_chart
from seoul_health.core.models import AccessLog, AuditEvent

from .index_charts import label

DAYS, MOST = 28, 10
Found = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page: its heading, who may see it, what it shows."""

    key: str
    label: str | Promise
    permission: str
    read: Callable[[Participant], Found]

    @property
    def template(self) -> str:
        return f"operations/person/{self.key}.html"


def consents(person: Participant) -> Found:
    said = Consent.objects.filter(participant=person).order_by("-pk")
    return {"consents": said[:MOST], "to_agree": to_agree(person)}


def applications(person: Participant) -> Found:
    """Give the applications, each with what was decided about it."""
    rows = Application.objects.filter(participant=person).select_related("round", "lane", "offer")
    found = list(rows.order_by("-pk")[:MOST])
    decided: dict[int, list[Decision]] = {}
    for decision in Decision.objects.filter(application__in=found).order_by("pk"):
        decided.setdefault(decision.application_id, []).append(decision)
    return {"applications": [(row, decided.get(row.pk, [])) for row in found]}


def participations(person: Participant) -> Found:
    taken = Participation.objects.filter(participant=person).select_related("round")
    rows = taken.order_by("-starts_on", "-pk")[:MOST]
    return {"participations": [(row, Basis(row.basis).label) for row in rows]}


def loans(person: Participant) -> Found:
    lent = Loan.objects.filter(participant=person).select_related("device")
    return {"loans": lent.order_by("-pk")[:MOST]}


def steps(person: Participant) -> Found:
    """Draw the last four weeks, each day with what it earned or why not."""
    today = clock.today()
    days = days_of(person, today - timedelta(days=DAYS - 1), today)
    data = [Datum(label(day.day), day.steps) for day in days]
    chart = bar_chart(data, title=gettext("Steps of the last 28 days"))
    return {"chart": chart, "goal_days": sum(day.outcome.points > 0 for day in days)}


def money(person: Participant) -> Found:
    purse = Account.objects.filter(participant=person).first()
    return {"points": summary_of(person), "purse": purse}


def payouts(person: Participant) -> Found:
    return {"payouts": Payout.objects.filter(participant=person).order_by("-pk")[:MOST]}


def voices(person: Participant) -> Found:
    said = Complaint.objects.of(person).select_related("category").order_by("-arrived_at")
    heard = Contact.objects.filter(participant=person).order_by("-opened_at")
    return {"complaints": said[:MOST], "contacts": heard[:MOST]}


def messages(person: Participant) -> Found:
    told = Notification.objects.filter(participant=person).order_by("-pk")
    rows = told.select_related("template", "participant__profile")[:MOST]
    return {"notifications": [(row, wording.masked_title_of(row)) for row in rows]}


def trail(person: Participant) -> Found:
    """Give what happened to the person's own rows, newest first."""
    subjects = [audit.subject_of(person)]
    for model in (Application, Participation):
        rows: QuerySet[Any] = model._default_manager.filter(participant=person)
        subjects += [f"{model._meta.label_lower}:{pk}" for pk in rows.values_list("pk", flat=True)]
    events = AuditEvent.objects.filter(Q(subject__in=subjects))
    return {"events": events.order_by("-at", "-pk")[: MOST * 2]}


def readers(person: Participant) -> Found:
    return {"reads": AccessLog.objects.about(person.number).order_by("-at", "-pk")[: MOST * 2]}


SECTIONS = (
    Section("consents", _("Consents"), "participants.view_consent", consents),
    Section("applications", _("Applications"), "participants.view_application", applications),
    Section(
        "participations", _("Participations"), "participants.view_participation", participations
    ),
    Section("loans", _("Watches"), "devices.view_loan", loans),
    Section("steps", _("Steps of the last 28 days"), "devices.view_daysteps", steps),
    Section("points", _("Points"), "points.view_account", money),
    Section("payouts", _("Payouts"), "points.view_payout", payouts),
    Section("voices", _("Complaints and contacts"), "complaints.view_complaint", voices),
    Section("messages", _("Messages"), "participants.view_notification", messages),
    Section("trail", _("What happened"), "core.view_auditevent", trail),
    Section("readers", _("Who looked"), "core.view_accesslog", readers),
)


@require_safe
@staff_member_required(login_url="admin:login")  # type: ignore[untyped-decorator]
def person_page(request: HttpRequest, number: str) -> HttpResponse:
    """GET /people/{number}/ — everything about one person that this member of staff may see."""
    staff = staff_of(request)
    if not staff.has_perm("participants.view_participant"):
        raise PermissionDenied
    rows = Participant.objects.visible_to(staff).select_related("profile")
    person = rows.filter(number=number).first()
    if person is None:
        raise Http404
    shown = [section for section in SECTIONS if staff.has_perm(section.permission)]
    what = f"person:{','.join(section.key for section in shown)}"
    log_read(request, [person.number], by=staff, action="view", what=what[:100])
    found: Found = {}
    for section in shown:
        found |= section.read(person)
    context = {
        **admin.site.each_context(request),
        **found,
        "title": gettext("Everything about one person"),
        "person": person,
        "sections": shown,
        "as_of": clock.now(),
    }
    response = render(request, "operations/person.html", context)
    response["Cache-Control"] = "no-store"
    return response
