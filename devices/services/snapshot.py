"""The whole feed in one piece: read from the database now and then, given out from memory.

One process in the house reads the database at most every FEED_SECONDS and leaves what it found
in the cache; the others take it from there. Readers never wait for it, nor reach the database.
What makes a number old is the clock, so freshness is judged when somebody reads.
"""

import hashlib
import json
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, InterfaceError

from devices.models import FeedNotice, OpeningHours, Site, SpecialDay, StockFeed, WindowStock
from devices.rules.hours import Calendar, fresh_until
from devices.rules.levels import Thresholds, Word
from participants.rules.promises import public_holidays
from seoul_health.core import clock
from seoul_health.core.errors import Unavailable

log = structlog.get_logger("feed")
KEY = "stock_feed"
TURN = "stock_feed:turn"
TURN_SECONDS = 10
KEEP_SECONDS = 24 * 3600
LOOK_BACK, LOOK_AHEAD = timedelta(days=8), timedelta(days=32)


@dataclass(frozen=True, slots=True)
class Place:
    """A site as the public sees it."""

    site: str
    code: str
    name: str
    address: str
    district: str
    type: str
    phone: str
    lat: float
    lng: float
    hours: tuple[tuple[int, str, str], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """What the windows of one place said of one model."""

    place: Place
    model: str
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    deprecated_at: float
    ends_at: float
    text: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything the feed tells, and the moment since which it has been so."""

    version: str
    published_at: datetime
    places: tuple[Place, ...]
    lines: tuple[Line, ...]
    thresholds: dict[str, Thresholds]
    names: dict[str, str]
    notices: dict[str, Notice]


class Keeper:
    """What this process knows of the feed, and when it last looked."""

    def __init__(self) -> None:
        self.turn = threading.Lock()
        self.kept: Snapshot | None = None
        self.looked_at = 0.0

    def current(self) -> Snapshot:
        """Give the newest snapshot; while one thread looks, the others take the last one."""
        kept = self.kept
        if kept is not None and time.monotonic() - self.looked_at < settings.FEED_SECONDS:
            return kept
        if self.turn.acquire(blocking=kept is None):
            try:
                self.kept = kept = newest(self.kept)
                self.looked_at = time.monotonic()
            finally:
                self.turn.release()
        assert kept is not None, "Whoever finds nothing has waited for the turn."
        return kept


keeper = Keeper()


def current() -> Snapshot:
    return keeper.current()


def newest(known: Snapshot | None) -> Snapshot:
    """Take the snapshot the house has, or make the next one if it is this process's turn."""
    stored = _stored()
    is_due = stored is None or time.time() - stored["read_at"] >= settings.FEED_SECONDS
    if is_due and (stored is None or _takes_turn()):
        try:
            stored = _store(read_rows(), before=stored)
        except (DatabaseError, InterfaceError) as fault:
            log.warning("feed_not_renewed", error=type(fault).__name__)
            if stored is None and known is None:
                raise Unavailable from fault
    if stored is None:
        assert known is not None, "Without either the database had to answer."
        return known
    if known is not None and known.version == stored["version"]:
        return known
    return unpack(stored)


def _stored() -> dict[str, Any] | None:
    try:
        text = cache.get(KEY)
    except Exception as fault:
        # Any failure of the store: the database answers instead.
        log.warning("feed_store_away", error=type(fault).__name__)
        return None
    return json.loads(text) if text else None


def _takes_turn() -> bool:
    return bool(cache.add(TURN, 1, TURN_SECONDS))


def _store(rows: dict[str, Any], *, before: dict[str, Any] | None) -> dict[str, Any]:
    """Leave what was read for the others; what has not changed keeps its moment."""
    read_at = time.time()
    text = json.dumps(rows, ensure_ascii=False, sort_keys=True)
    version = hashlib.sha256(text.encode()).hexdigest()[:20]
    same = before is not None and before["version"] == version
    published_at = before["published_at"] if before and same else int(read_at)
    stored = {"version": version, "published_at": published_at, "read_at": read_at, "rows": rows}
    try:
        cache.set(KEY, json.dumps(stored, ensure_ascii=False), KEEP_SECONDS)
        cache.delete(TURN)
    except Exception as fault:
        # Any failure of the store: this process has what it needs.
        log.warning("feed_store_away", error=type(fault).__name__)
    return stored


def read_rows() -> dict[str, Any]:
    """Read places, hours, windows and notices in six statements."""
    feeds = {feed.model.code: feed for feed in _feeds()}
    calendars = read_calendars()
    places, lines = _places(calendars), _lines(calendars, feeds)
    return {
        "feeds": {
            code: [feed.model.name, feed.plenty_from, feed.some_from, feed.few_from]
            for code, feed in feeds.items()
        },
        "places": places,
        "lines": lines,
        "notices": {
            notice.part: [notice.deprecated_at.timestamp(), notice.ends_at.timestamp(), notice.text]
            for notice in FeedNotice.objects.all()
        },
    }


def _feeds() -> list[StockFeed]:
    return list(StockFeed.objects.filter(is_public=True).select_related("model").order_by("pk"))


def read_calendars(site: Site | None = None) -> dict[int, Calendar]:
    """Give the calendar of each site, or of one."""
    today = clock.today()
    of_site = {"site": site} if site else {}
    weeks: dict[int, dict[int, Any]] = {}
    for one in OpeningHours.objects.filter(**of_site):
        weeks.setdefault(one.site_id, {})[one.day] = (one.opens, one.closes)
    special: dict[int, dict[Any, Any]] = {}
    near = SpecialDay.objects.filter(on__range=(today - LOOK_BACK, today + LOOK_AHEAD), **of_site)
    for day in near:
        hours = (day.opens, day.closes) if day.opens and day.closes else None
        special.setdefault(day.site_id, {})[day.on] = hours
    return {
        site_id: Calendar(
            weeks.get(site_id, {}),
            special.get(site_id, {}),
            lambda day: day in public_holidays(day.year),
        )
        for site_id in weeks.keys() | special.keys()
    }


def _places(calendars: dict[int, Calendar]) -> list[dict[str, Any]]:
    return [
        {
            "site": str(site.public_id),
            "code": site.code,
            "name": site.name,
            "address": site.address,
            "district": site.district,
            "type": site.kind,
            "phone": site.phone,
            "lat": float(site.lat),
            "lng": float(site.lng),
            "hours": [
                [day, f"{opens:%H:%M}", f"{closes:%H:%M}"]
                for day, (opens, closes) in sorted(week_of(calendars, site.pk).items())
            ],
        }
        for site in Site.objects.public().order_by("code")
    ]


def week_of(calendars: dict[int, Calendar], site_id: int) -> Any:
    return calendars[site_id].week if site_id in calendars else {}


def _lines(calendars: dict[int, Calendar], feeds: dict[str, StockFeed]) -> list[list[Any]]:
    """Give the words of each place about each model, as [site, model, [word, …]]."""
    always = Calendar()
    found: dict[tuple[str, str], list[list[Any]]] = {}
    rows = (
        WindowStock.objects.filter(window__is_active=True, model__feed__is_public=True)
        .order_by("window__site__code", "model__feed__pk", "window__code")
        .values_list(
            "window__site_id", "window__site__public_id", "model__code",
            "quantity", "is_stopped", "observed_at", "stocked_at",
        )
    )  # fmt: skip
    for site_id, public_id, model, quantity, stopped, observed_at, stocked_at in rows:
        until = fresh_until(
            observed_at, calendars.get(site_id, always), minutes=feeds[model].stale_minutes
        )
        filled = stocked_at.timestamp() if stocked_at else None
        word = [quantity, stopped, observed_at.timestamp(), filled, until.timestamp()]
        found.setdefault((str(public_id), model), []).append(word)
    return [[site, model, words] for (site, model), words in found.items()]


def unpack(stored: dict[str, Any]) -> Snapshot:
    rows = stored["rows"]
    places = {
        row["site"]: Place(**{**row, "hours": tuple(tuple(day) for day in row["hours"])})
        for row in rows["places"]
    }
    return Snapshot(
        version=stored["version"],
        published_at=datetime.fromtimestamp(stored["published_at"], clock.KST),
        places=tuple(places.values()),
        lines=tuple(
            Line(places[site], model, tuple(Word(*word) for word in words))
            for site, model, words in rows["lines"]
            if site in places
        ),
        thresholds={
            code: Thresholds(*numbers) for code, (_name, *numbers) in rows["feeds"].items()
        },
        names={code: name for code, (name, *_numbers) in rows["feeds"].items()},
        notices={part: Notice(*notice) for part, notice in rows["notices"].items()},
    )
