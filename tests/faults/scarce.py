"""Seats and watches, as acts on one lane and one shelf; and what must not be after any two."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count

from devices.models import Device, Loan, Shipment
from devices.services import allocation, loans
from participants.models import Application, Lane, Offer, Participant, Participation
from participants.services import applications, offers, participations, selection
from seoul_health.core import clock
from tests.conftest import JOB
from tests.devices.builders import join, make_watch
from tests.participants.recruiting import approved, open_lane, submitted

Make = Callable[..., Participant]
SEATED = (Application.Status.SELECTED, Application.Status.CONFIRMED)
HELD = (Device.Status.ALLOCATED, Device.Status.SHIPPED, Device.Status.ON_LOAN)


@dataclass
class Counter:
    """One seat, offered to the first of four in line; the last is not yet approved."""

    lane: Lane
    offered: Application
    second: Application
    undecided: Application


def lay_counter(make_participant: Make) -> Counter:
    lane = open_lane(seats=1, starts_in=10)
    first, second, _third = (
        approved(make_participant(is_resident=True), lane) for _ in range(3)
    )  # fmt: skip
    undecided = submitted(make_participant(is_resident=True), lane)
    selection.select_lane(lane, by=JOB)
    return Counter(lane, first, second, undecided)


def fresh(application: Application) -> Application:
    related = ("round", "lane__round", "quota", "rule", "participant", "continues")
    return Application.objects.select_related(*related).get(pk=application.pk)


def select(ground: Counter) -> None:
    selection.select_lane(ground.lane, by=JOB)


def accept(ground: Counter) -> None:
    participations.confirm(fresh(ground.offered), by=JOB)


def decline(ground: Counter) -> None:
    participations.decline(fresh(ground.offered), by=JOB)


def withdraw(ground: Counter) -> None:
    applications.withdraw(fresh(ground.offered), by=JOB)


def leave_line(ground: Counter) -> None:
    applications.withdraw(fresh(ground.second), by=JOB)


def approve(ground: Counter) -> None:
    applications.approve(fresh(ground.undecided), by=JOB)


def lapse(ground: Counter) -> None:
    past = clock.now() - timedelta(seconds=1)
    open_offer = Offer.objects.filter(application=ground.offered, status="open")
    open_offer.update(made_at=past - timedelta(days=2), expires_at=past)
    offers.lapse_due(by=JOB)


SEAT_ACTS = {
    act.__name__: act for act in (select, accept, decline, withdraw, leave_line, approve, lapse)
}


def wrong_with_seats(ground: Counter) -> dict[str, int]:
    """After one more pass the seat must be taken by exactly one, who knows of it."""
    selection.select_lane(ground.lane, by=JOB)
    of_lane = Application.objects.filter(lane=ground.lane)
    seated, open_offers = of_lane.filter(status__in=SEATED), Offer.objects.filter(status="open")
    of_seated = Participation.objects.filter(application__lane=ground.lane)
    found = {
        "not_one_in_the_seat": abs(seated.count() - 1),
        "seat_without_its_number": seated.filter(seat_no=None).count(),
        "number_without_its_seat": of_lane.exclude(status__in=SEATED).exclude(seat=None).count(),
        "selected_without_an_offer": of_lane.filter(status="selected")
        .exclude(pk__in=open_offers.values("application"))
        .count(),
        "offer_to_nobody": open_offers.filter(application__lane=ground.lane)
        .exclude(application__status="selected")
        .count(),
        "participating_unconfirmed": of_seated.exclude(application__status="confirmed").count(),
        "confirmed_not_participating": of_lane.filter(
            status="confirmed", participation=None
        ).count(),
    }
    return {name: number for name, number in found.items() if number}


@dataclass
class Shelf:
    """One watch in stock, two people waiting for it, and one set aside for a third."""

    one: Participation
    other: Participation
    reserved: Loan


def lay_shelf(make_participant: Make) -> Shelf:
    """Clear what earlier grounds left lying, then fill the shelf by the services."""
    Device.objects.filter(status="in_stock").update(status="quarantined")
    Participation.objects.filter(loans=None).update(needs_watch=False)
    make_watch()
    reserved = loans.reserve_watch(join(make_participant()), by=JOB)
    make_watch()
    return Shelf(join(make_participant()), join(make_participant()), reserved)


def loan_of(ground: Shelf) -> Loan:
    return Loan.objects.select_related("device", "participant").get(pk=ground.reserved.pk)


def reserve(ground: Shelf) -> None:
    loans.reserve_watch(ground.one, by=JOB)


def reserve_for_other(ground: Shelf) -> None:
    loans.reserve_watch(ground.other, by=JOB)


def sweep(_ground: Shelf) -> None:
    allocation.reserve_waiting(by=JOB)


def cancel(ground: Shelf) -> None:
    loans.cancel_reservation(loan_of(ground), by=JOB, why="moved")


def ship(ground: Shelf) -> None:
    loans.ship(loan_of(ground), by=JOB)


def deliver(ground: Shelf) -> None:
    loans.mark_delivered(loan_of(ground), by=JOB)


def cancel_naively(ground: Shelf) -> None:
    """The negative control: look whether it is still reserved, then act on what was seen."""
    loan = loan_of(ground)
    if loan.status == Loan.Status.RESERVED:
        Loan.objects.filter(pk=loan.pk).update(status="cancelled", closed_at=clock.now())
        Device.objects.filter(pk=loan.device_id).update(status="in_stock")


WATCH_ACTS = {
    act.__name__: act for act in (reserve, reserve_for_other, sweep, cancel, ship, deliver)
}


def wrong_with_watches(_ground: Shelf) -> dict[str, int]:
    live = Loan.objects.live()
    found = {
        "lent_twice": live.values("device").annotate(times=Count("pk")).filter(times__gt=1).count(),
        "holds_two": live.values("participant")
        .annotate(times=Count("pk"))
        .filter(times__gt=1)
        .count(),
        "lent_and_in_stock": live.filter(device__status="in_stock").count(),
        "held_by_nobody": Device.objects.filter(status__in=HELD)
        .exclude(pk__in=live.values("device"))
        .count(),
        "cancelled_and_on_its_way": Shipment.objects.filter(loan__status="cancelled").count(),
        "reserved_and_shipped": live.filter(status="reserved", device__status="shipped").count(),
    }
    return {name: number for name, number in found.items() if number}
