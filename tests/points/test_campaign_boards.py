"""Campaigns on screen and in the app."""

from datetime import timedelta

import pytest
import time_machine

from points.models import ActivityRate, Campaign, PartnerEvent
from points.services.campaigns import give_place
from points.services.syncs import sync_steps
from seoul_health.core.models import AccessLog
from tests.participants.builders import App
from tests.points.builders import ERA, at, sample, take_part, upload, walk
from tests.points.campaigning import draft, opened

pytestmark = pytest.mark.django_db
PAGE = "/staff/points/campaigns/"


@pytest.fixture(autouse=True)
def _evening():
    with time_machine.travel(at(ERA, 20), tick=False):
        yield


@pytest.fixture
def running(make_staff, walker):
    campaign = opened(make_staff, places=3)
    sync_steps(walker, upload(sample(ERA, 10_000)))
    return campaign


def mine(person):
    return App(person).get("me/campaigns/").json()


def test_a_campaign_is_drafted_by_one_released_by_another_and_closed_for_a_reason(client_of):
    officer, approver = client_of("finance_officer"), client_of("finance_approver")
    terms = {
        "code": "autumn", "name_ko": "가을", "name_en": "Autumn", "starts_on": "2026-03-10",
        "ends_on": "2026-03-20", "kind": "goal_days", "days": 5, "points": 1_000, "places": "",
        "budget": 20_000, "item": "", "steps": "",
    }  # fmt: skip
    officer.post("/admin/points/campaign/add/", terms)
    campaign = Campaign.objects.get()
    act = f"/admin/points/campaign/{campaign.pk}/act/"
    assert officer.post(f"{act}release/").status_code == 403
    approver.post(f"{act}release/")
    campaign.refresh_from_db()
    assert (campaign.status, campaign.size, campaign.decided_by) == ("released", 20, approver.user)
    officer.post(f"{act}close/", {"why": ""})
    assert Campaign.objects.get().status == "released"
    officer.post(f"{act}close/", {"why": "예산 조정"})

    assert Campaign.objects.get().status == "closed"


def test_a_draft_that_contradicts_itself_is_refused_in_words(client_of):
    terms = {
        "code": "odd", "name_ko": "가을", "name_en": "Autumn", "starts_on": "2026-03-20",
        "ends_on": "2026-03-10", "kind": "activity", "days": 5, "points": 1_000, "item": "",
    }  # fmt: skip
    english = {"Accept-Language": "en"}
    page = client_of("finance_officer").post("/admin/points/campaign/add/", terms, headers=english)

    assert "must not end before it starts" in page.content.decode()
    assert not Campaign.objects.exists()


def test_a_rate_is_drafted_by_one_and_released_by_another(client_of):
    officer, approver = client_of("finance_officer"), client_of("finance_approver")
    officer.post(
        "/admin/points/activityrate/add/",
        {"item": "survey", "effective_from": "2026-04-01", "points": 900, "how_often": "year"},
    )
    rate = ActivityRate.objects.get(points=900)
    approver.post(f"/admin/points/activityrate/{rate.pk}/act/release/")

    rate.refresh_from_db()
    assert (rate.status, rate.released_by) == ("released", approver.user)


def test_the_board_shows_what_is_taken_and_left(client_of, running, make_staff):
    draft(make_staff("finance_officer"), "later")
    english = {"Accept-Language": "en"}
    page = client_of("finance_officer").get(PAGE, headers=english).content.decode()

    assert "1 / 3" in page
    assert "4,000P" in page
    assert page.count("Spring walk") == 2


def test_a_campaigns_page_lists_its_places_and_is_written_down(client_of, running, walker):
    page = client_of("finance_officer").get(f"{PAGE}spring/").content.decode()

    assert walker.number in page
    assert AccessLog.objects.get(what="points:campaign").subjects == [walker.number]


@pytest.mark.parametrize("after", ["x", "-1", "９", "99999999"])
def test_a_page_nobody_can_read_is_malformed(client_of, running, after):
    assert client_of("finance_officer").get(f"{PAGE}spring/?after={after}").status_code == 400


