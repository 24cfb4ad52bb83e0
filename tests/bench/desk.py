"""The complaint desk with 200,000 complaints and with a hundredth of them; and its pulse.

Both stand in one database: a second schema holds a copy of the table with the same indexes, and
the search path chooses. What is measured is the whole page. The pulse is measured in processor
time: what 200 agents, each asking every ten seconds, cost of one core.
"""

import time
from collections.abc import Callable
from typing import Any

from django.db import connection

from tests.bench.applicants import SMALL
from tests.bench.city import analyse, copy_row
from tests.bench.measure import Figure, alternate, say

TABLE = "complaints_complaint"
CALLS, PULSES = 4, 200
MINE = 60
AGENTS, EVERY = 200, 10
FIND = "C-2611-FIND99"


def build(count: int) -> Any:
    """File so many complaints, one in a hundred of them open, sixty of them the agent's own."""
    from complaints.models import Category, Channel, Complaint
    from complaints.services import intake
    from seoul_health.core.audit import System
    from tests.bench.people import walking_people

    by = System("bench")
    client = agent()
    slip = intake.file_complaint(
        walking_people(1)[0],
        category=Category.objects.get(code="points_missing"),
        title="어제 걸음이 0",
        text="걸었습니다.",
        channel=Channel.APP,
        by=by,
    )
    first = slip.complaint
    Complaint.objects.filter(pk=first.pk).update(
        receipt_no=FIND, received_at=first.arrived_at, article="bench", due_at=first.arrived_at
    )
    Complaint.objects.filter(pk=first.pk).update(status="received")
    first.refresh_from_db()
    copy_row(
        first,
        count,
        receipt_no="'C-B-' || lpad(n::text, 8, '0')",
        status=f"CASE WHEN n <= {MINE} THEN 'in_progress' WHEN n % 100 = 0 THEN 'received'"
        " ELSE 'answered' END",
        handler_id=f"CASE WHEN n % 100 = 0 AND n > {MINE} THEN NULL ELSE {client.user.pk} END",
        answered_at="due_at",
        due_at="due_at + n * interval '1 minute'",
    )
    analyse(Complaint)
    copy_small(count // 100)
    return client


def copy_small(count: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {SMALL}")
        cursor.execute(f"CREATE TABLE {SMALL}.{TABLE} (LIKE public.{TABLE} INCLUDING ALL)")
        cursor.execute(
            f"INSERT INTO {SMALL}.{TABLE} SELECT * FROM public.{TABLE} ORDER BY id LIMIT {count}"
        )
        cursor.execute(f"VACUUM ANALYZE {SMALL}.{TABLE}")


def agent() -> Any:
    """Sign an agent in."""
    from django.test import Client

    from seoul_health.core.models import RoleGrant, StaffUser

    user = StaffUser.objects.create_user("bench-agent", password="Demo-pass-9988", is_staff=True)
    RoleGrant.objects.create(user=user, role="agent", granted_by="system:bench")
    client = Client()
    client.force_login(user, backend="seoul_health.core.roles.RoleBackend")
    client.user = user
    return client


def page_time(visit: Callable[[], Any], *, schema: str) -> Callable[[], float]:
    """Give what measures one page in milliseconds, in one of the two schemas."""

    def measure() -> float:
        with connection.cursor() as cursor:
            cursor.execute(f"SET search_path TO {schema}, public")
        started = time.perf_counter()
        for _ in range(CALLS):
            answer = visit()
        spent = time.perf_counter() - started
        with connection.cursor() as cursor:
            cursor.execute("SET search_path TO public")
        assert answer.status_code == 200, answer.status_code
        assert "C-B-" in answer.content.decode() or FIND in answer.content.decode()
        return spent / CALLS * 1000

    return measure


def desk_200k_vs_2k() -> None:
    client = build(200_000)
    say("200,000 complaints are there")
    visits = {
        "landing": lambda: client.get("/desk/"),
        "waiting": lambda: client.get("/desk/queue/?tab=waiting"),
        "search": lambda: client.post("/desk/find/", {"q": FIND}),
    }
    figures = [
        alternate(
            f"desk_200k_vs_2k:{name}",
            ours=page_time(visit, schema="public"),
            baseline=page_time(visit, schema=SMALL),
            unit="ms",
            better="lower",
            n=200_000,
        )
        for name, visit in visits.items()
    ]
    worst = max(figures, key=lambda figure: figure.ratio)
    Figure(
        "desk_200k_vs_2k", worst.ratio, "lower", worst.ours, worst.baseline, "ms", 200_000
    ).show()
    pulse(client)


def pulse(client: Any) -> None:
    """Say which share of a core the pulses of a full house take; above a tenth is too much."""
    address = f"/desk/pulse/?tab=mine&case={FIND}"
    mark = client.get(address)["ETag"]
    began = time.process_time()
    for _ in range(PULSES):
        answer = client.get(address, headers={"If-None-Match": mark})
        assert answer.status_code in {200, 304}, answer.status_code
    each = (time.process_time() - began) / PULSES
    share = each * AGENTS / EVERY
    Figure(
        "desk_pulse_200_agents", round(share / 0.1, 3), "lower", round(each * 1000, 2),
        round(share * 100, 1), "ms of a core each, % of a core for all", AGENTS,
    ).show()  # fmt: skip
