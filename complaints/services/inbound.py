"""What other systems and papers tell us: each record once, in whatever order it comes."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from complaints.errors import ChangedRecord, TextNeeded, TimeInTheFuture, TimeTooLongAgo
from complaints.models import (
    Category,
    Channel,
    Complaint,
    InboundBatch,
    InboundCategory,
    InboundRecord,
    Source,
)
from complaints.models import Kind as OurKind
from complaints.rules.inbound import AHEAD, LONGEST_AGO, plain_name
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor

from . import citizens
from .intake import Guest, file_complaint
from .merging import hold_with_lead

Kind, Outcome = InboundRecord.Kind, InboundRecord.Outcome
FALLBACK = "suggestion"
CHANNELS = {
    Source.EUNGDAPSO: Channel.EUNGDAPSO,
    Source.DASAN: Channel.DASAN,
    Source.PAPER: Channel.PAPER,
}


@dataclass(frozen=True, slots=True)
class Told:
    """One record as it came; the kind decides which fields mean something."""

    reference: str
    sequence: int
    kind: str
    occurred_at: datetime
    category: str = ""
    title: str = ""
    text: str = ""
    name: str = ""
    phone: str = ""

    @property
    def content_hash(self) -> str:
        words = [self.kind, self.occurred_at.isoformat(), self.category, self.title]
        plain = json.dumps([*words, self.text, self.name, self.phone], ensure_ascii=False)
        return hashlib.sha256(plain.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a record; a repetition gets the first one's answer."""

    record: InboundRecord
    is_repeat: bool = False


@transaction.atomic
def take_in(
    source: str, told: Told, *, by: Actor, batch: InboundBatch | None = None, code: str = ""
) -> Taken:
    """Take one record in, or give what became of it the first time."""
    check_time(told.occurred_at)
    line_up(source, told.reference)
    known = InboundRecord.objects.filter(
        source=source, reference=told.reference, sequence=told.sequence
    ).first()
    if known is not None:
        if known.content_hash != told.content_hash:
            raise ChangedRecord
        return Taken(known, is_repeat=True)
    if told.kind == Kind.FILED:
        return Taken(file_inbound(source, told, by=by, batch=batch, code=code))
    return Taken(follow(source, told, by=by, batch=batch))


def check_time(at: datetime) -> None:
    now = clock.now()
    if at > now + AHEAD:
        raise TimeInTheFuture
    if at < now - LONGEST_AGO:
        raise TimeTooLongAgo


def line_up(source: str, reference: str) -> None:
    """Let only one at a time work on a number of another system."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 20))", [f"{source}:{reference}"]
        )


def file_inbound(
    source: str, told: Told, *, by: Actor, batch: InboundBatch | None, code: str
) -> InboundRecord:
    """File a complaint as of the moment it came to the other system; then what came before it."""
    if not (told.title.strip() or told.text.strip()):
        raise TextNeeded
    category = Category.objects.get(code=code) if code else meaning_of(source, told.category)
    slip = file_complaint(
        None,
        category=category or Category.objects.get(code=FALLBACK),
        title=(told.title.strip() or told.text.strip())[:100],
        text=told.text.strip() or told.title.strip(),
        # Under an unknown word the shorter of the usual periods counts, not the longer one.
        kind="" if category else OurKind.INQUIRY_PROCEDURE,
        channel=CHANNELS[Source(source)],
        by=by,
        guest=Guest(told.name, told.phone) if told.name or told.phone else None,
        arrived_at=min(told.occurred_at, clock.now()),
    )
    record = keep(
        source, told, Outcome.APPLIED, complaint=slip.complaint, batch=batch, lost=category is None
    )
    apply_waiting(record, by=by)
    return record


def meaning_of(source: str, name: str) -> Category | None:
    """Find our category: as staff have said, or because it has the same name."""
    said = InboundCategory.objects.filter(source=source, name=name.strip()[:80])
    if found := said.select_related("category").first():
        return found.category
    plain = plain_name(name)
    offered = Category.objects.offered()
    return next((one for one in offered if plain and plain_name(one.name) == plain), None)


def keep(
    source: str,
    told: Told,
    outcome: str,
    *,
    complaint: Complaint | None,
    batch: InboundBatch | None,
    lost: bool = False,
) -> InboundRecord:
    waits = outcome == Outcome.WAITING
    return InboundRecord.objects.create(
        source=source,
        reference=told.reference,
        sequence=told.sequence,
        kind=told.kind,
        occurred_at=told.occurred_at,
        content_hash=told.content_hash,
        their_category=told.category.strip()[:80],
        is_unmapped=lost,
        outcome=outcome,
        text=told.text if waits else None,
        complaint=complaint,
        batch=batch,
    )


def follow(source: str, told: Told, *, by: Actor, batch: InboundBatch | None) -> InboundRecord:
    """Take in what belongs to a complaint; if that is not here yet, it waits."""
    if told.kind == Kind.ADDED and not told.text.strip():
        raise TextNeeded
    filed = InboundRecord.objects.filter(
        source=source, reference=told.reference, kind=Kind.FILED
    ).first()
    if filed is None:
        return keep(source, told, Outcome.WAITING, complaint=None, batch=batch)
    assert filed.complaint is not None, "what was filed names its complaint"
    outcome = carry_out(filed.complaint, told.kind, told.text, by=by)
    return keep(source, told, outcome, complaint=filed.complaint, batch=batch)


def carry_out(complaint: Complaint, kind: str, text: str, *, by: Actor) -> str:
    """Add to a complaint or withdraw it; what comes after the answer is only kept."""
    hold_with_lead(complaint)
    if not complaint.is_open:
        return Outcome.TOO_LATE
    if kind == Kind.ADDED:
        citizens.write(complaint, text.strip(), by=by)
    else:
        citizens.withdraw(complaint, by=by, why=text.strip()[:200])
    return Outcome.APPLIED


def apply_waiting(filed: InboundRecord, *, by: Actor) -> None:
    """Apply, in their own order, the records that came before their complaint."""
    assert filed.complaint is not None, "what was filed names its complaint"
    rows = InboundRecord.objects.waiting().filter(source=filed.source, reference=filed.reference)
    for record in rows.order_by("sequence"):
        outcome = carry_out(filed.complaint, record.kind, record.text or "", by=by)
        InboundRecord.objects.filter(pk=record.pk).update(
            outcome=outcome, complaint=filed.complaint, text=None
        )


@transaction.atomic
def say_what_it_means(
    record: InboundRecord, *, category: Category, remember: bool, by: Actor
) -> None:
    """Give a complaint filed under an unknown word its category, and remember the word."""
    complaint = record.complaint
    assert complaint is not None, "only filed records are unmapped"
    if remember and record.their_category:
        InboundCategory.objects.update_or_create(
            source=record.source, name=record.their_category, defaults={"category": category}
        )
    InboundRecord.objects.filter(pk=record.pk).update(is_unmapped=False)
    Complaint.objects.filter(pk=complaint.pk).update(category=category)
    audit.record("category_set", complaint, by=by, category=category.code)
