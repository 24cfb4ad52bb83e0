"""The page of sites for citizens."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from participants.rules.districts import DISTRICTS
from tests.devices.sites import TEN, make_feed, make_open_site, tell

PAGE = reverse("sites:map")


@pytest.fixture(autouse=True)
def at_ten(db):
    with time_machine.travel(TEN, tick=False) as traveller:
        yield traveller


@pytest.fixture
def site(at_ten):
    make_feed()
    return make_open_site()


def tiles(page):
    return {tile.district: tile for line in page.context["map"] for tile in line if tile}


def test_the_map_has_each_district_once(client, site):
    assert sorted(tiles(client.get(PAGE))) == sorted(DISTRICTS)


def test_a_district_says_in_words_and_colour_where_there_is_stock(client, site):
    tell(site, 50)
    tell(make_open_site("two"), 0)
    tell(make_open_site("three"), 1)

    tile = tiles(client.get(PAGE))["종로구"]

    assert (tile.kind, tile.stocked, tile.places) == ("some", 1, 3)


def test_silence_takes_the_colour_away(client, site, at_ten):
    tell(site, 120)
    assert tiles(client.get(PAGE))["종로구"].kind == "many"

    at_ten.shift(timedelta(minutes=15))
    page = client.get(PAGE, {"district": "종로구"})

    assert tiles(page)["종로구"].kind == "unknown"
    (row,) = page.context["found"]
    assert (row["tone"], row["level"], row["is_stale"]) == ("neutral", "unknown", True)


@pytest.mark.parametrize(
    ("asked", "found", "has_problem"),
    [("종로구 건강로", 1, False), ("강남구", 0, False), ("서울특별시", 0, True), ("<b>", 0, True)],
)
def test_places_are_found_by_what_is_typed(client, site, asked, found, has_problem):
    tell(site, 50)

    page = client.get(PAGE, {"q": asked})

    assert page.status_code == 200
    assert (len(page.context["found"]), bool(page.context["problem"])) == (found, has_problem)


def test_a_page_without_any_feed_says_so(client):
    assert client.get(PAGE, {"model": "nosuch"}).status_code == 200


def test_only_this_page_may_ask_for_the_position(client, site):
    assert "geolocation=(self)" in client.get(PAGE)["Permissions-Policy"]
    assert "geolocation=()" in client.get("/rounds/")["Permissions-Policy"]
