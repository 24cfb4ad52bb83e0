"""The public feed: exact shapes, paging, distances, addresses, caching, and its cost."""

import gzip
import json
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from devices.models import FeedNotice, Site, Window
from devices.services import snapshot
from devices.services.keys import issue_consumer_key, revoke_key
from tests.conftest import JOB
from tests.devices.sites import TEN, make_feed, make_open_site, tell

pytestmark = pytest.mark.django_db
PATHS = (
    "/api/v1/stock/",
    "/api/v1/sites/",
    "/api/v1/stock/by-address/?address=종로구",
    "/api/v1/stock/near/?lat=37.57&lng=126.97",
)


@pytest.fixture(autouse=True)
def at_ten():
    with time_machine.travel(TEN, tick=False) as traveller:
        yield traveller


@pytest.fixture
def site(at_ten):
    make_feed()
    return make_open_site()


def only(path="/api/v1/stock/"):
    (row,) = Client().get(path).json()["results"]
    return row


def test_a_row_of_stock_has_exactly_the_documented_shape(site):
    tell(site, 120)

    assert Client().get("/api/v1/stock/").json() == {
        "count": 1,
        "page": 1,
        "per_page": 500,
        "next": None,
        "previous": None,
        "results": [
            {
                "site": str(site.public_id),
                "name": "종로구보건소",
                "address": "서울특별시 종로구 건강로 36",
                "district": "종로구",
                "type": "health_centre",
                "lat": 37.573,
                "lng": 126.9794,
                "model": "band-3",
                "level": "plenty",
                "last_level": "plenty",
                "stocked_at": "2026-07-08T10:00:00+09:00",
                "observed_at": "2026-07-08T10:00:00+09:00",
                "published_at": "2026-07-08T10:00:00+09:00",
                "is_stale": False,
            }
        ],
    }


def test_places_are_told_apart_from_stock(site):
    (place,) = Client().get("/api/v1/sites/").json()["results"]

    assert place == {
        "site": str(site.public_id),
        "name": "종로구보건소",
        "address": "서울특별시 종로구 건강로 36",
        "district": "종로구",
        "type": "health_centre",
        "phone": "",
        "lat": 37.573,
        "lng": 126.9794,
        "hours": [{"day": day, "opens": "09:00", "closes": "18:00"} for day in range(5)],
    }


def test_depots_and_closed_sites_are_not_places_for_citizens(site):
    make_open_site("depot", kind=Site.Kind.DEPOT)
    make_open_site("closed", is_active=False)

    names = [row["site"] for row in Client().get("/api/v1/sites/").json()["results"]]

    assert names == [str(site.public_id)]


@pytest.mark.parametrize(
    ("quantity", "level"),
    [
        (100, "plenty"),
        (99, "some"),
        (30, "some"),
        (29, "few"),
        (2, "few"),
        (1, "empty"),
        (0, "empty"),
    ],
)
def test_levels_are_coarse(site, quantity, level):
    tell(site, quantity)

    assert only()["level"] == level


def test_levels_of_a_feed_are_data(at_ten):
    make_feed(plenty_from=10, some_from=5, few_from=1)
    tell(make_open_site(), 10)

    assert only()["level"] == "plenty"


def test_the_windows_of_a_site_are_added_up(site):
    tell(site, 60)
    tell(site, 45, window="2")

    assert only()["level"] == "plenty"


def test_a_window_that_stopped_is_not_counted_and_a_site_that_stopped_says_so(site, at_ten):
    tell(site, 60)
    tell(site, 60, window="2", stopped=True)
    assert only()["level"] == "some"

    at_ten.shift(timedelta(seconds=1))
    tell(site, 60, stopped=True)
    assert only()["level"] == "break"


def test_a_window_taken_out_of_use_is_not_counted(site):
    tell(site, 60)
    tell(site, 60, window="2")
    Window.objects.filter(site=site, code="2").update(is_active=False)

    assert only()["level"] == "some"


