"""One answer for many: merged complaints keep their number, their clock and their notice.

Locks: whoever needs a complaint and its lead takes both by pk (`hold_all`). A merge only touches
its lead, so that whoever answers the lead has read what was added to it. Answers reach the
merged ones from a row (`Merge.answer`): a job gives them out, each in a transaction of its own.
"""

from collections.abc import Iterable, Sequence

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from complaints.errors import (
    AlreadyMerged,
    CannotLead,
    LeadsOthers,
    MergedWithItself,
    NothingChosen,
    NotMerged,
    OtherPurpose,
    OutdatedVersion,
    TooFewToMerge,
)
from complaints.models import Complaint, Merge, Message
from complaints.models.complaints import RUNNING, STOPPED
from complaints.rules.merging import SAME_PURPOSE, Obstacle, Voice, obstacle
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.db import constraint
from seoul_health.core.errors import ReasonNeeded
from seoul_health.core.models import StaffUser

from .steps import say, touch

Status = Complaint.Status


@transaction.atomic
def merge(
    lead: Complaint,
    children: Sequence[Complaint],
    *,
    purpose: str,
    by: StaffUser,
    version: int | None = None,
) -> list[Merge]:
    """Let complaints of one purpose be answered together with the lead."""
    if not purpose.strip():
        raise ReasonNeeded
    hold_all([lead, *children])
    if version is not None and version != lead.version:
        raise OutdatedVersion(complaint=lead, mine=version, theirs=lead.version)
    check_group(lead, children)
    return [join(child, lead, purpose=purpose.strip(), by=by) for child in children]


def hold_all(complaints: Sequence[Complaint]) -> None:
    """Lock several complaints by pk and see them as they are now."""
    chosen = {complaint.pk: complaint for complaint in complaints}
    rows = Complaint.objects.select_for_update(of=("self",)).filter(pk__in=chosen)
    locked = {row.pk: row for row in rows.order_by("pk")}
    for complaint in complaints:
        for field in ("status", "version", "due_at", "handler_id", "reopened_at", "reopen_count"):
            setattr(complaint, field, getattr(locked[complaint.pk], field))


def check_group(lead: Complaint, children: Iterable[Complaint]) -> None:
    """Refuse a group the law does not let be answered together."""
    voices = [voice_of(each) for each in (lead, *children, *merged_into(lead))]
    people = {voice.person for voice in voices}
    match obstacle(voices):
        case Obstacle.ALONE:
            raise NothingChosen
        case Obstacle.OTHER_PURPOSE:
            raise OtherPurpose
        case Obstacle.TOO_FEW:
            raise TooFewToMerge(needed=SAME_PURPOSE, people=len(people))


def voice_of(complaint: Complaint) -> Voice:
    """Tell people apart: by their account, or as a guest by the phone number they left."""
    guest = "".join(sign for sign in complaint.guest_phone or "" if sign.isdigit())
    person = complaint.participant_id or f"guest:{guest or complaint.receipt_no}"
    return Voice(str(person), complaint.category_id)


def merged_into(lead: Complaint) -> list[Complaint]:
    rows = Merge.objects.into(lead).select_related("child", "child__participant")
    return [row.child for row in rows]


def join(child: Complaint, lead: Complaint, *, purpose: str, by: StaffUser) -> Merge:
    """Merge one complaint; both are held."""
    if child.pk == lead.pk:
        raise MergedWithItself(complaint=child)
    if lead.status not in {*RUNNING, *STOPPED}:
        raise CannotLead(complaint=lead, state=lead.get_status_display())
    if child.status == Status.MERGED:
        raise AlreadyMerged(complaint=child)
    if Merge.objects.into(child).exists():
        raise LeadsOthers(complaint=child)
    was_status, was_with = child.status, child.handler_id
    child.move(Status.MERGED, by=by, why=purpose, handler=None, version=child.version + 1)
    with constraint("one_live_merge_per_complaint", AlreadyMerged(complaint=child)):
        row = Merge.objects.create(
            lead=lead,
            child=child,
            purpose=purpose,
            merged_by=by.actor_name,
            was_status=was_status,
            was_with_id=was_with,
        )
    tell_of_merge(child, by=by)
    touch(lead)
    audit.record("merged_in", lead, by=by, receipt_no=child.receipt_no, why=purpose)
    return row


def tell_of_merge(child: Complaint, *, by: StaffUser) -> None:
    with translation.override(settings.LANGUAGE_CODE):
        text = _(
            "Several people have raised the same matter; it is looked into together. Your receipt "
            "number {receipt_no} and its due time stay as they are, and the answer comes to you "
            "under your own number."
        ).format(receipt_no=child.receipt_no)
    say(child, Message.Author.STAFF, text, by=by, agent=by)


@transaction.atomic
def unmerge(child: Complaint, *, why: str, by: StaffUser) -> None:
    """Take a complaint out of a merge: back to where it was, with the agent it had."""
    if not why.strip():
        raise ReasonNeeded
    row = hold_with_lead(child)
    if row is None or child.status != Status.MERGED:
        raise NotMerged(complaint=child)
    end(row, Merge.Outcome.UNMERGED)
    go_back(child, row, by=by, why=why.strip())
    with translation.override(settings.LANGUAGE_CODE):
        text = _(
            "Your complaint is looked into by itself again. Its number and clock are the same."
        )
    say(child, Message.Author.STAFF, text, by=by, agent=by)
    touch(row.lead)
    audit.record("taken_out", row.lead, by=by, receipt_no=child.receipt_no, why=why.strip())


def hold_with_lead(complaint: Complaint) -> Merge | None:
    """Lock a complaint, and its lead if it is merged; give what binds the two."""
    found = Merge.objects.live().filter(child=complaint).select_related("lead").first()
    hold_all([complaint, found.lead] if found else [complaint])
    live = Merge.objects.live().filter(child=complaint).first()
    if found is None or live != found:
        return None
    return found


def end(row: Merge, outcome: str) -> None:
    """End a merge once."""
    live = Merge.objects.live().filter(pk=row.pk)
    if not live.update(outcome=outcome, ended_at=clock.now()):
        raise NotMerged(complaint=row.child)


def go_back(child: Complaint, row: Merge, *, by: Actor, why: str) -> None:
    """Put a held complaint back where it was before the merge."""
    back = Status.REOPENED if child.reopen_count else Status.RECEIVED
    child.move(back, by=by, why=why, handler=None, version=child.version + 1)
    agent = row.was_with
    if agent is None or not agent.is_active:
        return
    child.move(Status.ASSIGNED, by=by, handler=agent, version=child.version + 1)
    if row.was_status == Status.IN_PROGRESS:
        child.move(Status.IN_PROGRESS, by=by, version=child.version + 1)
