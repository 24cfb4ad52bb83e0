"""Sites with windows and hours, and the machines that tell of them."""

from datetime import datetime, time, timedelta
from typing import Any

from devices.models import DeviceModel, OpeningHours, Site, StockFeed, Window
from devices.services.keys import issue_site_key
from devices.services.stock_reports import take_report
from seoul_health.core import clock
from tests.conftest import JOB

# A Wednesday, ten in the morning.
TEN = datetime(2026, 7, 8, 10, 0, tzinfo=clock.KST)


def make_feed(code: str = "band-3", **levels: int) -> StockFeed:
    model, _ = DeviceModel.objects.get_or_create(
        code=code, defaults={"name": code, "maker": "한빛웨어러블"}
    )
    feed, _ = StockFeed.objects.get_or_create(model=model, defaults=levels)
    return feed


def make_open_site(code: str = "hc-jongno", *, windows: int = 2, **fields: Any) -> Site:
    """A site open from Monday to Friday, 9 to 18."""
    site = Site.objects.create(
        **{
            "code": code,
            "name": "종로구보건소",
            "kind": Site.Kind.HEALTH_CENTRE,
            "district": "종로구",
            "address": "서울특별시 종로구 건강로 36",
            "lat": "37.573000",
            "lng": "126.979400",
        }
        | fields
    )
    for day in range(5):
        OpeningHours.objects.create(site=site, day=day, opens=time(9), closes=time(18))
    for number in range(1, windows + 1):
        Window.objects.create(site=site, code=str(number), name=f"{number}번 창구")
    return site


def tell(site: Site, quantity: Any = 50, **told: Any) -> None:
    body = {"window": "1", "model": "band-3", "quantity": quantity, "observed_at": said(0)} | told
    take_report(site, body, by=JOB)


def said(minutes_ago: float) -> str:
    return (clock.now() - timedelta(minutes=minutes_ago)).isoformat()


def key_of(site: Site) -> str:
    _key, secret = issue_site_key(site, name="창구 단말", by=JOB)
    return secret
