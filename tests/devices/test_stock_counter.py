"""The counter page: a clerk tells of the own site only, in one step."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from devices.models import QuarantinedReport, StockReport, Window
from tests.devices.sites import TEN, make_feed, make_open_site, said, tell

PAGE, REPORT = reverse("stations:counter"), reverse("stations:counter-report")


@pytest.fixture(autouse=True)
def at_ten(db):
    with time_machine.travel(TEN, tick=False) as traveller:
        yield traveller


@pytest.fixture
def site(at_ten):
    make_feed()
    return make_open_site()


@pytest.fixture
def clerk(client_of, site):
    return client_of("site_clerk", scope="site", district="종로구", site_code=site.code)


def send(browser, content=None, **told):
    body = {
        "site": "hc-jongno",
        "window": "1",
        "model": "band-3",
        "quantity": 57,
        "observed_at": said(0),
    }
    content = json.dumps(body | told) if content is None else content
    return browser.post(REPORT, content, content_type="application/json")


def test_the_page_opens_on_ones_own_site_with_the_last_word(clerk, site):
    tell(site, 41)

    page = clerk.get(PAGE)

    assert page.context["site"] == site
    assert 'value="41"' in page.content.decode()
    assert [group["window"].code for group in page.context["windows"]] == ["1", "2"]


def test_the_page_costs_the_same_for_many_windows(clerk, site, django_assert_max_num_queries):
    for number in range(3, 12):
        Window.objects.create(site=site, code=str(number), name=f"{number}번 창구")

    with django_assert_max_num_queries(16):
        clerk.get(PAGE)


def test_a_row_is_seen_by_citizens_as_soon_as_it_is_sent(clerk, client):
    answer = send(clerk, quantity=120)

    assert (answer.status_code, answer.json()["quantity"]) == (201, 120)
    assert client.get("/api/v1/stock/").json()["results"][0]["level"] == "plenty"
    assert StockReport.objects.get().reported_by == f"staff:{clerk.user.username}"


def test_a_row_kept_in_the_phone_arrives_with_the_time_it_was_seen(clerk):
    send(clerk, observed_at=said(30))

    assert StockReport.objects.get().observed_at == TEN - timedelta(minutes=30)


def test_a_row_sent_again_after_a_broken_line_changes_nothing(clerk):
    assert [send(clerk).status_code for _ in range(2)] == [201, 200]
    assert StockReport.objects.count() == 1


def test_a_clerk_tells_of_no_other_site(clerk, site):
    make_open_site("other")

    assert send(clerk, site="other").status_code == 404
    assert clerk.get(PAGE, {"site": "other"}).status_code == 404
    assert StockReport.objects.count() == QuarantinedReport.objects.count() == 0


def test_a_bad_row_goes_into_quarantine(clerk):
    answer = send(clerk, quantity=-1)

    assert (answer.status_code, answer.json()["code"]) == (400, "negative")
    assert QuarantinedReport.objects.get().reported_by == f"staff:{clerk.user.username}"


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{", "null", '{"site": 1}', '{"site": "a\\u0000"}', "[" * 5000, '{"window": "1"}'],
    ids=["empty", "list", "half", "null", "number", "nul", "deep", "nowhere"],
)
def test_what_is_no_row_is_malformed(clerk, content):
    assert send(clerk, content).status_code == 400
    assert QuarantinedReport.objects.count() == 0


def test_strangers_are_sent_away(client, client_of, site):
    assert client.get(PAGE).status_code == 302
    assert send(client).status_code == 401
    agent = client_of("agent")
    assert agent.get(PAGE).status_code == 403
    assert send(agent).status_code == 403


def test_an_officer_of_the_city_chooses_a_site(client_of, site):
    make_open_site("other")
    officer = client_of("device_officer")

    assert officer.get(PAGE).context["site"] is None
    assert officer.get(PAGE, {"site": "other"}).context["site"].code == "other"
