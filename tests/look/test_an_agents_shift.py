"""An agent's work at the desk by keyboard alone, with the time it takes."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections
from playwright.sync_api import Page, expect, sync_playwright

from complaints.models import Complaint, Message
from seoul_health.core import clock
from tests.complaints.builders import AGENT, receive_one

pytestmark = [pytest.mark.serial, pytest.mark.django_db(transaction=True)]
COMPLAINTS = 3
PATIENCE = 15_000


@pytest.fixture
def shift(walker, make_staff) -> list[Complaint]:
    """An agent, and citizens who miss yesterday's steps."""
    make_staff("agent", username="agent", **AGENT)
    yesterday = clock.now() - timedelta(days=1)
    about = clock.seoul_day(yesterday)
    filed = [receive_one(walker, at=yesterday, title=f"걷기 0 {n}") for n in range(COMPLAINTS)]
    Complaint.objects.update(about_date=about)
    return filed


@pytest.fixture
def page(live_server, shift, monkeypatch) -> Iterator[Page]:
    """Open a browser last: once its loop runs, this thread leaves the database alone."""
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="ko-KR")
        page.set_default_timeout(20_000)
        page.goto(f"{live_server}/admin/login/")
        page.fill("#id_username", "agent")
        page.fill("#id_password", "Demo-pass-9988")
        page.click("button[type=submit]")
        page.wait_for_url("**/admin/")
        page.goto(f"{live_server}/desk/")
        yield page
        browser.close()


def press(page: Page, code: str, key: str) -> None:
    """Press a key as the Korean keyboard reports it: the letter is Korean, its place is not."""
    said = {"code": code, "key": key, "bubbles": True, "cancelable": True}
    page.evaluate("said => document.body.dispatchEvent(new KeyboardEvent('keydown', said))", said)


def answer_one(page: Page) -> None:
    """Take the next complaint, run the first macro, and send its letter."""
    page.keyboard.press("n")
    expect(page.locator("[data-macros]")).to_be_visible(timeout=PATIENCE)
    page.keyboard.press("m")
    expect(page.locator(".macro-row").first).to_be_focused(timeout=PATIENCE)
    page.keyboard.press("1")
    expect(page.locator("#macro-text")).to_be_focused(timeout=PATIENCE)
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-macros]")).not_to_be_visible(timeout=PATIENCE)
    expect(page.locator("#desk-macro")).not_to_be_visible()


def answered() -> int:
    """Count from another thread: the browser's loop holds this one."""
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(counted).result()


def counted() -> int:
    try:
        return Message.objects.filter(purpose="answer", complaint__status="answered").count()
    finally:
        connections.close_all()


def test_a_shift_is_worked_by_keyboard(page: Page) -> None:
    began = time.monotonic()

    for _each in range(COMPLAINTS):
        answer_one(page)

    each = (time.monotonic() - began) / COMPLAINTS
    print(f"seconds from take-next to answered: {each:.1f}")
    assert answered() == COMPLAINTS


def test_the_keys_work_in_korean_input(page: Page) -> None:
    press(page, "KeyN", "ㅜ")
    expect(page.locator("#case[data-receipt] .composer")).to_be_visible()

    press(page, "KeyH", "ㅗ")

    expect(page.locator(".entries .entry").first).to_be_visible()


def test_the_help_sheet_opens_and_closes(page: Page) -> None:
    page.keyboard.press("?")
    expect(page.locator("#desk-help")).to_be_visible()

    page.keyboard.press("Escape")

    expect(page.locator("#desk-help")).not_to_be_visible()