def test_a_silent_site_turns_unknown_and_never_stays_green(site, at_ten):
    tell(site, 120)
    at_ten.shift(timedelta(minutes=14, seconds=59))
    assert (only()["level"], only()["is_stale"]) == ("plenty", False)

    at_ten.shift(timedelta(seconds=1))

    row = only()
    assert (row["level"], row["last_level"], row["is_stale"]) == ("unknown", "plenty", True)
    assert row["observed_at"] == "2026-07-08T10:00:00+09:00"


def test_a_silent_window_is_left_out_while_others_speak(site, at_ten):
    tell(site, 120)
    at_ten.shift(timedelta(minutes=16))
    tell(site, 40, window="2")

    row = only()
    assert (row["level"], row["is_stale"]) == ("some", False)
    assert row["observed_at"] == "2026-07-08T10:16:00+09:00"


def test_the_night_does_not_make_a_word_old(site, at_ten):
    at_ten.move_to(TEN.replace(hour=17, minute=55))
    tell(site, 120)
    at_ten.move_to(TEN.replace(hour=9, minute=9) + timedelta(days=1))
    assert only()["is_stale"] is False

    at_ten.shift(timedelta(minutes=1))

    assert only()["is_stale"] is True


def test_pages_follow_each_other_and_end(site):
    for number in range(3):
        make_open_site(f"site-{number}")

    first = Client().get("/api/v1/sites/?per_page=3").json()
    second = Client().get(first["next"]).json()

    assert (first["count"], len(first["results"]), len(second["results"])) == (4, 3, 1)
    assert (second["next"], second["previous"]) == (None, "/api/v1/sites/?page=1&per_page=3")
    assert Client().get("/api/v1/sites/?page=3&per_page=3").status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "page=0", "page=-1", "page=abc", "page=１", "page=1_0", "page=99999999999999999999",
        "per_page=0", "per_page=5001", "per_page=1.0", "page=", "model=nosuch",
    ],
)  # fmt: skip
def test_a_page_that_cannot_be_is_malformed(site, query):
    answer = Client().get(f"/api/v1/stock/?{query}")

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_stock_around_a_point_comes_nearest_first(site):
    far = make_open_site("far", lat="37.590000", lng="126.979400")
    make_open_site("gangnam", lat="37.517200", lng="127.047300", district="강남구")
    for each in Site.objects.all():
        tell(each, 50)

    rows = Client().get("/api/v1/stock/near/?lat=37.573&lng=126.9794&m=2000").json()["results"]

    found = [(row["site"], row["distance_m"]) for row in rows]
    assert found == [(str(site.public_id), 0), (str(far.public_id), 1890)]
    edge = "/api/v1/stock/near/?lat=37.573&lng=126.9794&m="
    assert [Client().get(f"{edge}{m}").json()["count"] for m in (1889, 1890)] == [1, 2]


@pytest.mark.parametrize(
    "query",
    [
        "", "lat=37.5", "lat=37.5&lng=abc", "lat=nan&lng=127", "lat=91&lng=127", "lat=37.5&lng=0",
        "lat=37.5&lng=127&m=5001", "lat=37.5&lng=127&m=0", "lat=37.5&lng=127&m=-5",
        "lat=1e2&lng=127", "lat=３７&lng=127", "lat=37.5&lng=127&m=1e3",
    ],
)  # fmt: skip
def test_a_point_that_cannot_be_is_malformed(site, query):
    assert Client().get(f"/api/v1/stock/near/?{query}").status_code == 400


@pytest.mark.parametrize(
    ("address", "count"),
    [
        ("서울특별시 종로구", 1), ("서울시 종로구", 1), ("종로구", 1), ("서울 종로구 건강로", 1),
        ("서울특별시 종로구 세종대로", 0), ("서울특별시 강남구", 0),
    ],
)  # fmt: skip
def test_stock_is_found_by_district_and_street(site, address, count):
    tell(site, 50)

    answer = Client().get("/api/v1/stock/by-address/", {"address": address})

    assert (answer.status_code, answer.json()["count"]) == (200, count)


@pytest.mark.parametrize("address", ["서울특별시", "서울", "서울시 ", "부산광역시 중구", "건강로"])
def test_the_city_alone_is_refused(site, address):
    answer = Client().get("/api/v1/stock/by-address/", {"address": address})

    assert (answer.status_code, answer.json()["code"]) == (422, "district_needed")


