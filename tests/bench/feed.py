"""GET the whole feed of stock, against a static file of the same bytes from the same server."""

import gzip
import os
from pathlib import Path

from django.conf import settings

from tests.bench.http import rate, request, web_server
from tests.bench.measure import alternate

CALLS = 4000
SITES = 425
FILE = "bench-feed.json"
PATH = "/api/v1/stock/?per_page=5000"


def prepare() -> None:
    """Make a city's sites with two windows each, all of which have just told of their stock."""
    from devices.models import DeviceModel, Site, StockFeed, Window, WindowStock
    from participants.rules.districts import DISTRICTS
    from seoul_health.core import clock

    model, _ = DeviceModel.objects.get_or_create(code="bench", defaults={"name": "b", "maker": "b"})
    StockFeed.objects.get_or_create(model=model)
    if Site.objects.filter(code="bench-0").exists():
        return
    sites = Site.objects.bulk_create(
        Site(
            code=f"bench-{number}",
            name=f"측정 주민센터 {number}",
            kind=Site.Kind.COMMUNITY_CENTRE,
            district=DISTRICTS[number % 25],
            address=f"서울특별시 {DISTRICTS[number % 25]} 측정로 {number}",
            lat=37.5 + number % 100 / 1000,
            lng=126.9 + number % 90 / 500,
        )
        for number in range(SITES)
    )
    windows = Window.objects.bulk_create(
        Window(site=site, code=code, name=code) for site in sites for code in "12"
    )
    WindowStock.objects.bulk_create(
        WindowStock(window=window, model=model, quantity=window.pk % 90, observed_at=clock.now())
        for window in windows
    )


def stock_feed_vs_static() -> None:
    from devices.services import feed

    prepare()
    body = feed.page_of(feed.edition().stock).body
    static = Path(settings.STATIC_ROOT) / FILE
    static.write_bytes(body)
    packed = static.with_name(f"{FILE}.gz")
    packed.write_bytes(gzip.compress(body, 6))
    env = {"DATABASE_URL": os.environ["DATABASE_URL"], "LOG_REQUESTS": "0"}
    headers = {"Accept-Encoding": "gzip"}
    try:
        with web_server(env) as (port, _pid):
            alternate(
                "stock_feed_vs_static",
                ours=lambda: rate(port, [request("GET", PATH, headers=headers)] * CALLS, b"200"),
                baseline=lambda: rate(
                    port, [request("GET", f"/static/{FILE}", headers=headers)] * CALLS, b"200"
                ),
                unit="requests/s",
                better="higher",
                n=CALLS,
            )
    finally:
        static.unlink()
        packed.unlink()
