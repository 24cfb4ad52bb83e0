"""Points of last year that expire soon, a run, people told of it, and an extension asked for."""

from contextlib import suppress
from datetime import timedelta

from points.errors import NobodyExtended
from points.models import Account, Pot, Reason
from points.services import ledger
from points.services.accounts import pot
from points.services.announcing import announce_due
from points.services.expiry import expire_points
from points.services.extensions import request_extension
from seoul_health.core.models import StaffUser

from .plans import HEROES, World
from .staff import LOADER

LAST_YEAR = 200
DAYS_AGO = (368, 362, 355, 340, 331, 310, 300, 285, 280)


def load_expiring(world: World) -> int:
    """Give some people compensation of a year ago; give how many points have expired."""
    dice = world.dice("expiring")
    purses = Account.objects.purses().filter(balance__gt=0).order_by("pk")
    for purse in purses[HEROES : HEROES + min(LAST_YEAR, world.size // 4)]:
        for place in range(dice.randrange(1, 4)):
            days_ago = DAYS_AGO[dice.randrange(len(DAYS_AGO))]
            ledger.post(
                f"compensation:demo:{purse.pk}:{place}",
                source=pot(Pot.COMPENSATION),
                target=purse,
                amount=100 * dice.randrange(3, 30),
                reason=Reason.COMPENSATION,
                business_date=world.today - timedelta(days=days_ago),
            )
    run = expire_points(by=LOADER)
    announce_due()
    with suppress(NobodyExtended):
        request_extension(
            {"of": "everybody", "districts": ["노원구", "도봉구", "강북구"]},
            until=world.today + timedelta(days=90),
            reason="한파로 전환 창구가 닫혀 있던 동북권 주민의 포인트를 석 달 연장하려는 것입니다.",
            by=StaffUser.objects.get(username="finance"),
        )
    return run.points
