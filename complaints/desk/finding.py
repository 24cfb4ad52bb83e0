"""Find a person or a complaint by whatever the caller can name."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from complaints.models import Complaint
from devices.models import Loan, Shipment, SyncReceipt
from participants.models import Participant
from points.models import Account, Payout, Transfer
from seoul_health.core.models import StaffUser

MOST_FOUND = 20
TAIL, PHONE = 4, 9
DIGITS = "0123456789"
LARGEST_ID = 2**63 - 1
People = QuerySet[Participant]


@dataclass
class Found:
    """People with what they were found by, and complaints by their number."""

    people: list[tuple[Participant, str | Promise]] = field(default_factory=list)
    complaints: list[Complaint] = field(default_factory=list)
    is_cut: bool = False


def find(words: str, *, by: StaffUser) -> Found:
    """Look up a receipt, person, phone, serial, tracking, transfer or payout number, or a name."""
    found, taken = Found(), set()
    seen = Participant.objects.visible_to(by).select_related("profile")
    for rows, why in ways(words):
        people = seen.filter(pk__in=rows) if isinstance(rows, QuerySet) else rows(seen)
        for person in people.order_by("pk")[: MOST_FOUND + 1]:
            if person.pk not in taken:
                taken.add(person.pk)
                found.people.append((person, why))
    found.is_cut = len(found.people) > MOST_FOUND
    found.people = found.people[:MOST_FOUND]
    numbered = Complaint.objects.visible_to(by).filter(receipt_no=words.upper())
    found.complaints = list(numbered.select_related("category", "participant"))
    return found


def ways(words: str) -> Iterator[tuple[Any, str | Promise]]:
    """Give the look-ups that what was typed can mean, each by an index."""
    key, digits = words.upper(), "".join(sign for sign in words if sign in DIGITS)
    if key.startswith("P-"):
        yield (lambda seen: seen.filter(number=key)), _("Person number")
    elif key.startswith("C-"):
        yield people_of(Complaint.objects.filter(receipt_no=key)), _("Receipt number")
    elif digits and len(digits) == len(words.replace("-", "").replace(" ", "")):
        yield from numbers(words.replace(" ", ""), digits)
    elif (public_id := uuid_of(words)) is not None:
        yield people_of(Payout.objects.filter(public_id=public_id)), _("Payout")
        yield people_of(Loan.objects.filter(public_id=public_id)), _("Loan")
    elif digits:
        yield from codes(words, key)
    else:
        yield (lambda seen: seen.with_name(words)), _("Name")


def numbers(words: str, digits: str) -> Iterator[tuple[Any, str | Promise]]:
    """Look up what is written in digits only: a phone, a parcel, a transfer."""
    if len(digits) == TAIL:
        yield (lambda seen: seen.with_phone_tail(digits)), _("Phone tail")
    if len(digits) >= PHONE:
        yield (lambda seen: seen.with_phone(digits)), _("Phone number")
    parcels = Shipment.objects.filter(tracking_no__in={words, digits}).exclude(tracking_no="")
    yield parcels.values("loan__participant"), _("Tracking number")
    yield people_of(Loan.objects.filter(device__serial=words)), _("Serial")
    if len(digits) != TAIL and int(digits) <= LARGEST_ID:
        yield owners_of(Transfer.objects.filter(pk=int(digits))), _("Transfer")


def codes(words: str, key: str) -> Iterator[tuple[Any, str | Promise]]:
    """Look up what mixes letters and digits: a serial, a parcel, an upload, a payout."""
    yield people_of(Loan.objects.filter(device__serial__in={key, words})), _("Serial")
    parcels = Shipment.objects.filter(tracking_no__in={key, words}).exclude(tracking_no="")
    yield parcels.values("loan__participant"), _("Tracking number")
    yield people_of(SyncReceipt.objects.filter(receipt_no=key)), _("Upload")
    yield people_of(Payout.objects.filter(reference=words)), _("Payout")
    yield owners_of(Transfer.objects.filter(key=words)), _("Transfer")


def people_of(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.values("participant")


def owners_of(rows: QuerySet[Transfer]) -> QuerySet[Any]:
    """Give whose purses a transfer moved points of."""
    sides = [pk for pair in rows.values_list("source", "target") for pk in pair]
    purses = Account.objects.filter(pk__in=sides, participant__isnull=False)
    return purses.values("participant")


def uuid_of(words: str) -> UUID | None:
    try:
        return UUID(words)
    except ValueError:
        return None
