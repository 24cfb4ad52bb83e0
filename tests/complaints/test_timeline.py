import uuid
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from complaints.models import Contact
from complaints.services import contacts, timeline
from points.services.payouts import request_payout
from seoul_health.core import clock
from seoul_health.core.models import AccessLog
from tests.complaints.builders import AGENT, MONDAY
from tests.devices.builders import returned_loan
from tests.points.builders import give

pytestmark = pytest.mark.django_db
FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def browser(client_of):
    return client_of("agent", **AGENT)


@pytest.fixture
def lived(walker, complaint, agent):
    """A person with a watch, points, a payout, a complaint and a call."""
    returned_loan(walker)
    give(walker, 9_000)
    request_payout(walker, amount=5_000, key=uuid.uuid4())
    contacts.open_contact(walker, by=agent)
    return walker


def kinds(page) -> set[str]:
    return {entry.kind for entry in page.entries}


def test_one_line_of_time_holds_every_part_of_the_programme(lived, agent):
    later = clock.now() + timedelta(days=400)

    page = timeline.history(lived, by=agent, before=later)

    assert kinds(page) == {"complaint", "points", "payout", "watch", "application", "notice"}
    assert [one.at for one in page.entries] == sorted(
        (one.at for one in page.entries), reverse=True
    )


def test_who_may_not_see_money_sees_none_of_it(lived, make_staff):
    desk_only = make_staff("device_officer", username="d")

    shown = {kind.key for kind in timeline.kinds_for(desk_only)}

    assert "payout" not in shown
    assert "payout" not in kinds(timeline.history(lived, by=desk_only))


def test_the_line_goes_on_where_it_was_cut(lived, agent, monkeypatch):
    later = clock.now() + timedelta(days=400)
    whole = timeline.history(lived, by=agent, before=later).entries
    monkeypatch.setattr(timeline, "MOST", 3)

    first = timeline.history(lived, by=agent, before=later)

    assert list(first.entries) == list(whole[:3])
    assert first.before == whole[2].at


def test_what_happened_in_one_moment_is_never_lost_between_pages(walker, agent, monkeypatch):
    with time_machine.travel(MONDAY, tick=False):
        for _ in range(3):
            contacts.open_contact(walker, by=agent)
    Contact.objects.update(opened_at=MONDAY)
    contacts.open_contact(walker, by=agent)
    monkeypatch.setattr(timeline, "MOST", 2)

    shown, before = [], clock.now() + timedelta(days=1)
    while before is not None:
        page = timeline.history(walker, by=agent, before=before, only="complaint")
        shown, before = [*shown, *page.entries], page.before

    assert len(shown) == 4


def test_the_page_shows_one_kind_alone_and_writes_it_down(browser, lived):
    address = reverse("desk:history", args=[lived.number])

    page = browser.get(f"{address}?only=watch", headers=FRAGMENT)

    assert {entry.kind for entry, _icon in page.context["entries"]} == {"watch"}
    assert AccessLog.objects.get(what="desk:history:watch").subjects == [lived.number]
    assert "김걷기" not in page.content.decode()


@pytest.mark.parametrize(
    "query", ["only=nonsense", "before=yesterday", "before=2026-01-01T00:00:00"]
)
def test_a_strange_address_is_refused(browser, walker, query):
    address = reverse("desk:history", args=[walker.number])

    assert browser.get(f"{address}?{query}", headers=FRAGMENT).status_code == 400


def test_a_whole_page_and_an_earlier_part_open_too(browser, lived):
    address = reverse("desk:history", args=[lived.number])

    assert browser.get(address).status_code == 200
    moment = "2030-01-01T00:00:00%2B09:00"
    assert browser.get(f"{address}?before={moment}", headers=FRAGMENT).status_code == 200


def test_the_history_is_closed_to_others(client_of, client, walker):
    address = reverse("desk:history", args=[walker.number])

    assert client.get(address).status_code == 302
    assert client_of("finance_officer").get(address).status_code == 403


def test_the_history_costs_few_queries(lived, agent, django_assert_max_num_queries):
    with django_assert_max_num_queries(16):
        timeline.history(lived, by=agent)
