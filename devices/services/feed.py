"""What the feed says now: rows in the documented shape, kept until the next of them goes stale."""

import gzip
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from devices.models import Site
from devices.rules.addresses import Asked
from devices.rules.distance import metres_between
from devices.rules.levels import standing
from devices.services.snapshot import Line, Place, Snapshot, current
from seoul_health.core import clock

FEWEST_BYTES = 500
MOST_PAGES = 200
CELL = 3  # Decimals: about a hundred metres.
CELL_SLACK = 150
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of the feed as it goes over the line."""

    body: bytes
    packed: bytes
    etag: str


@dataclass(slots=True)
class Edition:
    """The feed as it stands until something is reported or the next word goes stale."""

    snapshot: Snapshot
    until: float
    stock: list[Row]
    places: list[Row]
    pages: dict[str, Page] = field(default_factory=dict)

    def is_good(self, snapshot: Snapshot, now: float) -> bool:
        return self.snapshot.version == snapshot.version and now < self.until


class Press:
    """The edition this process gives out."""

    def __init__(self) -> None:
        self.last: Edition | None = None

    def edition(self) -> Edition:
        snapshot, now = current(), clock.now().timestamp()
        if self.last is None or not self.last.is_good(snapshot, now):
            self.last = print_edition(snapshot, now)
        return self.last


press = Press()


def edition() -> Edition:
    return press.edition()


def print_edition(snapshot: Snapshot, now: float) -> Edition:
    words = [word for line in snapshot.lines for word in line.words]
    return Edition(
        snapshot=snapshot,
        until=min((word.fresh_until for word in words if word.fresh_until > now), default=now + 60),
        stock=[stock_row(line, snapshot, now) for line in snapshot.lines],
        places=[place_row(place) for place in snapshot.places],
    )


def stock_row(line: Line, snapshot: Snapshot, now: float) -> Row:
    at = standing(line.words, snapshot.thresholds[line.model], now=now)
    return {
        "site": line.place.site,
        "name": line.place.name,
        "address": line.place.address,
        "district": line.place.district,
        "type": line.place.type,
        "lat": line.place.lat,
        "lng": line.place.lng,
        "model": line.model,
        "level": at.level,
        "last_level": at.last_level,
        "stocked_at": spoken(at.stocked_at),
        "observed_at": spoken(at.observed_at),
        "published_at": snapshot.published_at.isoformat(),
        "is_stale": at.is_stale,
    }


def place_row(place: Place) -> Row:
    return {
        "site": place.site,
        "name": place.name,
        "address": place.address,
        "district": place.district,
        "type": place.type,
        "phone": place.phone,
        "lat": place.lat,
        "lng": place.lng,
        "hours": [
            {"day": day, "opens": opens, "closes": closes} for day, opens, closes in place.hours
        ],
    }


def spoken(moment: float | None) -> str | None:
    if moment is None:
        return None
    return datetime.fromtimestamp(moment, clock.KST).isoformat(timespec="seconds")


def page_of(answer: Any) -> Page:
    """Write an answer down once for everybody who asks the same."""
    body = json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()
    packed = gzip.compress(body, 6, mtime=0) if len(body) >= FEWEST_BYTES else b""
    return Page(body, packed, f'"{hashlib.sha256(body).hexdigest()[:24]}"')


def kept_page(at: Edition, key: str, answer: Any, *, asked: str) -> Page:
    """Keep a written page with its edition; whoever asks in the same words gets it at once."""
    if len(at.pages) >= MOST_PAGES:
        at.pages.clear()
    page = at.pages.get(key) or page_of(answer)
    at.pages[key] = at.pages[asked] = page
    return page


def rows_of_model(rows: Sequence[Row], model: str | None) -> list[Row]:
    return [row for row in rows if model is None or row["model"] == model]


def near(at: Edition, *, lat: float, lng: float, m: int, model: str | None = None) -> list[Row]:
    """Give the stock within so many metres of a point, the nearest first."""
    cell_lat, cell_lng = round(lat, CELL), round(lng, CELL)
    sites = sites_around(hash(at.snapshot.places), cell_lat, cell_lng, m)
    found = [
        {**row, "distance_m": round(metres_between(lat, lng, row["lat"], row["lng"]))}
        for row in rows_of_model(at.stock, model)
        if row["site"] in sites
    ]
    within = [row for row in found if row["distance_m"] <= m]
    return sorted(within, key=lambda row: (row["distance_m"], row["site"], row["model"]))


@lru_cache(maxsize=4096)
def sites_around(mark: int, lat: float, lng: float, m: int) -> frozenset[str]:
    """Ask the index of sites once for each corner of the city, until a site moves."""
    rows = Site.objects.public().within(lat, lng, m + CELL_SLACK)
    return frozenset(str(each) for each in rows.values_list("public_id", flat=True))


def by_address(at: Edition, asked: Asked, *, model: str | None = None) -> list[Row]:
    return [
        row
        for row in rows_of_model(at.stock, model)
        if asked.fits(district=row["district"], address=row["address"], name=row["name"])
    ]
