"""Choosing among many at once, and taking in one application after the other."""

import json
import os
import time
import uuid
from datetime import timedelta

from django.db import connection

from participants.models import Application, EligibilityRule, Lane, Quota, RecruitmentRound
from participants.services import selection, tokens
from seoul_health.core import clock
from seoul_health.core.audit import System
from tests.bench.http import rate, request, web_server
from tests.bench.measure import alternate
from tests.bench.people import newcomers

SIZE, MILLION = 100_000, 1_000_000
CALLS = 1_200

PEOPLE = """
INSERT INTO participants_participant (public_id, number, ci_hash, district, is_resident,
    verified_at)
SELECT gen_random_uuid(), 'P-S-' || n, md5('s' || n) || md5(n || 's'), '종로구', true, now()
FROM generate_series(1, %(size)s) AS n
"""
APPROVED = """
INSERT INTO participants_application (public_id, receipt_no, participant_id, round_id, lane_id,
    quota_id, basis, status, paper_no, sequence, submitted_at, decided_at, rule_id,
    failed_rules, reason, promised_on)
SELECT gen_random_uuid(), 'A-S-' || id, id, %(round)s, %(lane)s, %(quota)s, 'resident',
    'approved', '', row_number() OVER (ORDER BY id), now(), now(), %(rule)s, '{}', '', current_date
FROM participants_participant WHERE number LIKE 'P-S-%%' ORDER BY id
"""
EMPTY = "TRUNCATE participants_offer, participants_application, core_auditevent CASCADE"


def select_vs_bare_insert() -> None:
    compare("select_vs_bare_insert", SIZE)


def select_vs_bare_insert_1m() -> None:
    compare("select_vs_bare_insert", MILLION)


def compare(name: str, size: int) -> None:
    """Seat, offer and audit so many approved, against writing as many rows of the same table."""
    lane = lay_out(f"select-{size}", seats=size)
    run(PEOPLE, size=size)
    run("CREATE TABLE bare (LIKE participants_application INCLUDING ALL)")
    refill(lane)
    alternate(
        name,
        ours=lambda: seconds_to_select(lane, size),
        baseline=lambda: seconds_to_insert(size),
        unit="ms",
        better="lower",
        n=size,
    )
    run("DROP TABLE bare")
    run(EMPTY)  # Their places were invented; the next real one would meet them.


def lay_out(code: str, *, seats: int, method: str = Lane.Method.FIRST_COME) -> Lane:
    today = clock.today()
    found = RecruitmentRound.objects.create(
        code=code,
        name=code,
        starts_on=today + timedelta(days=30),
        ends_on=today + timedelta(days=200),
    )
    lane = Lane.objects.create(
        round=found,
        kind=Lane.Kind.OWN_DEVICE,
        method=method,
        opens_at=clock.now() - timedelta(days=1),
        closes_at=clock.now() + timedelta(days=9),
    )
    Quota.objects.create(lane=lane, code="general", seats=seats)
    EligibilityRule.objects.create(
        round=found, effective_from=today, reference_date=today, bases=["resident"]
    )
    for status in ("announced", "open"):
        RecruitmentRound.objects.filter(pk=found.pk).update(status=status)
    found.refresh_from_db()
    return lane


def refill(lane: Lane) -> None:
    """Put everybody back to approved, in tables without dead rows."""
    run(EMPTY)
    rule, quota = lane.round.rules.get(), lane.quotas.get()
    run(APPROVED, round=lane.round_id, lane=lane.pk, quota=quota.pk, rule=rule.pk)
    run("VACUUM ANALYZE participants_application")


def seconds_to_select(lane: Lane, size: int) -> float:
    refill(lane)
    started = time.perf_counter()
    given = selection.select_lane(lane, by=System("bench"))
    seconds = time.perf_counter() - started
    assert given == size, f"{given} of {size} were selected"
    return seconds * 1000


def seconds_to_insert(size: int) -> float:
    """Write the chosen rows into a table with the same columns, checks and indexes."""
    run("TRUNCATE bare")
    started = time.perf_counter()
    run("INSERT INTO bare SELECT * FROM participants_application WHERE status = 'selected'")
    seconds = time.perf_counter() - started
    assert Application.objects.filter(status="selected").count() == size
    return seconds * 1000


def run(statement: str, **terms: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, terms or None)


def apply_api_vs_empty_view() -> None:
    """POST an application and submit it, against an authenticated view that does nothing."""
    lane = lay_out("apply", seats=10_000_000)
    passes = [tokens.issue(person, device="bench").access for person in newcomers(CALLS * 4)]
    waves = iter([passes[start : start + CALLS] for start in range(0, CALLS * 4, CALLS)])
    env = {"DATABASE_URL": os.environ["DATABASE_URL"], "THROTTLE_CALLER": "1000000/min"}
    path = f"/api/v1/rounds/{lane.round.code}/applications/"
    with web_server({**env, "LOG_REQUESTS": "0"}) as (port, _pid):
        alternate(
            "apply_api_vs_empty_view",
            ours=lambda: rate(port, posts(path, next(waves)), b"201"),
            baseline=lambda: rate(port, posts("/api/v1/bench/empty/", passes[:CALLS]), b"202"),
            unit="requests/s",
            better="higher",
            n=CALLS,
        )


def posts(path: str, passes: list[str]) -> list[bytes]:
    wish = {"lane": "own_device", "basis": "resident", "submit": True}
    return [
        request(
            "POST",
            path,
            headers={"Authorization": f"Bearer {one}", "Idempotency-Key": str(uuid.uuid4())},
            body=json.dumps(wish).encode(),
        )
        for one in passes
    ]
