"""Photographs and papers kept with what happened to a watch."""

from collections.abc import Mapping

from django.db import transaction

from devices.errors import TooManyPapers
from devices.models import DataWipe, DisposalBatch, Inspection, RepairTicket, WatchPaper
from seoul_health.core import audit
from seoul_health.core.audit import Actor
from seoul_health.core.files import Sent, cleaned, keep

Event = Inspection | DataWipe | RepairTicket | DisposalBatch
OWNERS: Mapping[type[Event], str] = {
    Inspection: "inspection",
    DataWipe: "wipe",
    RepairTicket: "repair",
    DisposalBatch: "disposal",
}
MOST = 12


def attach(event: Event, content: bytes, claimed_type: str, *, by: Actor) -> WatchPaper:
    """Keep what is clean of a photograph or paper; the same one again is the same row."""
    return keep_with(event, cleaned(content, claimed_type), by=by)


@transaction.atomic
def keep_with(event: Event, sent: Sent, *, by: Actor) -> WatchPaper:
    type(event)._base_manager.select_for_update(of=("self",)).get(pk=event.pk)
    known: WatchPaper | None = event.papers.filter(sha256=sent.sha256).first()
    if known is not None:
        return known
    if event.papers.count() >= MOST:
        raise TooManyPapers(limit=MOST)
    row = WatchPaper(uploaded_by=by.actor_name, **{OWNERS[type(event)]: event})
    kept = keep(row, sent)
    audit.record("attached", event, by=by, paper=kept.pk)
    return kept
