"""When each nightly job last ran, and what came of it."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from points.models import Proof, Reconciliation, Settlement
from seoul_health.core.models import StaffUser


def of(user: StaffUser) -> list[dict[str, Any]]:
    jobs = [
        (user.has_perm("points.view_settlement"), last_settlement),
        (user.has_perm("points.view_reconciliation"), last_reconciliation),
        (user.has_perm("points.view_proof"), last_proof),
    ]
    found = [job() for may, job in jobs if may]
    return [job for job in found if job]


def page(model: str, pk: int) -> str:
    return reverse(f"admin:points_{model}_change", args=[pk])


def last_settlement() -> dict[str, Any] | None:
    row = Settlement.objects.order_by("-pk").first()
    if row is None:
        return None
    outcome = _("{posted} awards posted").format(posted=f"{row.posted:,}")
    return {
        "name": _("Sweep of {kind} {period}").format(
            kind=row.get_kind_display(), period=row.period
        ),
        "at": row.finished_at or row.started_at,
        "outcome": outcome if row.finished_at else row.get_status_display(),
        "tone": "ok" if row.finished_at else "info",
        "url": page("settlement", row.pk),
    }


def last_reconciliation() -> dict[str, Any] | None:
    row = Reconciliation.objects.order_by("-pk").first()
    if row is None:
        return None
    differing = row.ours_only + row.theirs_only + row.amount_differs
    return {
        "name": _("Reconciliation of {day}").format(day=row.day),
        "at": row.at,
        "outcome": _("All matched") if row.is_clean else _("{n} differ").format(n=differing),
        "tone": "ok" if row.is_clean else "danger",
        "url": page("reconciliation", row.pk),
    }


def last_proof() -> dict[str, Any] | None:
    row = Proof.objects.order_by("-pk").first()
    if row is None:
        return None
    return {
        "name": _("Proof of points"),
        "at": row.at,
        "outcome": _("Proved") if row.ok else _("Gaps found"),
        "tone": "ok" if row.ok else "danger",
        "url": page("proof", row.pk),
    }
