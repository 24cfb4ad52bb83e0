"""The tone of a status: the same word has the same colour on every screen."""

from collections.abc import Mapping

OK, INFO, WARN, DANGER, NEUTRAL = "ok", "info", "warn", "danger", "neutral"

WORDS: Mapping[str, frozenset[str]] = {
    OK: frozenset(
        {
            "accepted", "active", "answered", "approved", "balanced", "completed", "confirmed",
            "delivered", "done", "held", "in_stock", "kept", "live", "matched", "ok", "open",
            "paid", "passed", "posted", "returned", "running", "selected", "succeeded", "valid",
        }
    ),
    INFO: frozenset(
        {
            "allocated", "announced", "approval", "assigned", "consulting", "drawn", "in_progress",
            "in_transit", "inspecting", "on_loan", "received", "requested", "reserved",
            "returning", "sending", "shipped", "started", "submitted", "taken", "under_review",
        }
    ),
    WARN: frozenset(
        {
            "awaiting_inspection", "differs", "in_repair", "on_hold", "ours_only", "overdue_soon",
            "pending_intake", "quarantined", "replaced", "recall_requested", "reopened",
            "supplement_requested", "suspended", "theirs_only", "unknown", "waiting", "waitlisted",
        }
    ),
    DANGER: frozenset(
        {
            "amount_differs", "breached", "broken", "damaged", "failed", "lost", "missed",
            "overdue", "refused", "rejected", "stopped",
        }
    ),
}  # fmt: skip

ICONS: Mapping[str, str] = {
    OK: "circle-check",
    INFO: "info",
    WARN: "triangle-alert",
    DANGER: "circle-alert",
    NEUTRAL: "minus",
}


def tone_of(status: str) -> str:
    """Give the tone of a status word; one nobody placed is neutral."""
    return next((tone for tone, words in WORDS.items() if status in words), NEUTRAL)
