"""What beat wakes up. Every entry is a sweep that may run twice or never."""

from typing import Any

from celery.schedules import crontab

BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "send due payouts": {"task": "points.send_due_payouts", "schedule": 20.0},
    "resolve unknown payouts": {"task": "points.resolve_unknown_payouts", "schedule": 60.0},
    "settle yesterday": {"task": "points.settle_yesterday", "schedule": crontab(hour=1, minute=10)},
    "settle last week": {
        "task": "points.settle_last_week",
        "schedule": crontab(hour=2, minute=10, day_of_week="tue"),
    },
    "sweep campaigns": {
        "task": "points.sweep_campaigns",
        "schedule": crontab(hour=2, minute=40),
    },
    "resume simulations": {"task": "points.resume_simulations", "schedule": 300.0},
    "scan for misuse": {
        "task": "points.scan_for_misuse",
        "schedule": crontab(hour=0, minute=40),
    },
    "find down-revisions": {
        "task": "points.find_down_revisions",
        "schedule": crontab(hour=4, minute=40),
    },
    "resume hold releases": {"task": "points.resume_hold_releases", "schedule": 300.0},
    "take due claw-backs": {
        "task": "points.take_due_clawbacks",
        "schedule": crontab(hour=3, minute=40),
    },
    "resume settlements": {"task": "points.resume_settlements", "schedule": 300.0},
    "watch budgets": {"task": "points.watch_budgets", "schedule": 60.0},
    "foresee budgets": {"task": "points.foresee_budgets", "schedule": crontab(hour=7, minute=10)},
    "fund what waits": {"task": "points.fund_waiting", "schedule": 600.0},
    "expire points": {"task": "points.expire_points", "schedule": crontab(hour=3, minute=10)},
    "resume expiry": {"task": "points.resume_expiry", "schedule": 300.0},
    "count what expires": {"task": "points.count_expiry", "schedule": crontab(hour=4, minute=10)},
    "announce expiry": {"task": "points.announce_expiry", "schedule": crontab(hour=9, minute=10)},
    "tell of extensions": {"task": "points.tell_of_extensions", "schedule": 300.0},
    "reconcile yesterday": {
        "task": "points.reconcile_yesterday",
        "schedule": crontab(hour=5, minute=10),
    },
    "checkpoint pots": {"task": "points.checkpoint_pots", "schedule": crontab(minute=35)},
    "prove points": {"task": "points.prove_points", "schedule": crontab(hour=6, minute=10)},
    "select first come": {"task": "participants.select_due_lanes", "schedule": 10.0},
    "seat those who go on": {"task": "participants.confirm_continuing", "schedule": 10.0},
    "lapse offers": {"task": "participants.lapse_offers", "schedule": 60.0},
    "tell of seats": {"task": "participants.tell_of_seats", "schedule": 20.0},
    "carry waiting lists over": {"task": "participants.carry_over_due", "schedule": 120.0},
    "carry out published draws": {"task": "participants.carry_out_draws", "schedule": 60.0},
    "open and close rounds": {"task": "participants.turn_rounds", "schedule": 30.0},
    "work off approval batches": {"task": "participants.work_off_batches", "schedule": 30.0},
    "ask again where people live": {"task": "participants.recheck_residence", "schedule": 300.0},
    "drop papers without a row": {
        "task": "participants.drop_orphan_papers",
        "schedule": crontab(hour=4, minute=40),
    },
    "note seniority": {
        "task": "participants.note_seniority",
        "schedule": crontab(hour=0, minute=20),
    },
    "resume round counts": {"task": "participants.resume_round_counts", "schedule": 60.0},
    "drop stale tokens": {
        "task": "participants.drop_stale_tokens",
        "schedule": crontab(hour=4, minute=20),
    },
    "send due notices": {"task": "participants.send_due_notices", "schedule": 10.0},
    "ask message receipts": {"task": "participants.ask_message_receipts", "schedule": 30.0},
    "drop old notices": {"task": "participants.drop_old_notices", "schedule": 300.0},
    "reserve waiting watches": {"task": "devices.reserve_waiting", "schedule": 30.0},
    "resume allocations": {"task": "devices.resume_allocations", "schedule": 60.0},
    "make slots": {"task": "devices.make_slots", "schedule": crontab(hour=0, minute=5)},
    "tend calls back": {"task": "devices.tend_calls", "schedule": 60.0},
    "tend slots": {"task": "devices.tend_slots", "schedule": 30.0},
    "find silent watches": {
        "task": "devices.find_silent",
        "schedule": crontab(hour=5, minute=10),
    },
    "climb the ladder of recovery": {
        "task": "devices.climb_ladder",
        "schedule": crontab(hour=9, minute=20),
    },
    "drop forgotten deliveries": {
        "task": "devices.drop_manifests",
        "schedule": crontab(hour=3, minute=50),
    },
    "put recovery tasks back": {"task": "devices.release_recovery_tasks", "schedule": 600.0},
    "ask the courier": {"task": "devices.ask_courier", "schedule": 60.0},
    "drop old stock reports": {
        "task": "devices.drop_old_stock_reports",
        "schedule": crontab(hour=4, minute=50),
    },
    "turn receipt days": {
        "task": "devices.turn_receipt_days",
        "schedule": crontab(hour=4, minute=40),
    },
    "receive arrived complaints": {"task": "complaints.receive_arrived", "schedule": 60.0},
    "tend alarms": {"task": "complaints.tend_alarms", "schedule": 10.0},
    "forget where people were": {"task": "complaints.forget_positions", "schedule": 3600.0},
    "tend merged complaints": {"task": "complaints.tend_merges", "schedule": 30.0},
    "tend promises to the public": {"task": "complaints.tend_promises", "schedule": 60.0},
    "make incidents good": {"task": "complaints.make_good", "schedule": 60.0},
    "tell those an incident has touched": {
        "task": "complaints.tell_affected",
        "schedule": 60.0,
    },
    "work off bulk steps": {"task": "complaints.work_off_bulk", "schedule": 20.0},
    "compute due times anew": {"task": "complaints.recompute_deadlines", "schedule": 60.0},
    "remind late departments": {
        "task": "complaints.remind_departments",
        "schedule": crontab(hour=9, minute=5, day_of_week="mon-fri"),
    },
    "tell of progress": {
        "task": "complaints.tell_progress",
        "schedule": crontab(hour=10, minute=5),
    },
    "warn of complaints falling due": {
        "task": "complaints.warn_of_due",
        "schedule": crontab(minute="*/10"),
    },
}
# Without workers the doorbells would pile up; a later one asks for the same sweep.
for entry in BEAT_SCHEDULE.values():
    if isinstance(entry["schedule"], float):
        entry["options"] = {"expires": max(60.0, 3 * entry["schedule"])}