def test_places_of_another_district_are_not_seen(client_of, running, walker):
    clerk = client_of("finance_officer", scope="district", district="중구")

    assert walker.number not in clerk.get(f"{PAGE}spring/").content.decode()
    assert not AccessLog.objects.filter(what="points:campaign").exists()


@pytest.mark.parametrize("path", ["", "spring/"])
def test_campaigns_are_not_for_the_counter(client, client_of, running, path):
    assert client_of("site_clerk").get(PAGE + path).status_code == 403
    assert client.get(PAGE + path).status_code == 302


def test_an_unknown_campaign_is_not_found(client_of):
    assert client_of("finance_officer").get(f"{PAGE}nothing/").status_code == 404


def test_the_board_costs_the_same_however_many_campaigns(
    client_of, make_staff, django_assert_max_num_queries
):
    browser = client_of("finance_officer")
    for n in range(5):
        opened(make_staff, f"c{n}")
    browser.get(PAGE)
    with django_assert_max_num_queries(9):
        browser.get(PAGE)


def test_partner_events_are_listed_and_written_down(client_of, walker):
    PartnerEvent.objects.create(
        partner="fitness", event_id="1", kind="activity", outcome="accepted", participant=walker,
        item="survey", activity_date=ERA,
    )  # fmt: skip
    page = client_of("auditor").get("/admin/points/partnerevent/")

    assert page.status_code == 200
    assert AccessLog.objects.get(action="list").subjects == [walker.number]


def test_a_citizen_with_a_place_sees_its_number(running, walker):
    assert mine(walker) == [
        {
            "code": "spring", "name": "봄맞이 걷기", "starts_on": "2026-03-02",
            "ends_on": "2026-03-29", "qualifies": {"kind": "steps", "steps": 10_000},
            "points": 2_000, "places": 3, "places_left": 2, "state": "awarded",
            "reason": "awarded", "message": mine(walker)[0]["message"], "place_no": 1,
            "progress": {"have": 10_000, "need": 10_000},
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("terms", "state", "reason", "have"),
    [
        ({}, "open", "goal_not_reached", 6_000),
        ({"starts_on": ERA + timedelta(days=1)}, "upcoming", "not_started", 0),
        ({"starts_on": ERA - timedelta(days=9), "ends_on": ERA - timedelta(days=1)},
         "over", "campaign_over", 0),
        ({"kind": "goal_days", "days": 3}, "open", "goal_not_reached", 0),
        ({"kind": "activity", "item": "survey"}, "open", "goal_not_reached", 0),
    ],
    ids=["open", "upcoming", "over", "days", "activity"],
)  # fmt: skip
def test_a_citizen_sees_where_they_stand(make_staff, walker, terms, state, reason, have):
    opened(make_staff, **terms)
    sync_steps(walker, upload(sample(ERA, 6_000)))
    told = mine(walker)[0]

    assert (told["state"], told["reason"], told["progress"]["have"]) == (state, reason, have)
    assert told["message"].endswith(".") or told["message"].endswith("다.")


@pytest.mark.parametrize(
    ("terms", "reason"),
    [({"places": 1}, "campaign_full"), ({"places": None, "budget": 3_000}, "budget_spent")],
)
def test_a_citizen_who_came_too_late_hears_why(make_staff, walker, make_participant, terms, reason):
    campaign = opened(make_staff, **terms)
    late = make_participant()
    take_part(late)
    for person in (walker, late):
        walk(person, ERA, 10_000)
    give_place(campaign, walker, earned_on=ERA)
    sync_steps(late, upload(sample(ERA, 10_500, hour=8)))
    told = mine(late)[0]

    assert (told["state"], told["reason"], told["places_left"]) == ("full", reason, 0)
    assert told["place_no"] is None


def test_drafts_are_not_told_of_and_strangers_hear_nothing(make_staff, walker):
    draft(make_staff("finance_officer"))

    assert mine(walker) == []
    assert App().get("me/campaigns/").status_code == 401
