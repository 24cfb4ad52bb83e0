"""Whom a notice is told to besides being kept: the citizen's phone, and the system it came from."""

from django.utils import translation

from complaints.models import Complaint, InboundRecord, Message, OutboundAnswer
from complaints.models.complaints import Channel
from participants.services import notices
from participants.services.notices import Planned
from seoul_health.core.clock import KST

FROM_ELSEWHERE = frozenset({Channel.EUNGDAPSO, Channel.DASAN})


def tell(message: Message) -> None:
    """Plan a message to the citizen, and an answer to the other system under its own number."""
    if message.purpose == Message.Purpose.TEXT or message.author != Message.Author.STAFF:
        return
    complaint = message.complaint
    if complaint.participant_id is not None:
        values = {
            "receipt_no": complaint.receipt_no,
            "what": in_korean(message),
            "department": message.department,
            "contact": message.contact,
        }
        planned = Planned(complaint.participant_id, f"message:{message.pk}", values)
        notices.insert(notices.current("complaint_notice"), [planned])
    if complaint.channel in FROM_ELSEWHERE:
        send_back(complaint, message)


def in_korean(message: Message) -> str:
    """Name a notice as citizens read it, whatever language its author works in."""
    with translation.override("ko"):
        return str(message.get_purpose_display())


def send_back(complaint: Complaint, message: Message) -> None:
    filed = complaint.inbound.filter(kind=InboundRecord.Kind.FILED).first()
    if filed is not None:
        OutboundAnswer.objects.create(
            source=filed.source, reference=filed.reference, message=message
        )


def tell_received(complaint: Complaint) -> None:
    """Tell a citizen of the app that the complaint was received, and until when it is answered."""
    if complaint.participant_id is None or complaint.due_at is None:
        return
    values = {
        "receipt_no": complaint.receipt_no,
        "due": f"{complaint.due_at.astimezone(KST):%Y-%m-%d %H:%M}",
    }
    planned = Planned(complaint.participant_id, f"received:{complaint.pk}", values)
    notices.insert(notices.current("complaint_received"), [planned])
