import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import IntegrityError, transaction

from complaints.errors import UnknownSubject
from complaints.models import Category, Channel, ClockEvent, Complaint, Kind
from complaints.rules.clock import Deadline
from complaints.rules.intake import receive_by
from devices.models import Loan
from participants.models import Participant
from points.models import Transfer
from seoul_health.core import audit, clock, crypto
from seoul_health.core.audit import Actor
from seoul_health.core.db import violated
from seoul_health.core.errors import IllegalMove
from seoul_health.core.tasks import enqueue

from .deadlines import current_calendar, deadline_of
from .steps import hold, mark
from .telling import tell_received

LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
SECRET_LENGTH = 16
BATCH = 500
AT_ONCE = frozenset({Channel.PHONE, Channel.COUNTER})


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody without an account; reached only with the receipt number and its secret."""

    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class About:
    """What a complaint is about, as far as the citizen can point to it."""

    day: date | None = None
    loan: Loan | None = None
    transfer: Transfer | None = None


@dataclass(frozen=True, slots=True)
class Slip:
    """The receipt slip (접수증): what a citizen takes home."""

    complaint: Complaint
    secret: str
    deadline: Deadline


NOTHING = About()


@transaction.atomic
def file_complaint(
    participant: Participant | None,
    *,
    category: Category,
    title: str,
    text: str,
    channel: str,
    by: Actor,
    kind: str = "",
    guest: Guest | None = None,
    about: About = NOTHING,
    arrived_at: datetime | None = None,
) -> Slip:
    """Take a complaint in; on the phone and at the counter it is received on the spot.

    What came elsewhere first, or on paper, brings the time it came: from then the law counts.
    """
    check_subject(participant, about)
    kind = kind or category.default_kind
    complaint = Complaint(
        participant=participant,
        guest_name=guest.name if guest else None,
        guest_phone=guest.phone if guest else None,
        category=category,
        kind=kind,
        published_days=category.published_days if kind == Kind.STATUTORY else None,
        title=title,
        text=text,
        channel=channel,
        about_date=about.day,
        loan=about.loan,
        transfer=about.transfer,
        arrived_at=arrived_at or clock.now(),
    )
    number(complaint)
    audit.record("filed", complaint, by=by, channel=channel)
    if channel in AT_ONCE or arrived_at is not None:
        receive(complaint, by=by, at=complaint.arrived_at)
    else:
        enqueue("complaints.receive_arrived")
    return slip_of(complaint)


def check_subject(participant: Participant | None, about: About) -> None:
    """Refuse to link a complaint to what is somebody else's."""
    owner = participant.pk if participant else None
    if about.loan and about.loan.participant_id != owner:
        raise UnknownSubject
    if about.transfer:
        sides = (about.transfer.source, about.transfer.target)
        if owner not in {side.participant_id for side in sides if side.is_purse}:
            raise UnknownSubject


def number(complaint: Complaint) -> None:
    """Give a new complaint its receipt number and store it; a number that is taken is redrawn."""
    for _attempt in range(5):
        complaint.receipt_no = draw_number(complaint.arrived_at)
        complaint.secret_digest = crypto.digest(derive_secret(complaint.receipt_no))
        try:
            with transaction.atomic():
                complaint.save(force_insert=True)
        except IntegrityError as exc:
            if "receipt_no" not in violated(exc):
                raise
        else:
            return
    raise AssertionError("five receipt numbers in a row were taken")


def draw_number(at: datetime) -> str:
    tail = "".join(secrets.choice(LETTERS) for _ in range(6))
    return f"C-{at.astimezone(clock.KST):%y%m}-{tail}"


def derive_secret(receipt_no: str, version: int | None = None) -> str:
    """Work the secret out from the number and the server's key: it is stored nowhere."""
    key = settings.INDEX_KEYS[max(settings.INDEX_KEYS) if version is None else version]
    digest = hmac.new(key, f"complaint.secret\0{receipt_no}".encode(), hashlib.sha256).digest()
    return base64.b32encode(digest).decode()[:SECRET_LENGTH]


def secret_of(complaint: Complaint) -> str:
    """Find the secret again for a reprinted slip, whichever key it was made with."""
    made = (derive_secret(complaint.receipt_no, version) for version in settings.INDEX_KEYS)
    return next(one for one in made if fits(complaint, one))


def fits(complaint: Complaint | None, secret: str) -> bool:
    """Compare a secret in the same time whether the number is known or not."""
    plain = secret.upper().replace("-", "").replace(" ", "")
    stored = bytes(complaint.secret_digest) if complaint else bytes(32)
    return hmac.compare_digest(stored, crypto.digest(plain))


def slip_of(complaint: Complaint) -> Slip:
    return Slip(complaint, secret_of(complaint), deadline_of(complaint))


@transaction.atomic
def receive(complaint: Complaint, *, by: Actor, at: datetime | None = None) -> None:
    """Receive a complaint (접수): from then on the law counts, but never later than it allows."""
    hold(complaint)
    if complaint.received_at is not None:
        raise IllegalMove(what=complaint, to=Complaint.Status.RECEIVED.label)
    calendar = current_calendar()
    # Whoever leaves a filing lying gains no time by it (영 §6⑦).
    at = min(at or clock.now(), receive_by(complaint.arrived_at, calendar))
    deadline = deadline_of(complaint, calendar=calendar, events=[], start=at)
    complaint.move(
        Complaint.Status.RECEIVED,
        by=by,
        received_at=at,
        due_at=deadline.due_at,
        article=deadline.article,
        version=complaint.version + 1,
    )
    mark(
        complaint,
        ClockEvent.Kind.RECEIVED,
        due_before=None,
        due_after=deadline.due_at,
        by=by,
        at=at,
    )
    tell_received(complaint)


def receive_arrived(*, by: Actor) -> int:
    """Receive what has arrived, each for itself; somebody else's lock is left alone."""
    received = 0
    for pk in Complaint.objects.arrived().values_list("pk", flat=True)[:BATCH]:
        with transaction.atomic():
            free = Complaint.objects.arrived().select_for_update(skip_locked=True)
            complaint = free.filter(pk=pk).first()
            if complaint is not None:
                receive(complaint, by=by)
                received += 1
    return received
