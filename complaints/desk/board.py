"""The supervisor's board: who is there, who has how much, and what threatens to breach."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from complaints.models import BulkJob, Complaint
from complaints.models.complaints import RUNNING, STOPPED
from complaints.services import bulk
from complaints.services.bulk import MOST, Order
from seoul_health.core import clock
from seoul_health.core.charts import Series, stacked_bar_chart
from seoul_health.core.desk import is_fragment, status_of
from seoul_health.core.errors import DomainError

from .agents import Load, agents_of_the_desk, loads_of
from .base import DeskView
from .filters import AgentField, AgentForm
from .presence import name_of
from .queue import counts_of
from .words import due_of

MOST_URGENT = 12
MOST_BARS = 12


class MoveForm(AgentForm):
    source = AgentField()
    agent = AgentField()


class BoardView(DeskView):
    """/desk/board/ — the whole desk at a glance; an agent's complaints can be given to another."""

    permission = "complaints.supervise_desk"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.board()

    def post(self, request: HttpRequest) -> HttpResponse:
        asked = MoveForm(request.POST)
        source = asked.cleaned_data.get("source") if asked.is_valid() else None
        if source is None or source == asked.cleaned_data["agent"]:
            return self.board(error=_("Please choose from whom and to whom."), status=422)
        rows = Complaint.objects.visible_to(self.staff).filter(handler=source)
        theirs = rows.filter(status__in=[*RUNNING, *STOPPED]).order_by("due_at", "pk")
        order = Order(BulkJob.Kind.ASSIGN, agent=asked.cleaned_data["agent"])
        try:
            job = bulk.start(order, list(theirs[:MOST]), by=self.staff)
        except DomainError as refusal:
            return self.board(error=str(refusal), status=status_of(refusal))
        return HttpResponseRedirect(reverse("desk:bulk-step", args=[job.public_id]))

    def board(self, *, error: str = "", status: int = 200) -> HttpResponse:
        now = clock.now()
        seen = Complaint.objects.visible_to(self.staff)
        loads = sorted(loads_of(seen, now), key=lambda one: (-one.breached, -one.near, -one.open))
        urgent = seen.running().filter(due_at__isnull=False).by_urgency()
        rows = list(urgent.select_related("category", "handler", "participant")[:MOST_URGENT])
        self.write_down_new(
            [row.participant.number for row in rows if row.participant], what="board"
        )
        context = {
            "loads": loads,
            "total": counts_of(self.staff, now),
            "here_count": sum(load.is_here for load in loads),
            "open_count": sum(load.open for load in loads),
            "urgent": [
                (row, due_of(row, now), name_of(row.handler) if row.handler else "") for row in rows
            ],
            "chart": chart_of(loads),
            "agents": [(agent.username, name_of(agent)) for agent in agents_of_the_desk()],
            "as_of": now,
            "error": error,
        }
        if is_fragment(self.request):
            return self.show("board_body.html", context, status=status)
        return self.whole("board.html", _("Supervisor's board"), context, status=status)


def chart_of(loads: list[Load]) -> str:
    """Draw the open complaints of those who have the most, by how they stand."""
    shown = sorted((one for one in loads if one.open), key=lambda one: -one.open)[:MOST_BARS]
    calm = tuple(one.open - one.near - one.breached - one.stopped for one in shown)
    series = [
        Series(_("In time"), calm, links(shown, "running")),
        Series(
            _("Clock stands still"), tuple(one.stopped for one in shown), links(shown, "stopped")
        ),
        Series(_("Near breach"), tuple(one.near for one in shown), links(shown, "near")),
        Series(_("Breached"), tuple(one.breached for one in shown), links(shown, "breached")),
    ]
    title = _("Open complaints by agent")
    return stacked_bar_chart([one.name for one in shown], series, title=title)


def links(loads: list[Load], state: str) -> tuple[str, ...]:
    listed = reverse("desk:list")
    return tuple(f"{listed}?state={state}&agent={one.key}" for one in loads)
