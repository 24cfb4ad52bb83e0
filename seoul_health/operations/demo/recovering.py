"""The ladder climbed once, a policy of compensation, and a case that waits for its waiver."""

from datetime import timedelta
from uuid import uuid5

from django.db.models import QuerySet

from devices.models import CompensationPolicy, Loan
from devices.services import compensation, exchanges, ladder, silent
from participants.models import Participation
from seoul_health.core.models import StaffUser

from .plans import World
from .staff import LOADER

POLICIES = (("not_returned", 80), ("lost", 60), ("damaged", 30))
CASES = 5


def load_recovering(world: World) -> int:
    """Take tonight's rungs and open cases for lost and damaged watches; give how many steps."""
    CompensationPolicy.objects.bulk_create(
        CompensationPolicy(
            cause=cause, percent=percent, instalments=3, effective_from=world.today.replace(day=1)
        )
        for cause, percent in POLICIES
    )
    broken = Loan.objects.filter(status__in=["lost", "damaged"]).order_by("pk")[:CASES]
    cases = [compensation.open_case(loan, by=LOADER) for loan in broken]
    for case in cases[1:]:
        compensation.demand(case, pay_by=world.today + timedelta(days=30), by=LOADER)
    if cases:
        officer = StaffUser.objects.get(username="device")
        compensation.ask_waiver(cases[0], reason="화재로 소실", by=officer)
    steps = ladder.climb(by=LOADER, today=world.today)
    exchange_one()
    silent.find_silent(by=LOADER)
    return steps


def exchange_one() -> None:
    """Send a sound watch to somebody whose screen stays dark; the old one is on its way back."""
    worn = Loan.objects.filter(status=Loan.Status.LIVE, participation__in=going_on())
    if (loan := worn.order_by("-pk").first()) is not None:
        new = exchanges.exchange_by_parcel(loan, why="화면이 켜지지 않음", by=LOADER)
        # The same town has the same numbers.
        Loan.objects.filter(pk=new.pk).update(public_id=uuid5(loan.public_id, "exchange"))


def going_on() -> QuerySet[Participation]:
    return Participation.objects.live()
