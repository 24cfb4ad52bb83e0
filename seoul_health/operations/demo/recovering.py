"""The ladder climbed once, a policy of compensation, and a case that waits for its waiver."""

from datetime import timedelta

from devices.models import CompensationPolicy, Loan
from devices.services import compensation, ladder
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
    return ladder.climb(by=LOADER, today=world.today)
