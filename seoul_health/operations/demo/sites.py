"""The places citizens go to, their windows and hours, and what those said of their stock today."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from devices.models import (
    ConsumerKey,
    DeviceModel,
    OpeningHours,
    QuarantinedReport,
    Site,
    SiteKey,
    StockFeed,
    StockReport,
    Window,
    WindowStock,
)
from seoul_health.core import clock, crypto
from seoul_health.operations.play.stock import SILENT_EVERY
from seoul_health.simulators.people import SEOUL

from .copy import copy_rows, public_id
from .plans import World
from .stock import CENTRES, Stock

NAMES = (
    "햇살", "솔빛", "은하", "한솔", "새봄", "가람", "다온", "누리",
    "미래", "푸른", "샘터", "벚꽃", "단풍", "느티", "물빛", "별빛",
)  # fmt: skip
STREETS = ("마을길", "샘터길", "은행나무길", "한걸음길", "둘레길")
FEEDS = ("watch-2", "watch-lite")
EVERY = timedelta(minutes=10)
REPORTS = 12
REPORT = (
    "window", "model", "quantity", "is_stopped", "observed_at", "received_at", "reported_by",
)  # fmt: skip
LATEST = ("window", "model", "quantity", "is_stopped", "observed_at", "stocked_at")
WRONG = (
    ("negative", "1", "watch-2", "-1"),
    ("not_a_number", "1", "watch-2", "많음"),
    ("not_a_number", "2", "watch-lite", "12개"),
    ("unknown_window", "7", "watch-2", "18"),
    ("unknown_model", "1", "band-9", "5"),
    ("future", "1", "watch-2", "24"),
    ("too_many", "1", "watch-lite", "1200000"),
)
READERS = (
    ("서울지도연구소", "지도 앱에 워치 재고를 보여 줍니다.", 600),
    ("한걸음지도", "가까운 대여 거점을 안내합니다.", 300),
    ("동네건강알리미", "동별 재고 알림을 보냅니다.", 120),
    ("열린통계연구회", "하루 한 번 재고 통계를 모읍니다.", 30),
)


@dataclass
class Teller:
    """A window that tells of one model, and how it does that."""

    window: Window
    model: DeviceModel
    quantity: int
    last_at: datetime
    is_stopped: bool
    lag: float


def load_sites(world: World, stock: Stock) -> int:
    """Fill the map: sixteen community centres a district, their windows, hours and stock."""
    dice = world.dice("feed sites")
    extra = [_centre_of(district, number, dice) for district in SEOUL for number in range(16)]
    sites = [site for site in stock.sites if site.kind != Site.Kind.DEPOT]
    sites += Site.objects.bulk_create(extra)
    OpeningHours.objects.bulk_create(hours for site in sites for hours in _hours(site))
    windows = Window.objects.bulk_create(
        window for site in sites for window in _windows(site, dice)
    )
    models = DeviceModel.objects.in_bulk(FEEDS, field_name="code")
    StockFeed.objects.bulk_create(StockFeed(model=models[code]) for code in FEEDS)
    _load_keys(sites, world, dice)
    tellers = list(_tellers(windows, models, world, dice))
    _load_reports(tellers, dice)
    _load_quarantine(sites, world, dice)
    return len(sites)


def _centre_of(district: str, number: int, dice: Random) -> Site:
    code, lat, lng = CENTRES[SEOUL.index(district)]
    name = NAMES[number]
    return Site(
        public_id=public_id(dice),
        code=f"{code}-{number + 1:02d}",
        name=f"{district} {name}동 주민센터",
        kind=Site.Kind.COMMUNITY_CENTRE,
        district=district,
        address=f"서울특별시 {district} {name}{dice.choice(STREETS)} {dice.randint(1, 180)}",
        phone=f"02-120-{dice.randint(2000, 6999)}",
        lat=Decimal(f"{lat + dice.uniform(-0.014, 0.014):.6f}"),
        lng=Decimal(f"{lng + dice.uniform(-0.018, 0.018):.6f}"),
    )


def _hours(site: Site) -> Iterator[OpeningHours]:
    for day in range(5):
        yield OpeningHours(site=site, day=day, opens=time(9), closes=time(18))
    if site.kind == Site.Kind.HEALTH_CENTRE:
        yield OpeningHours(site=site, day=5, opens=time(9), closes=time(13))


def _windows(site: Site, dice: Random) -> Iterator[Window]:
    count = 3 if site.kind == Site.Kind.HEALTH_CENTRE else dice.choice((1, 1, 2))
    for number in range(1, count + 1):
        yield Window(site=site, code=str(number), name=f"{number}번 창구")


def _tellers(
    windows: list[Window], models: dict[str, DeviceModel], world: World, dice: Random
) -> Iterator[Teller]:
    for window in windows:
        is_silent, lag = window.pk % SILENT_EVERY == 0, dice.choice((1.2, 2.5, 2.5, 6.0, 45.0))
        for code in FEEDS:
            quiet = timedelta(hours=dice.uniform(75, 150)) if is_silent else timedelta()
            yield Teller(
                window=window,
                model=models[code],
                quantity=dice.choice((0, 1, 4, 12, 20, 35, 48, 60, 90, 130)),
                last_at=world.now - quiet - timedelta(seconds=dice.randint(20, 540)),
                is_stopped=dice.random() < 0.03,
                lag=lag,
            )


def _load_reports(tellers: list[Teller], dice: Random) -> None:
    latest: list[tuple[Any, ...]] = []

    def rows() -> Iterator[tuple[Any, ...]]:
        for teller in tellers:
            quantity, stocked_at = teller.quantity, None
            for step in range(REPORTS - 1, -1, -1):
                at = teller.last_at - step * EVERY
                taken = dice.choice((0, 0, 1, 2, 3))
                refill = 40 if quantity < taken else 0
                stocked_at = at if refill or stocked_at is None else stocked_at
                quantity += refill - min(quantity + refill, taken)
                stopped = teller.is_stopped and step == 0
                received = at + timedelta(seconds=dice.expovariate(1 / teller.lag) + 0.2)
                yield (
                    teller.window.pk, teller.model.pk, quantity, stopped, at, received,
                    f"site-key:{teller.window.site.code}",
                )  # fmt: skip
            latest.append(
                (
                    teller.window.pk, teller.model.pk, quantity, teller.is_stopped,
                    teller.last_at, stocked_at,
                )
            )  # fmt: skip

    copy_rows(StockReport, REPORT, rows())
    copy_rows(WindowStock, LATEST, latest)


def _load_keys(sites: list[Site], world: World, dice: Random) -> None:
    """Issue keys nobody holds: secrets are shown once, and nobody was there to see these."""
    SiteKey.objects.bulk_create(
        SiteKey(
            site=site,
            name="창구 단말",
            hint=f"sk_{dice.getrandbits(40):010x}"[:10],
            digest=crypto.digest(f"demo {world.seed} {site.code}"),
            issued_at=world.now - timedelta(days=40),
            issued_by="staff:device",
            last_seen_at=world.now - timedelta(minutes=dice.randint(0, 12)),
        )
        for site in sites
        if dice.random() < 0.5
    )
    ConsumerKey.objects.bulk_create(
        ConsumerKey(
            organisation=organisation,
            purpose=purpose,
            per_minute=per_minute,
            hint=f"ck_{dice.getrandbits(40):010x}"[:10],
            digest=crypto.digest(f"demo {world.seed} {organisation}"),
            issued_at=world.now - timedelta(days=60),
            issued_by="staff:device",
            last_seen_at=world.now - timedelta(minutes=dice.choice((0, 1, 3, 2900))),
        )
        for organisation, purpose, per_minute in READERS
    )


def _load_quarantine(sites: list[Site], world: World, dice: Random) -> None:
    QuarantinedReport.objects.bulk_create(
        QuarantinedReport(
            site=dice.choice(sites),
            reason=reason,
            window=window,
            model=model,
            quantity=quantity,
            observed_at=_claimed(reason, at),
            reported_by="site-key:sk_demo",
            received_at=at,
        )
        for number in range(28)
        for reason, window, model, quantity in [WRONG[number % len(WRONG)]]
        for at in [world.now - timedelta(minutes=dice.randint(3, 1200))]
    )


def _claimed(reason: str, at: datetime) -> str:
    ahead = timedelta(days=1) if reason == "future" else timedelta()
    return (at + ahead).astimezone(clock.KST).isoformat(timespec="seconds")
