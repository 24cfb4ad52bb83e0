"""Everything that happened with one person, from every part of the programme, in one line of time.

Every source gives its newest entries before a moment; the newest of all together are shown.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from complaints.models import Complaint, Contact, Message
from devices.models import Loan, Shipment, SyncReceipt
from devices.models.walking import Source
from participants.models import Application, Decision, Notification, Participant, Participation
from participants.services import wording
from points.models import Account, Payout, Transfer
from seoul_health.core import clock
from seoul_health.core.models import StaffUser

MOST = 40
# More than this never happens with one person in one moment.
AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened: when, of which kind, in words; and where to look closer."""

    at: datetime
    kind: str
    what: str
    detail: str = ""
    tone: str = ""
    receipt_no: str = ""


Read = Callable[[Participant, datetime], Iterable[Entry]]


@dataclass(frozen=True, slots=True)
class Kind:
    """A source of entries, and the permission one needs to see them."""

    key: str
    label: str | Promise
    icon: str
    permission: str
    read: Read


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the line of time; `before` continues it, and is nothing at its end."""

    entries: Sequence[Entry]
    before: datetime | None


def history(
    person: Participant, *, by: StaffUser, before: datetime | None = None, only: str = ""
) -> Page:
    """Give the newest entries before a moment that this member of staff may see."""
    moment = before or clock.now()
    kinds = [one for one in kinds_for(by) if only in {"", one.key}]
    found = [entry for kind in kinds for entry in kind.read(person, moment)]
    found.sort(key=lambda entry: entry.at, reverse=True)
    if len(found) <= MOST:
        return Page(found, None)
    # What happened in the same moment stays together: the next page begins before it.
    last = found[MOST - 1].at
    entries = [entry for entry in found if entry.at >= last]
    return Page(entries, last if len(found) > len(entries) else None)


def kinds_for(user: StaffUser) -> list[Kind]:
    return [kind for kind in KINDS if user.has_perm(kind.permission)]


def applications(person: Participant, before: datetime) -> Iterable[Entry]:
    rows = Application.objects.filter(participant=person, submitted_at__lt=before)
    for row in rows.select_related("round", "lane").order_by("-submitted_at")[: MOST + AT_ONCE]:
        assert row.submitted_at is not None, "filtered by it"
        what = _("Applied for {round}").format(round=row.round)
        yield Entry(row.submitted_at, "application", what, str(row.get_status_display()))
    made = Decision.objects.filter(application__participant=person, decided_at__lt=before)
    for one in made.order_by("-decided_at")[: MOST + AT_ONCE]:
        what = _("Decision on the application: {outcome}").format(outcome=one.get_outcome_display())
        yield Entry(one.decided_at, "application", what)
    taken = Participation.objects.filter(participant=person).select_related("round")
    for part in taken.order_by("-starts_on")[:MOST]:
        if (starts := clock.day_starts(part.starts_on)) < before:
            yield Entry(starts, "application", _("Takes part in {round}").format(round=part.round))


def watches(person: Participant, before: datetime) -> Iterable[Entry]:
    """Tell every date a loan and its parcels carry."""
    for loan in Loan.objects.filter(participant=person).select_related("device").order_by("-pk"):
        dates = (
            (loan.reserved_at, _("Watch set aside"), ""),
            (loan.accepted_at, _("Receipt of the watch confirmed"), "ok"),
            (loan.recalled_at, _("Watch asked back"), "warn"),
            (loan.returned_at, _("Watch came back"), "ok"),
            (loan.closed_at, _("Loan closed"), ""),
        )
        for at, what, tone in dates:
            if at and at < before:
                yield Entry(at, "watch", what, loan.device.serial, tone)
    parcels = Shipment.objects.filter(loan__participant=person).order_by("-pk")
    for parcel in parcels[: MOST + AT_ONCE]:
        way = str(parcel.get_direction_display())
        if parcel.planned_at < before:
            what = _("Parcel planned: {way}").format(way=way)
            yield Entry(parcel.planned_at, "watch", what, parcel.tracking_no)
        if parcel.delivered_at and parcel.delivered_at < before:
            what = _("Parcel delivered: {way}").format(way=way)
            yield Entry(parcel.delivered_at, "watch", what, parcel.tracking_no, "ok")


def uploads(person: Participant, before: datetime) -> Iterable[Entry]:
    rows = SyncReceipt.objects.filter(participant=person, received_at__lt=before)
    for row in rows.defer("payload").order_by("-received_at")[: MOST + AT_ONCE]:
        what = _("Steps arrived from {source}").format(source=Source(row.source).label)
        yield Entry(row.received_at, "upload", what, row.receipt_no)


def money(person: Participant, before: datetime) -> Iterable[Entry]:
    purse = Account.objects.filter(participant=person).first()
    if purse is None:
        return
    moved = Transfer.objects.filter(Q(source=purse) | Q(target=purse), at__lt=before)
    for row in moved.order_by("-pk")[: MOST + AT_ONCE]:
        sign = "+" if row.target_id == purse.pk else "−"
        detail = _("Transfer {number} for {day}").format(number=row.pk, day=row.business_date)
        what = f"{sign}{row.amount:,}P · {row.get_reason_display()}"
        yield Entry(row.at, "points", what, detail, "ok" if sign == "+" else "")


def payouts(person: Participant, before: datetime) -> Iterable[Entry]:
    tones: dict[str, str] = {Payout.Status.PAID: "ok", Payout.Status.REFUSED: "danger"}
    rows = Payout.objects.filter(participant=person, requested_at__lt=before)
    for row in rows.order_by("-requested_at")[: MOST + AT_ONCE]:
        what = _("Payout of {amount}P asked for").format(amount=f"{row.amount:,}")
        detail = f"{row.get_status_display()} · {row.reference}"
        yield Entry(row.requested_at, "payout", what, detail, tones.get(row.status, ""))
        if row.paid_at and row.paid_at < before:
            paid = _("Payout of {amount}P paid").format(amount=f"{row.amount:,}")
            yield Entry(row.paid_at, "payout", paid, row.reference, "ok")


def voices(person: Participant, before: datetime) -> Iterable[Entry]:
    """Tell of complaints, of every letter about them, and of calls."""
    filed = Complaint.objects.of(person).filter(arrived_at__lt=before)
    for row in filed.order_by("-arrived_at")[: MOST + AT_ONCE]:
        what = _("Complaint: {title}").format(title=row.title)
        detail = f"{row.get_status_display()} · {row.receipt_no}"
        yield Entry(row.arrived_at, "complaint", what, detail, "warn", row.receipt_no)
    said = Message.objects.filter(complaint__participant=person, at__lt=before)
    letters = said.exclude(author=Message.Author.NOTE).select_related("complaint")
    for one in letters.order_by("-at")[: MOST + AT_ONCE]:
        number = one.complaint.receipt_no
        what = f"{one.get_author_display()}: {one.get_purpose_display()}"
        yield Entry(one.at, "complaint", what, number, receipt_no=number)
    heard = Contact.objects.filter(participant=person, opened_at__lt=before)
    for call in heard.order_by("-opened_at")[: MOST + AT_ONCE]:
        yield Entry(call.opened_at, "complaint", str(call.get_channel_display()), call.summary)


def notices(person: Participant, before: datetime) -> Iterable[Entry]:
    rows = Notification.objects.filter(participant=person, planned_at__lt=before)
    shown = rows.select_related("template", "participant__profile").order_by("-planned_at")
    for row in shown[: MOST + AT_ONCE]:
        detail = f"{row.get_channel_display()} · {row.get_status_display()}"
        yield Entry(row.planned_at, "notice", wording.masked_title_of(row), detail)


KINDS = (
    Kind("complaint", gettext_lazy("Complaints"), "inbox", "complaints.use_desk", voices),
    Kind("points", gettext_lazy("Points"), "coins", "points.view_transfer", money),
    Kind("payout", gettext_lazy("Payouts"), "wallet", "points.view_payout", payouts),
    Kind("watch", gettext_lazy("Watches"), "watch", "devices.view_loan", watches),
    Kind("upload", gettext_lazy("Uploads"), "refresh-cw", "devices.view_syncreceipt", uploads),
    Kind(
        "application",
        gettext_lazy("Applications"),
        "file-text",
        "participants.view_application",
        applications,
    ),
    Kind("notice", gettext_lazy("Messages"), "send", "participants.view_notification", notices),
)
