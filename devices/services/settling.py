"""One watch, one submission: looked at, wiped, and put where it belongs, or nothing of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from devices.models import Checklist, Device, Inspection
from devices.services import checklists, inspections, watch_papers
from seoul_health.core.audit import Actor
from seoul_health.core.files import Sent, no_orphans


class Next(models.TextChoices):
    LEAVE = "leave", _("Leave it waiting")
    SHELVE = "shelve", _("Put into stock")
    REPAIR = "repair", _("Send to repair")
    QUARANTINE = "quarantine", _("Quarantine")


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found by a list; an empty grade is what the findings give."""

    checklist: Checklist
    verdicts: Mapping[int, str]
    grade: str = ""
    note: str = ""
    photos: Sequence[Sent] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Wiped:
    method: str
    proof: str = ""
    photos: Sequence[Sent] = field(default_factory=tuple)


def settle(
    device: Device,
    *,
    findings: Findings | None = None,
    wiped: Wiped | None = None,
    to: str = Next.LEAVE,
    why: str = "",
    by: Actor,
) -> Inspection | None:
    """Do with a watch that came back all that was filled in, together."""
    with no_orphans(), transaction.atomic():
        inspection = write_findings(device, findings, by=by) if findings else None
        if wiped:
            record = inspections.wipe(device, method=wiped.method, proof=wiped.proof, by=by)
            for sent in wiped.photos:
                watch_papers.keep_with(record, sent, by=by)
        put(device, to=to, why=why, by=by)
    return inspection


def write_findings(device: Device, findings: Findings, *, by: Actor) -> Inspection:
    inspection = checklists.inspect_by(
        findings.checklist,
        device,
        verdicts=findings.verdicts,
        grade=findings.grade,
        note=findings.note,
        by=by,
    )
    for sent in findings.photos:
        watch_papers.keep_with(inspection, sent, by=by)
    return inspection


def put(device: Device, *, to: str, why: str, by: Actor) -> None:
    if to == Next.SHELVE:
        inspections.shelve(device, by=by)
    elif to == Next.REPAIR:
        inspections.send_to_repair(device, by=by, why=why)
    elif to == Next.QUARANTINE:
        inspections.quarantine(device, by=by, why=why)