@pytest.mark.parametrize("address", ["", " ", "\u200b", "가" * 101])
def test_an_address_that_says_nothing_is_malformed(site, address):
    assert Client().get("/api/v1/stock/by-address/", {"address": address}).status_code == 400


def test_an_unchanged_feed_is_not_sent_twice(site, at_ten):
    tell(site, 120)
    first = Client().get("/api/v1/stock/")

    same = Client().get("/api/v1/stock/", headers={"If-None-Match": first["ETag"]})
    at_ten.shift(timedelta(minutes=15))
    stale = Client().get("/api/v1/stock/", headers={"If-None-Match": first["ETag"]})

    assert first["Cache-Control"] == "public, max-age=2"
    assert first["Access-Control-Allow-Origin"] == "*"
    assert (same.status_code, same.content) == (304, b"")
    assert (stale.status_code, stale.json()["results"][0]["level"]) == (200, "unknown")


def test_the_feed_is_packed_for_whoever_understands_it(site):
    tell(site, 120)
    tell(make_open_site("other"), 120)
    plain = Client().get("/api/v1/stock/")
    packed = Client().get("/api/v1/stock/", headers={"Accept-Encoding": "gzip"})

    assert packed["Content-Encoding"] == "gzip"
    assert packed["ETag"] != plain["ETag"]
    assert json.loads(gzip.decompress(packed.content)) == plain.json()


def test_readers_cost_the_database_nothing(site, settings, django_assert_num_queries):
    tell(site, 120)
    with django_assert_num_queries(6):
        snapshot.read_rows()
    for path in PATHS:
        Client().get(path)
    settings.FEED_SECONDS = 3600

    with django_assert_num_queries(0):
        for path in (
            "/api/v1/stock/",
            "/api/v1/sites/",
            "/api/v1/stock/by-address/?address=종로구",
        ):
            assert Client().get(path).status_code == 200


def test_an_index_finds_what_is_near_once_for_each_corner(
    site, settings, django_assert_num_queries
):
    tell(site, 120)
    Client().get("/api/v1/stock/")
    settings.FEED_SECONDS = 3600
    path = "/api/v1/stock/near/?lat=37.573&lng=126.979{}&m=777"

    with django_assert_num_queries(1):
        counts = [Client().get(path.format(place)).json()["count"] for place in range(4)]

    assert counts == [1, 1, 1, 1]


def test_a_key_has_a_limit_of_its_own(site):
    _key, secret = issue_consumer_key(organisation="굿앱", purpose="지도", per_minute=2, by=JOB)

    codes = [
        Client().get("/api/v1/stock/", headers={"X-Api-Key": secret}).status_code for _ in range(3)
    ]

    assert codes == [200, 200, 429]
    assert Client().get("/api/v1/stock/").status_code == 200


@pytest.mark.parametrize("secret", ["ck_wrong", "x" * 300, "한글"])
def test_a_key_nobody_issued_is_refused(site, secret):
    answer = Client().get("/api/v1/stock/", HTTP_X_API_KEY=secret)

    assert (answer.status_code, answer.json()["code"]) == (401, "authentication_failed")


def test_a_revoked_key_is_refused(site):
    key, secret = issue_consumer_key(organisation="굿앱", purpose="지도", by=JOB)
    revoke_key(key, by=JOB)

    assert Client().get("/api/v1/stock/", HTTP_X_API_KEY=secret).status_code == 401


def test_a_part_that_will_end_says_when(site):
    FeedNotice.objects.create(
        part="stock", deprecated_at=TEN, ends_at=TEN + timedelta(days=90), text="/api/v2/stock/"
    )

    answer = Client().get("/api/v1/stock/")

    assert answer["Deprecation"] == f"@{int(TEN.timestamp())}"
    assert answer["Sunset"] == "Tue, 06 Oct 2026 01:00:00 GMT"
    assert "Sunset" not in Client().get("/api/v1/sites/")


def test_pages_of_others_may_ask_with_a_key(site):
    answer = Client().options("/api/v1/stock/")

    assert answer.status_code == 204
    assert "X-Api-Key" in answer["Access-Control-Allow-Headers"]
