"""How well each site tells of its stock: silence, lag and rows nobody could believe."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from devices.models import Site, StockFeed
from devices.rules.hours import Calendar, fresh_until
from devices.services.snapshot import read_calendars
from seoul_health.core import clock

HEALTH = """
    WITH heard AS (
        SELECT w.site_id, count(*) AS reports,
               percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (
                   ORDER BY extract(epoch FROM r.received_at - r.observed_at)) AS lag
        FROM devices_stockreport r JOIN devices_window w ON w.id = r.window_id
        WHERE r.received_at >= %(since)s GROUP BY w.site_id
    ), aside AS (
        SELECT site_id, count(*) AS aside, count(*) FILTER (WHERE status = 'waiting') AS waiting
        FROM devices_quarantinedreport WHERE received_at >= %(since)s GROUP BY site_id
    ), last AS (
        SELECT w.site_id, max(s.observed_at) AS seen
        FROM devices_windowstock s JOIN devices_window w ON w.id = s.window_id AND w.is_active
        GROUP BY w.site_id
    )
    SELECT site.id, site.code, site.name, site.district, last.seen,
           coalesce(heard.reports, 0), heard.lag[1], heard.lag[2],
           coalesce(aside.aside, 0), coalesce(aside.waiting, 0)
    FROM devices_site site
    LEFT JOIN heard ON heard.site_id = site.id
    LEFT JOIN aside ON aside.site_id = site.id
    LEFT JOIN last ON last.site_id = site.id
    WHERE site.id = ANY(%(sites)s)
"""


@dataclass(frozen=True, slots=True)
class Source:
    """One site as a source of the feed."""

    code: str
    name: str
    district: str
    last_seen: datetime | None
    reports: int
    lag_p50: float | None
    lag_p95: float | None
    aside: int
    waiting: int
    is_silent: bool

    @property
    def share_aside(self) -> float:
        """What part of its rows went into quarantine, in percent."""
        told = self.reports + self.aside
        return 100 * self.aside / told if told else 0.0

    @property
    def word(self) -> str:
        if self.last_seen is None:
            return "never"
        return "silent" if self.is_silent else "live"


def sources(user: Any, *, hours: int = 24) -> list[Source]:
    """Give the sites a person may see, the longest silent first."""
    now = clock.now()
    sites = list(Site.objects.visible_to(user).public().values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(HEALTH, {"since": now - timedelta(hours=hours), "sites": sites})
        rows = cursor.fetchall()
    calendars, minutes = read_calendars(), shortest_patience()
    found = [_source(row, calendars, minutes, now) for row in rows]
    return sorted(found, key=_silence)


def shortest_patience() -> int:
    known = StockFeed.objects.filter(is_public=True).values_list("stale_minutes", flat=True)
    return min(known, default=15)


def _source(
    row: tuple[Any, ...], calendars: dict[int, Calendar], minutes: int, now: datetime
) -> Source:
    pk, code, name, district, seen, reports, p50, p95, aside, waiting = row
    calendar = calendars.get(pk, Calendar())
    silent = seen is None or fresh_until(seen, calendar, minutes=minutes) <= now
    return Source(code, name, district, seen, reports, p50, p95, aside, waiting, silent)


def _silence(source: Source) -> tuple[bool, bool, float, str]:
    seen = source.last_seen.timestamp() if source.last_seen else 0.0
    return (not source.is_silent, source.last_seen is None, seen, source.code)
