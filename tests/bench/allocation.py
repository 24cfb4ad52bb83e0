"""Setting 100,000 watches aside for those who wait, against a bare update of as many watches."""

import time

from django.db import connection

from devices.models import Allocation, DeviceModel, Lot
from devices.services import allocation
from participants.models import Lane
from seoul_health.core import clock
from seoul_health.core.audit import System
from seoul_health.core.models import StaffUser
from tests.bench.measure import alternate
from tests.bench.recruitment import PEOPLE, lay_out, run

SIZE = 100_000
SEATED = """
INSERT INTO participants_application (public_id, receipt_no, participant_id, round_id, lane_id,
    quota_id, basis, status, paper_no, sequence, submitted_at, decided_at, rule_id,
    failed_rules, reason, promised_on, seat_id, seat_no)
SELECT gen_random_uuid(), 'A-S-' || id, id, %(round)s, %(lane)s, %(quota)s, 'resident',
    'confirmed', '', n, now(), now(), %(rule)s, '{}', '', current_date, %(quota)s, n
FROM (SELECT id, row_number() OVER (ORDER BY id) AS n
    FROM participants_participant WHERE number LIKE 'P-S-%%') AS person
"""
STARTED = """
INSERT INTO participants_participation (public_id, participant_id, round_id, application_id,
    rule_id, basis, needs_watch, status, starts_on, ends_on)
SELECT gen_random_uuid(), participant_id, round_id, id, rule_id, basis, true, 'active',
    current_date, current_date + 180
FROM participants_application ORDER BY id
"""
WATCHES = """
INSERT INTO devices_device (serial, asset_no, imei, mac, lot_id, status, holds_personal_data,
    grade)
SELECT 'BN-' || lpad(n::text, 7, '0'), '', '', '', %(lot)s, 'in_stock', false, 'A'
FROM generate_series(1, %(size)s) AS n
"""
BARE = """
UPDATE devices_device AS device SET status = 'allocated'
FROM (SELECT id FROM devices_device WHERE status = 'in_stock' ORDER BY id LIMIT %(size)s) AS some_of
WHERE device.id = some_of.id
"""
EMPTY = "TRUNCATE devices_loan, devices_device, devices_allocation, core_auditevent CASCADE"


def allocate_vs_bare_update() -> None:
    lane = lay_out(f"allocate-{SIZE}", seats=SIZE)
    Lane.objects.filter(pk=lane.pk).update(kind=Lane.Kind.OWN_DEVICE)
    rule, quota = lane.round.rules.get(), lane.quotas.get()
    run(PEOPLE, size=SIZE)
    run(SEATED, round=lane.round_id, lane=lane.pk, quota=quota.pk, rule=rule.pk)
    run(STARTED)
    run("VACUUM ANALYZE participants_participation")
    alternate(
        "allocate_vs_bare_update",
        ours=lambda: milliseconds_to_allocate(lane),
        baseline=milliseconds_to_update,
        unit="ms",
        better="lower",
        n=SIZE,
    )
    run(EMPTY)
    run("TRUNCATE participants_participation, participants_application CASCADE")


def refill() -> None:
    """Put every watch back into stock, in tables without dead rows."""
    run(EMPTY)
    model, _ = DeviceModel.objects.get_or_create(code="bench", defaults={"name": "b", "maker": "b"})
    lot, _ = Lot.objects.get_or_create(
        code="bench",
        defaults={
            "model": model,
            "supplier": "b",
            "contract_no": "b",
            "unit_price": 1,
            "received_on": clock.today(),
        },
    )
    run(WATCHES, lot=lot.pk, size=SIZE)
    run("VACUUM ANALYZE devices_device")


def milliseconds_to_allocate(lane: Lane) -> float:
    refill()
    officer, _ = StaffUser.objects.get_or_create(username="bench")
    asked = Allocation.objects.create(lane=lane, asked_by=officer)
    started = time.perf_counter()
    given = allocation.allocate(asked, by=System("bench"))
    seconds = time.perf_counter() - started
    assert given == SIZE, f"{given} of {SIZE} were set aside"
    return seconds * 1000


def milliseconds_to_update() -> float:
    refill()
    started = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(BARE, {"size": SIZE})
        assert cursor.rowcount == SIZE, f"{cursor.rowcount} of {SIZE} were updated"
    return (time.perf_counter() - started) * 1000
