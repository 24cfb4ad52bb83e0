"""Pop-ups and banners of the app: written, published for a span of time, taken down."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from complaints.errors import TextNeeded
from complaints.models import Incident, Notice
from seoul_health.core import audit, clock
from seoul_health.core.models import StaffUser

MOST = 20


@dataclass(frozen=True, slots=True)
class Words:
    """What a notice says, and where and how gravely."""

    placement: str
    tone: str
    title: str
    text: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@transaction.atomic
def write_notice(words: Words, *, by: StaffUser, incident: Incident | None = None) -> Notice:
    """Write a notice; nobody sees it before it is published."""
    if not (words.title.strip() and words.text.strip()):
        raise TextNeeded
    notice = Notice(
        incident=incident,
        placement=words.placement,
        tone=words.tone,
        title=words.title.strip(),
        text=words.text.strip(),
        starts_at=words.starts_at or clock.now(),
        ends_at=words.ends_at,
        written_by=by.actor_name,
    )
    notice.full_clean(validate_constraints=False)
    notice.save()
    audit.record("drafted", notice, by=by, placement=notice.placement)
    return notice


def publish(notice: Notice, *, by: StaffUser) -> None:
    notice.move(Notice.Status.PUBLISHED, by=by, published_at=clock.now())


def withdraw(notice: Notice, *, by: StaffUser) -> None:
    notice.move(Notice.Status.WITHDRAWN, by=by)


def shown_now(placement: str = "") -> Iterable[Notice]:
    """Give the notices that the app shows now."""
    rows = Notice.objects.shown(clock.now()).select_related("incident")
    return (rows.filter(placement=placement) if placement else rows)[:MOST]
