"""Campaigns for tests: drafted by one, opened by another."""

from datetime import date
from typing import Any

from points.models import Campaign
from points.services.campaigns import open_places
from seoul_health.core import clock
from seoul_health.core.models import StaffUser

FIRST, LAST = date(2026, 3, 2), date(2026, 3, 29)


def draft(by: StaffUser, code: str = "spring", **terms: Any) -> Campaign:
    """Draft a campaign of 10,000 steps on a day, for the first two people."""
    known: dict[str, Any] = {
        "name_ko": "봄맞이 걷기", "name_en": "Spring walk", "starts_on": FIRST, "ends_on": LAST,
        "kind": "steps", "steps": 10_000, "points": 2_000, "places": 2, "requested_by": by,
    }  # fmt: skip
    if terms.get("kind", "steps") != "steps":
        known["steps"] = None
    return Campaign.objects.create(code=code, **{**known, **terms})


def opened(make_staff: Any, code: str = "spring", **terms: Any) -> Campaign:
    """Open a campaign as of whenever it began."""
    campaign = draft(make_staff("finance_officer"), code, **terms)
    approver = make_staff("finance_approver")
    campaign.move("released", by=approver, decided_by=approver, decided_at=clock.now())
    open_places(campaign)
    return campaign
