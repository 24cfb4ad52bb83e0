"""The board of sources: silence, lag, quarantine, and who may see which site."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from devices.errors import ReportQuarantined, UnreadableReport
from devices.services.sources import sources
from tests.devices.sites import TEN, make_feed, make_open_site, said, tell

BOARD = reverse("stations:sources")


@pytest.fixture(autouse=True)
def at_ten(db):
    with time_machine.travel(TEN, tick=False) as traveller:
        yield traveller


@pytest.fixture
def site(at_ten):
    make_feed()
    return make_open_site()


@pytest.fixture
def officer(client_of, site):
    return client_of("device_officer")


def wrongly(site, **told):
    with pytest.raises((ReportQuarantined, UnreadableReport)):
        tell(site, **told)


def test_lag_and_the_share_put_aside_are_counted(site, make_staff):
    for late in (2, 4, 6):
        tell(site, observed_at=said(late))
    wrongly(site, quantity=-1)

    (found,) = sources(make_staff("device_officer"))

    assert (found.reports, found.lag_p50, found.lag_p95) == (3, 240.0, 348.0)
    assert (found.share_aside, found.waiting, found.word) == (25.0, 1, "live")


def test_silent_sites_come_first_and_those_never_heard_after_them(site, at_ten, make_staff):
    make_open_site("never")
    quiet = make_open_site("quiet")
    tell(quiet)
    at_ten.shift(timedelta(minutes=15))
    tell(site)

    found = sources(make_staff("device_officer"))

    words = [(one.code, one.word) for one in found]
    assert words == [("quiet", "silent"), ("never", "never"), ("hc-jongno", "live")]


def test_the_board_shows_and_filters(officer, site):
    make_open_site("gangnam", district="강남구")
    tell(site)

    shown = {
        query: [row["source"].code for row in officer.get(f"{BOARD}?{query}").context["rows"]]
        for query in ("", "state=live", "state=never", "district=강남구", "state=aside")
    }

    assert shown == {
        "": ["gangnam", "hc-jongno"],
        "state=live": ["hc-jongno"],
        "state=never": ["gangnam"],
        "district=강남구": ["gangnam"],
        "state=aside": [],
    }


@pytest.mark.parametrize("query", ["state=x", "district=x", "page=0", "page=9", "page=a"])
def test_a_filter_nobody_offers_is_malformed(officer, query):
    assert officer.get(f"{BOARD}?{query}").status_code == 400


def test_the_board_costs_the_same_for_many_sites(officer, site, django_assert_max_num_queries):
    for number in range(12):
        tell(make_open_site(f"more-{number}"))

    with django_assert_max_num_queries(18):
        officer.get(BOARD)


def test_the_board_can_be_downloaded(officer, site):
    tell(site)

    rows = officer.get(f"{BOARD}?csv=1").content.decode().splitlines()

    assert len(rows) == 2
    assert rows[1].startswith("hc-jongno,종로구보건소,종로구,")


def test_a_source_shows_its_windows_reports_and_quarantine(officer, site):
    tell(site, 41)
    wrongly(site, window="9")

    page = officer.get(reverse("stations:source", args=[site.code]))

    assert [word.quantity for word in page.context["words"]] == [41]
    assert [row.reason for row in page.context["aside"]] == ["unknown_window"]


def test_a_clerk_sees_the_own_site_only(client_of, site):
    make_open_site("other")
    clerk = client_of("site_clerk", scope="site", district="종로구", site_code=site.code)

    assert [row["source"].code for row in clerk.get(BOARD).context["rows"]] == ["hc-jongno"]
    assert clerk.get(reverse("stations:source", args=["other"])).status_code == 404


def test_strangers_are_sent_away(client, client_of, site):
    assert client.get(BOARD).status_code == 302
    assert client_of("agent").get(BOARD).status_code == 403
