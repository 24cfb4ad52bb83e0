"""Receivers of the signals of the apps below; each calls one service."""

from django.dispatch import receiver

from devices.errors import AlreadyHoldsWatch, NoWatchInStock
from devices.models import Allocation, Loan
from devices.services.loans import carry_over, end_loan, reserve_watch
from participants.models import Participant, Participation
from participants.signals import (
    participation_ended,
    participation_started,
    unreturned_watch_asked,
    watch_holders_asked,
)
from seoul_health.core.audit import Actor


@receiver(participation_started, dispatch_uid="devices.reserve_for_newcomer")
def reserve_for_newcomer(
    sender: object, participation: Participation, by: Actor, **_: object
) -> None:
    """Set a watch aside at once if there is one; otherwise the sweep finds the participation."""
    if carry_over(participation, by=by) or not participation.needs_watch:
        return
    if Allocation.objects.by_hand().filter(lane=participation.application.lane_id).exists():
        return
    try:
        reserve_watch(participation, by=by)
    except (NoWatchInStock, AlreadyHoldsWatch):
        return


@receiver(participation_ended, dispatch_uid="devices.ask_watch_back")
def ask_watch_back(sender: object, participation: Participation, by: Actor, **_: object) -> None:
    end_loan(participation, by=by)


@receiver(unreturned_watch_asked, dispatch_uid="devices.tell_of_unreturned_watch")
def tell_of_unreturned_watch(
    sender: object, participant: Participant, keeps: bool = False, **_: object
) -> bool:
    """Say whether a watch of ours is still with somebody who applies."""
    owed = Loan.objects.unsettled().filter(participant=participant)
    return (owed.exclude(pk__in=Loan.objects.live()) if keeps else owed).exists()


@receiver(watch_holders_asked, dispatch_uid="devices.tell_of_watch_holders")
def tell_of_watch_holders(sender: object, participants: list[int], **_: object) -> set[int]:
    """Say which of many people still have a watch of ours."""
    owed = Loan.objects.unsettled().filter(participant__in=participants)
    return set(owed.values_list("participant", flat=True))
