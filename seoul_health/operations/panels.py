"""The staff index: what waits for whoever looks, charts that answer a question, last jobs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _

from complaints.models import Alarm, AnswerDraft, Complaint, Promise
from complaints.models.promises import EARLY
from devices.models import Device, Loan
from participants.models import Application
from points.models import EarningRule, Payout, ReconciliationLine
from seoul_health.core import clock
from seoul_health.core.models import StaffUser

from . import index_charts, last_jobs

Rows = QuerySet[Any]


@dataclass(frozen=True)
class Queue:
    """Work of one kind: which rows, since when they wait, where to do it."""

    label: str | LazyText
    permission: str
    rows: Callable[[StaffUser, datetime], Rows]
    since: str
    page: str
    query: str = ""
    tone: str = "info"

    def shown_to(self, user: StaffUser, now: datetime) -> dict[str, Any]:
        rows = self.rows(user, now).order_by()
        figures = rows.aggregate(count=Count("pk"), oldest=Min(self.since))
        return {
            "label": self.label,
            "count": figures["count"],
            "oldest": figures["oldest"],
            "url": reverse(self.page) + self.query,
            "tone": self.tone,
        }


QUEUES = (
    Queue(
        _("Calls for help nobody has taken"),
        "complaints.answer_alarm",
        lambda user, now: Alarm.objects.visible_to(user).ringing(),
        "raised_at",
        "desk:alarms",
        tone="danger",
    ),
    Queue(
        _("Promises due within four hours"),
        "complaints.manage_incident",
        lambda user, now: Promise.objects.overdue(now + EARLY),
        "made_at",
        "desk:incidents",
        tone="warn",
    ),
    Queue(
        _("Applications to review"),
        "participants.review_application",
        lambda user, now: Application.objects.visible_to(user).to_review(),
        "submitted_at",
        "admin:participants_application_changelist",
        "?status__exact=submitted",
    ),
    Queue(
        _("Watches to send"),
        "devices.lend_loan",
        lambda user, now: Loan.objects.visible_to(user).filter(status=Loan.Status.RESERVED),
        "reserved_at",
        "admin:devices_loan_changelist",
        "?status__exact=reserved",
    ),
    Queue(
        _("Watches to inspect"),
        "devices.inspect_device",
        lambda user, now: Device.objects.visible_to(user).filter(
            status=Device.Status.AWAITING_INSPECTION
        ),
        "registered_at",
        "admin:devices_device_changelist",
        "?status__exact=awaiting_inspection",
    ),
    Queue(
        _("Watches overdue"),
        "devices.recall_loan",
        lambda user, now: Loan.objects.visible_to(user).overdue(clock.seoul_day(now)),
        "due_on",
        "admin:devices_loan_changelist",
        "?status__exact=live",
        tone="warn",
    ),
    Queue(
        _("Payouts without an answer"),
        "points.run_reconciliation",
        lambda user, now: Payout.objects.filter(status=Payout.Status.UNKNOWN),
        "requested_at",
        "admin:points_payout_changelist",
        "?status__exact=unknown",
        tone="warn",
    ),
    Queue(
        _("Payouts on their way"),
        "points.run_reconciliation",
        lambda user, now: Payout.objects.open(),
        "requested_at",
        "admin:points_payout_changelist",
        "?status__exact=requested",
    ),
    Queue(
        _("Differences with the partner"),
        "points.view_reconciliationline",
        lambda user, now: ReconciliationLine.objects.exceptions(),
        "reconciliation__at",
        "admin:points_reconciliation_changelist",
        tone="danger",
    ),
    Queue(
        _("Rules to release"),
        "points.release_earningrule",
        lambda user, now: EarningRule.objects.filter(status="draft"),
        "effective_from",
        "admin:points_earningrule_changelist",
    ),
    Queue(
        _("Complaints nobody has taken"),
        "complaints.use_desk",
        lambda user, now: Complaint.objects.visible_to(user).waiting(),
        "arrived_at",
        "desk:home",
    ),
    Queue(
        _("Answers to approve"),
        "complaints.decide_answerdraft",
        lambda user, now: AnswerDraft.objects.filter(
            status="requested", complaint__in=Complaint.objects.visible_to(user)
        ),
        "requested_at",
        "desk:duties",
        "?view=approvals",
    ),
    Queue(
        _("Complaints near their deadline"),
        "complaints.use_desk",
        lambda user, now: Complaint.objects.visible_to(user).near_breach(now),
        "arrived_at",
        "desk:home",
        tone="warn",
    ),
    Queue(
        _("Complaints past their deadline"),
        "complaints.use_desk",
        lambda user, now: Complaint.objects.visible_to(user).breached(now),
        "due_at",
        "desk:home",
        tone="danger",
    ),
)


def of(request: HttpRequest) -> dict[str, Any]:
    """Give the index what this person may see and do."""
    user, now = request.user, clock.now()
    if not isinstance(user, StaffUser):
        return {"queues": [], "charts": [], "jobs": []}
    return {
        "queues": list(queues(user, now)),
        "charts": index_charts.of(user, now),
        "jobs": last_jobs.of(user),
    }


def queues(user: StaffUser, now: datetime) -> Iterator[dict[str, Any]]:
    for queue in QUEUES:
        if user.has_perm(queue.permission):
            shown = queue.shown_to(user, now)
            oldest = shown["oldest"]
            if oldest is not None and not isinstance(oldest, datetime):
                shown["oldest"] = clock.day_starts(oldest)
            yield shown
