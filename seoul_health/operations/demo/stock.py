"""Where watches are kept and what was bought: sites, models, lots, and the idle watches."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from devices.models import Device, DeviceModel, Lot, Site
from seoul_health.simulators.people import SEOUL

from .copy import chunks, copy_rows, public_id
from .plans import World

# The districts' middles and a code each, in the order of SEOUL; the addresses are invented.
CENTRES = (
    ("jongno", 37.5730, 126.9794), ("junggu", 37.5640, 126.9975), ("yongsan", 37.5326, 126.9904),
    ("seongdong", 37.5634, 127.0369), ("gwangjin", 37.5385, 127.0823),
    ("dongdaemun", 37.5744, 127.0396), ("jungnang", 37.6063, 127.0925),
    ("seongbuk", 37.5894, 127.0167), ("gangbuk", 37.6396, 127.0257),
    ("dobong", 37.6688, 127.0471), ("nowon", 37.6542, 127.0568),
    ("eunpyeong", 37.6027, 126.9291), ("seodaemun", 37.5791, 126.9368),
    ("mapo", 37.5663, 126.9019), ("yangcheon", 37.5170, 126.8666),
    ("gangseo", 37.5509, 126.8495), ("guro", 37.4955, 126.8877),
    ("geumcheon", 37.4569, 126.8955), ("yeongdeungpo", 37.5264, 126.8962),
    ("dongjak", 37.5124, 126.9393), ("gwanak", 37.4784, 126.9516),
    ("seocho", 37.4837, 127.0324), ("gangnam", 37.5172, 127.0473),
    ("songpa", 37.5145, 127.1059), ("gangdong", 37.5301, 127.1238),
)  # fmt: skip
COMMUNITY = ("종로구", "성동구", "노원구", "은평구", "마포구", "관악구", "강남구", "송파구")
MODELS = (
    ("band-1", "서울온밴드", "한빛웨어러블"),
    ("watch-lite", "서울온워치 라이트", "한빛웨어러블"),
    ("watch-2", "서울온워치 2", "다온헬스"),
)
LOTS = (
    ("L2021-1", "band-1", "한빛웨어러블", 49_500),
    ("L2022-1", "band-1", "한빛웨어러블", 47_000),
    ("L2023-1", "watch-lite", "한빛웨어러블", 55_000),
    ("L2023-2", "watch-lite", "새봄유통", 54_300),
    ("L2025-1", "watch-2", "다온헬스", 61_000),
    ("L2026-1", "watch-2", "다온헬스", 59_800),
)
IDLE = (
    ("in_stock", False, 82), ("in_repair", False, 4), ("quarantined", True, 3),
    ("disposed", False, 5), ("lost", False, 2), ("awaiting_inspection", True, 4),
)  # fmt: skip
DEVICE = ("serial", "lot", "site", "status", "holds_personal_data", "grade", "registered_at")
IDLE_CHUNK = 20_000


@dataclass
class Stock:
    """The depot, a health centre per district, the lots; and how many watches are numbered."""

    depot: Site
    centres: dict[str, Site]
    sites: list[Site]
    lots: list[Lot]
    used: int = 0

    def serial(self) -> tuple[str, Lot]:
        """Number the next watch; lots come in one after the other."""
        lot = self.lots[self.used % len(self.lots)]
        self.used += 1
        return f"SW{lot.received_on:%y}-{self.used:07d}", lot


def load_stock(world: World) -> Stock:
    dice = world.dice("sites")
    centres = [
        _centre(district, place, dice) for district, place in zip(SEOUL, CENTRES, strict=True)
    ]
    others = [_community_centre(district, dice) for district in COMMUNITY]
    depot = Site(
        public_id=public_id(dice),
        code="depot", name="서울시 건강기기 물류센터", kind=Site.Kind.DEPOT, district="구로구",
        address="서울특별시 구로구 가마산로 9988",
        lat=Decimal("37.493300"), lng=Decimal("126.871200"),
    )  # fmt: skip
    sites = Site.objects.bulk_create([*centres, *others, depot])
    return Stock(
        depot=depot,
        centres={site.district: site for site in centres},
        sites=sites,
        lots=_load_lots(world),
    )


def copy_idle(stock: Stock, world: World) -> int:
    """Write the watches that nobody has; give how many."""
    left = max(world.devices - stock.used, len(IDLE) * 2)
    for number, block in enumerate(chunks(left, IDLE_CHUNK)):
        dice = world.dice("idle", number)
        first = number == 0
        copy_rows(Device, DEVICE, _idle_rows(stock, len(block), dice, world, every_state=first))
    return left


def registered(lot: Lot) -> datetime:
    return datetime.fromisoformat(f"{lot.received_on}T10:00:00+09:00")


def _idle_rows(
    stock: Stock, count: int, dice: Random, world: World, *, every_state: bool
) -> Iterator[tuple[Any, ...]]:
    weights = [weight for *_, weight in IDLE]
    for place in range(count):
        if every_state and place < len(IDLE):
            status, holds, _ = IDLE[place]
        else:
            status, holds, _ = dice.choices(IDLE, weights=weights)[0]
        serial, lot = stock.serial()
        site = stock.depot if dice.random() < 0.6 else dice.choice(stock.sites)
        yield (
            serial, lot.pk, site.pk, status, holds,
            dice.choice("AAAB") if status == "in_stock" else dice.choice("BCCD"),
            registered(lot),
        )  # fmt: skip


def _centre(district: str, place: tuple[str, float, float], dice: Random) -> Site:
    code, lat, lng = place
    return Site(
        public_id=public_id(dice),
        code=f"hc-{code}",
        name=f"{district}보건소",
        kind=Site.Kind.HEALTH_CENTRE,
        district=district,
        address=f"서울특별시 {district} 건강로 {dice.randint(1, 200)}",
        lat=Decimal(f"{lat:.6f}"),
        lng=Decimal(f"{lng:.6f}"),
    )


def _community_centre(district: str, dice: Random) -> Site:
    code, lat, lng = CENTRES[SEOUL.index(district)]
    return Site(
        public_id=public_id(dice),
        code=f"cc-{code}",
        name=f"{district} 한걸음 주민센터",
        kind=Site.Kind.COMMUNITY_CENTRE,
        district=district,
        address=f"서울특별시 {district} 마을길 {dice.randint(1, 90)}",
        lat=Decimal(f"{lat + dice.uniform(-0.008, 0.008):.6f}"),
        lng=Decimal(f"{lng + dice.uniform(-0.008, 0.008):.6f}"),
    )


def _load_lots(world: World) -> list[Lot]:
    models = {
        code: DeviceModel.objects.create(code=code, name=name, maker=maker)
        for code, name, maker in MODELS
    }
    oldest = len(LOTS) * 150 + 200
    return Lot.objects.bulk_create(
        Lot(
            code=code,
            model=models[model],
            supplier=supplier,
            contract_no=f"건강-{code[1:]}-{place + 31:03d}",
            unit_price=price,
            received_on=world.today - timedelta(days=oldest - place * 150),
            warranty_until=world.today + timedelta(days=place * 150 - 300),
        )
        for place, (code, model, supplier, price) in enumerate(LOTS)
    )
