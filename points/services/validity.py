"""How long points live as things stand: their validity, dark days of the partner, extensions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from django.conf import settings
from django.db.models.functions import Least
from psycopg import sql

from points.models import ExpiryExtension, Operator, Outage
from points.rules.expiry import DarkDays, cutoff, expires_on, merged, moved_on
from seoul_health.core import clock

EARLIEST = date(2020, 1, 1)
# A partner that was silent for less has kept nobody from cashing out.
A_BLINK = timedelta(hours=1)

GRANTED = """
LEFT JOIN LATERAL (
    SELECT max(given.until) AS until FROM points_extendedpurse AS member
    JOIN unnest(%(extensions)s::bigint[], %(untils)s::date[]) AS given (id, until)
        ON given.id = member.extension_id
    WHERE member.purse_id = purse.id
) AS granted ON true
"""
# What is left of lots, by purse and by the day it expires; a purse may have been given more time.
EXPIRING = sql.SQL("""
    SELECT purse.id AS purse_id, purse.participant_id,
        greatest(calendar.expires_on, granted.until) AS expires_on,
        sum(rest.points)::bigint AS points
    FROM points_account AS purse {granted}
    JOIN points_transfer AS lot ON lot.target_id = purse.id AND lot.reversal_of_id IS NULL
    JOIN unnest(%(earned)s::date[], %(expires)s::date[]) AS calendar (earned_on, expires_on)
        ON calendar.earned_on = lot.business_date
    CROSS JOIN LATERAL (
        SELECT lot.amount - coalesce(sum(used.amount), 0) AS points
        FROM points_lotuse AS used WHERE used.lot_id = lot.id
    ) AS rest
    WHERE purse.kind = 'purse' AND purse.balance > 0 AND rest.points > 0 AND {purses}
    GROUP BY purse.id, purse.participant_id, greatest(calendar.expires_on, granted.until)
""")
EVERYBODY = sql.SQL("true")
THESE = sql.SQL("purse.id = ANY(%(purses)s::bigint[])")


def expiring(purses: sql.Composable) -> sql.Composed:
    """Write the query of what is left of lots, of some purses."""
    return EXPIRING.format(granted=sql.SQL(GRANTED), purses=purses)


@dataclass(frozen=True, slots=True)
class Validity:
    """What decides on which day a lot expires."""

    dark: tuple[DarkDays, ...]
    # By extension: nothing it covers expires before this day, later dark days included.
    extended: Mapping[int, date]

    def expires_on(self, earned_on: date) -> date:
        return expires_on(earned_on, months=settings.POINT_VALIDITY_MONTHS, dark=self.dark)

    def cutoff(self, day: date) -> date:
        """Give the last earning day whose points have expired when a day begins."""
        return cutoff(day, months=settings.POINT_VALIDITY_MONTHS, dark=self.dark)

    def values(self, until: date) -> dict[str, Any]:
        """Give what a query needs to know of everything that expires until a day."""
        span = (self.cutoff(until) - EARLIEST).days + 1
        earned = [EARLIEST + timedelta(days=n) for n in range(max(0, span))]
        return {
            "earned": earned,
            "expires": [self.expires_on(day) for day in earned],
            **self.extensions(),
        }

    def extensions(self) -> dict[str, Any]:
        return {"extensions": list(self.extended), "untils": list(self.extended.values())}


def read_validity() -> Validity:
    """Read the dark days and the approved extensions."""
    outages = list(dark_times())
    approved = ExpiryExtension.objects.filter(status=ExpiryExtension.Status.APPROVED)
    rows = approved.values_list("pk", "until", "decided_at")
    return Validity(
        dark=tuple(dark_days(outages)),
        extended={pk: moved_on(until, dark_days(outages, since=at)) for pk, until, at in rows},
    )


def dark_times() -> list[tuple[datetime, datetime]]:
    """Give from when to when nobody was paid: the operator was down, or between two operators."""
    now = clock.now()
    left = Outage.objects.annotate(over_at=Least("ended_at", "operator__ends_at"))
    rows = left.filter(began_at__lt=now).order_by("began_at", "pk")
    times = [(began, over or now) for began, over in rows.values_list("began_at", "over_at")]
    gaps = pairwise(Operator.objects.order_by("starts_at").values_list("starts_at", "ends_at"))
    times += [(last[1], min(later[0], now)) for last, later in gaps if last[1]]
    return sorted((began, over) for began, over in times if over - began >= A_BLINK)


def dark_days(
    times: list[tuple[datetime, datetime]], *, since: datetime | None = None
) -> list[DarkDays]:
    days = (
        DarkDays(clock.seoul_day(began), clock.seoul_day(over))
        for began, over in times
        if since is None or over > since
    )
    return merged(days)
