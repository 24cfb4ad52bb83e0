"""Pages as a browser sees them: nothing blocked by the policy, nothing an axe finds."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import connections
from playwright.sync_api import Page, expect, sync_playwright

from seoul_health.core import clock
from seoul_health.core.charts import Datum, Series, bar_chart, line_chart
from seoul_health.core.models import StaffUser
from seoul_health.operations import panels

pytestmark = [pytest.mark.serial, pytest.mark.django_db(transaction=True)]
WORSE = {"serious", "critical"}


@pytest.fixture
def operator(live_server, make_staff) -> StaffUser:
    return make_staff("system_operator", "auditor", username="operator", last_name="김")


@pytest.fixture
def page(operator: StaffUser, monkeypatch) -> Iterator[Page]:
    """Open a browser last: once its loop runs, this thread leaves the database alone."""
    # The server's threads must not keep the test database open behind them.
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="ko-KR")
        page.set_default_timeout(8_000)
        page.complaints = []
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("console", lambda said: note(page, said))
        yield page
        browser.close()


def note(page: Page, said) -> None:
    if said.type in {"error", "warning"} and "Failed to load resource" not in said.text:
        page.complaints.append(said.text)


def faults(page: Page) -> list[str]:
    """Name what the axe finds serious, and what the browser blocked."""
    found = Axe().run(page).response["violations"]
    return [f"{v['id']}: {v['help']}" for v in found if v["impact"] in WORSE] + page.complaints


@pytest.fixture
def signed_in(page: Page, live_server) -> Page:
    page.goto(f"{live_server}/admin/login/")
    page.fill("#id_username", "operator")
    page.fill("#id_password", "Demo-pass-9988")
    page.click("button[type=submit]")
    return page


def full_index(request) -> dict[str, object]:
    now = clock.now()
    bars = bar_chart([Datum("9월", 12, "/admin/"), Datum("10월", 1284, "/admin/")], title="지급")
    both = [Series("접수", (4, 9)), Series("답변", (3, 9))]
    lines = line_chart(["9월", "10월"], both, title="민원")
    queue = {"label": "증빙", "count": 12, "oldest": now - timedelta(days=2), "url": "/admin/"}
    return {
        "queues": [{**queue, "tone": tone} for tone in ("info", "ok", "warn", "danger")],
        "charts": [
            {"title": title, "svg": svg, "as_of": now, "formula": "합계"}
            for title, svg in (("지급", bars), ("민원", lines))
        ],
        "jobs": [{"name": "정산", "at": now, "outcome": "성공", "tone": "ok", "url": "/admin/"}],
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/admin/login/", "/no-such-page/"])
def test_pages_for_anybody(page: Page, live_server, path: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)

    page.goto(f"{live_server}{path}")

    assert faults(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_index(signed_in: Page, live_server, monkeypatch, scheme: str) -> None:
    monkeypatch.setattr(panels, "of", full_index)
    signed_in.emulate_media(color_scheme=scheme)

    signed_in.goto(f"{live_server}/admin/")

    assert faults(signed_in) == []


@pytest.mark.parametrize(
    "path",
    [
        "/admin/core/staffuser/",
        "/admin/core/staffuser/add/",
        "/admin/core/rolegrant/",
        "/admin/password_change/",
    ],
)
def test_staff_pages(signed_in: Page, live_server, path: str) -> None:
    signed_in.goto(f"{live_server}{path}")

    assert faults(signed_in) == []


def test_the_menu_folds_and_stays_folded(signed_in: Page, live_server) -> None:
    signed_in.click("[data-toggle-sidebar]")
    signed_in.goto(f"{live_server}/admin/core/staffuser/")

    expect(signed_in.locator("#frame")).to_have_class("frame narrow")


def test_the_dark_is_chosen_and_kept(signed_in: Page, live_server) -> None:
    signed_in.click(".person summary")
    signed_in.click("[data-theme-choice=dark]")
    signed_in.reload()

    assert signed_in.evaluate("document.documentElement.dataset.theme") == "dark"


def test_a_slash_goes_to_the_search(signed_in: Page, live_server) -> None:
    signed_in.goto(f"{live_server}/admin/core/staffuser/")
    signed_in.keyboard.press("/")

    assert signed_in.evaluate("document.activeElement.type") == "search"


def test_a_phone_scrolls_only_downwards(page: Page, live_server) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live_server}/admin/login/")

    assert page.evaluate("document.documentElement.scrollWidth") == 390
