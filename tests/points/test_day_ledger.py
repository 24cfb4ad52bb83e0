"""The page that tells one person's day from the raw records to the transfer."""

from datetime import timedelta

import pytest
import time_machine

from points.models import EarningCap, EarningRule
from points.services import ledger
from points.services.awards import judge_days
from points.services.settlement import settle_week
from seoul_health.core.models import AccessLog
from tests.conftest import JOB
from tests.points.builders import ERA, walk
from tests.points.moments import moment

pytestmark = pytest.mark.django_db
TUESDAY = ERA + timedelta(days=1)


@pytest.fixture(autouse=True)
def two_weeks_later():
    with time_machine.travel(moment(3, 16), tick=False):
        yield


@pytest.fixture
def agent(client_of):
    return client_of("agent")


def page_of(browser, person, day=ERA):
    address = f"/staff/points/days/{person.number}/"
    asked = {"day": day.isoformat()} if day else {}
    return browser.get(address, asked, headers={"Accept-Language": "en"})


def text_of(browser, person, day=ERA):
    page = page_of(browser, person, day)
    assert page.status_code == 200
    return page.content.decode()


def test_a_day_is_told_from_the_records_to_the_transfer(walker, agent):
    walk(walker, ERA, 8_400, hours=4)
    walk(walker, ERA, 3_000, source="phone", hours=1)
    judge_days(walker, [ERA], by=JOB)
    context = page_of(agent, walker).context

    assert context["told"].sentence.startswith("On Mon 3/2, 9,300 steps were counted, the goal of")
    assert [row["source"].steps for row in context["rows"]] == [3_000, 8_400]
    assert [row["hours"][9].is_counted for row in context["rows"]] == [True, False]
    assert [row["hours"][10].is_counted for row in context["rows"]] == [False, True]
    assert [hour.steps for hour in context["counted"][9:13]] == [3_000, 2_100, 2_100, 2_100]
    assert [one.amount for one in context["told"].transfers] == [100]
    assert context["samples"] == 2
    assert context["limits"] == [("walking", 100, 62_500), ("physical", 100, 75_000)]


def test_the_page_names_rule_award_transfer_and_receipts(walker, agent):
    received = walk(walker, ERA, 8_400)
    judge_days(walker, [ERA], by=JOB)
    page = text_of(agent, walker)

    assert received.receipt_no in page
    assert "2025-12-01" in page
    assert "Goal of the day reached" in page
    assert "100P · Goal reached" in page


def test_a_day_without_points_says_why(walker, agent):
    walk(walker, ERA, 7_000)
    page = text_of(agent, walker)

    assert "1,000 fewer than the goal of 8,000 steps" in page
    assert "No points moved for this day." in page


def test_a_day_of_which_nothing_arrived(walker, agent):
    assert "no steps have arrived from the phone or the watch" in text_of(agent, walker)


def test_an_hour_above_the_limit_is_marked(walker, agent, settings):
    settings.STEPS_PER_HOUR_LIMIT = 5_000
    walk(walker, ERA, 6_000, hours=1)
    counted = page_of(agent, walker).context["counted"]

    assert (counted[9].steps, counted[9].is_cut) == (5_000, True)
    assert not counted[10].is_cut


def test_a_reversal_is_part_of_the_day(walker, agent):
    walk(walker, ERA, 8_400)
    judge_days(walker, [ERA], by=JOB)
    award = walker.awards.get()
    ledger.reverse(award.transfer, reason="reversal", business_date=TUESDAY)
    told = page_of(agent, walker).context["told"]

    assert told.finding.outcome == "reversed"
    assert len(told.transfers) == 2


def test_the_weekly_bonus_of_the_week_is_named(walker, agent):
    days = [ERA + timedelta(days=n) for n in range(6)]
    for day in days:
        walk(walker, day, 8_000)
    judge_days(walker, days[:1], by=JOB)
    settle_week(ERA, by=JOB)

    assert page_of(agent, walker).context["week"].points == 500


def test_the_month_shows_each_day_by_what_became_of_it(walker, agent):
    walk(walker, ERA, 8_000)
    walk(walker, TUESDAY, 900)
    judge_days(walker, [ERA, TUESDAY], by=JOB)
    month = page_of(agent, walker).context["month"]

    assert len(month) == 31
    assert [(one.tone, one.points) for one in month[:4]] == [
        ("", 0),
        ("paid", 100),
        ("walked", 0),
        ("", 0),
    ]
    assert [one.is_ahead for one in month[14:18]] == [False, False, True, True]


def test_a_goal_reached_beyond_the_limit_is_no_paid_day(walker, agent):
    EarningCap.objects.filter(rule__code="2025-12-01").update(amount=100)
    EarningRule.objects.filter(code="2025-12-01").update(released_at=moment(3, 1))
    for day in (ERA, TUESDAY):
        walk(walker, day, 8_000)
        judge_days(walker, [day], by=JOB)

    assert [one.tone for one in page_of(agent, walker).context["month"][1:3]] == ["paid", "reached"]


def test_the_neighbouring_days_are_one_step_away(walker, agent):
    context = page_of(agent, walker, moment(3, 16).date()).context

    assert (context["previous"], context["next"]) == (moment(3, 15).date(), None)
    assert page_of(agent, walker, None).context["day"] == moment(3, 15).date()


@pytest.mark.parametrize(
    "day",
    ["2026-03-17", "2020-12-31", "2026-02-30", "x", "", "20260302", "２０２６-03-02"],
    ids=["tomorrow", "long ago", "no such day", "word", "empty", "basic form", "wide digits"],
)
def test_a_day_that_is_none_is_refused(walker, agent, day):
    assert agent.get(f"/staff/points/days/{walker.number}/", {"day": day}).status_code == 400


def test_looking_is_written_down(walker, agent):
    page_of(agent, walker)
    read = AccessLog.objects.get()

    assert (read.action, read.what, read.subjects) == ("view", "points:day", [walker.number])


def test_another_districts_person_is_not_found(walker, client_of):
    near = client_of("agent", scope="district", district="종로구")
    far = client_of("agent", scope="district", district="중구")

    assert page_of(near, walker).status_code == 200
    assert page_of(far, walker).status_code == 404
    assert page_of(near, type(walker)(number="P-0")).status_code == 404


def test_only_who_may_see_awards_comes_in(walker, client, client_of):
    assert page_of(client, walker).status_code == 302
    assert page_of(client_of("site_clerk"), walker).status_code == 403
    assert page_of(client_of("finance_officer"), walker).status_code == 200


def test_a_day_costs_the_same_however_much_was_walked(walker, agent, django_assert_max_num_queries):
    for n in range(12):
        walk(walker, ERA + timedelta(days=n), 8_000)
    page_of(agent, walker)
    with django_assert_max_num_queries(34):
        page_of(agent, walker)
