"""Two matters in one complaint become two, each with its own number and clock."""

from collections.abc import Sequence

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from complaints.errors import ComplaintClosed, TextNeeded
from complaints.models import Attachment, Category, Complaint, Kind, Message, Split
from seoul_health.core import audit
from seoul_health.core.errors import ReasonNeeded
from seoul_health.core.models import StaffUser

from .intake import Slip, number, receive, slip_of
from .steps import hold, say, touch


@transaction.atomic
def split(
    origin: Complaint,
    *,
    category: Category,
    title: str,
    text: str,
    reason: str,
    version: int,
    by: StaffUser,
    attachments: Sequence[Attachment] = (),
) -> Slip:
    """Make the second matter a complaint of its own, received when the first one was."""
    if not reason.strip():
        raise ReasonNeeded
    if not (title.strip() and text.strip()):
        raise TextNeeded
    hold(origin, version=version)
    if not origin.is_open or origin.received_at is None:
        raise ComplaintClosed(complaint=origin)
    part = part_of(origin, category=category, title=title.strip(), text=text.strip())
    number(part)
    receive(part, by=by, at=origin.clock_from)
    Split.objects.create(origin=origin, part=part, reason=reason.strip(), split_by=by.actor_name)
    take_along(part, attachments)
    tell_of_split(origin, part, by=by)
    touch(origin)
    audit.record("split_off", origin, by=by, receipt_no=part.receipt_no, why=reason.strip())
    audit.record("filed", part, by=by, channel=part.channel, receipt_no=origin.receipt_no)
    return slip_of(part)


def part_of(origin: Complaint, *, category: Category, title: str, text: str) -> Complaint:
    """Lay out the second matter: the same person, channel and arrival."""
    kind = category.default_kind
    return Complaint(
        participant=origin.participant,
        guest_name=origin.guest_name,
        guest_phone=origin.guest_phone,
        category=category,
        kind=kind,
        published_days=category.published_days if kind == Kind.STATUTORY else None,
        title=title,
        text=text,
        channel=origin.channel,
        about_date=origin.about_date,
        loan=origin.loan,
        transfer=origin.transfer,
        arrived_at=origin.arrived_at,
    )


def take_along(part: Complaint, attachments: Sequence[Attachment]) -> None:
    """Let chosen attachments stand with both; the file itself is kept once."""
    for row in attachments:
        Attachment.objects.create(
            complaint=part,
            file=row.file.name,
            name=row.name,
            media_type=row.media_type,
            size=row.size,
            pages=row.pages,
            sha256=row.sha256,
            kept_sha256=row.kept_sha256,
            uploaded_by=row.uploaded_by,
            uploaded_at=row.uploaded_at,
            is_internal=row.is_internal,
        )


def tell_of_split(origin: Complaint, part: Complaint, *, by: StaffUser) -> None:
    with translation.override(settings.LANGUAGE_CODE):
        text = _(
            "Your complaint holds two matters. “{title}” goes on under receipt number "
            "{receipt_no}, with a clock of its own from the same day."
        ).format(title=part.title, receipt_no=part.receipt_no)
    say(origin, Message.Author.STAFF, text, by=by, agent=by)
