"""The pages of earning rules: time line, editor, simulation, people, release."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.utils import translation

from points.errors import RuleNotDraft, RuleUnfit
from points.models import EarningRule, Simulation
from points.rules.drafting import problems, weeks_of
from points.rules.earning import Cap
from points.rules.eras import SEEDS
from points.services.awards import judge_days
from points.services.rule_drafts import change_draft, discard_draft, draft_rule
from points.services.simulations import last_closed_day, simulate
from seoul_health.core import clock
from seoul_health.core.models import AccessLog, AuditEvent
from tests.conftest import JOB
from tests.points.builders import ERA, take_part, walk
from tests.points.simulating import draft_like, simulated

pytestmark = pytest.mark.django_db
PAGE = "/staff/points/rules/"
ITEMS = ["walking_day", "walking_week", "fitness_visit"]


def in_english(browser):
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return browser


@pytest.fixture
def officer(client_of):
    return in_english(client_of("finance_officer"))


@pytest.fixture
def approver(client_of):
    return in_english(client_of("finance_approver"))


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def sent(**changes):
    """The form as the officer fills it in."""
    first = clock.today() + timedelta(days=40)
    return {
        "code": "next", "effective_from": first.isoformat(), "goal": "8000", "senior_goal": "5000",
        "daily_points": "120", "weekly_points": "500", "weekly_days": "5",
        "weekly_needs_weekend": "on", "caps-TOTAL_FORMS": "2", "caps-INITIAL_FORMS": "1",
        "caps-0-group": "walking", "caps-0-amount": "70000", "caps-0-period": "year",
        "caps-0-items": ["walking_day", "walking_week"], "caps-1-group": "", "caps-1-amount": "",
        "caps-1-period": "year", **changes,
    }  # fmt: skip


def test_a_rule_is_drafted_simulated_and_released_from_its_pages(officer, approver, walker):
    walk(walker, ERA, 8_000)
    judge_days(walker, [ERA], by=JOB)
    assert officer.get(f"{PAGE}new/").status_code == 200
    kept = officer.post(f"{PAGE}new/", sent())
    assert kept["Location"] == f"{PAGE}next/"
    rule = EarningRule.objects.get(code="next")
    assert (rule.status, rule.drafted_by) == ("draft", officer.user)
    assert rule.as_rule().caps == (Cap("walking", ("walking_day", "walking_week"), 70_000, "year"),)

    refused = approver.post(f"{PAGE}next/release/", follow=True)
    assert "Simulate exactly this draft" in refused.content.decode()
    officer.post(f"{PAGE}next/simulate/", {"first": ERA.isoformat(), "last": ERA.isoformat()})
    running = officer.get(f"{PAGE}next/")
    assert running["Refresh"] == "4"
    simulate(Simulation.objects.get(), by=JOB)
    done = officer.get(f"{PAGE}next/").content.decode()
    assert "120P" in done
    assert "+20" in done

    approver.post(f"{PAGE}next/release/")
    rule.refresh_from_db()
    assert (rule.status, rule.released_by) == ("released", approver.user)


def test_the_list_shows_every_rule_on_its_time_line(officer, make_staff):
    draft_like("2025-12-01", by=make_staff("finance_officer"))
    page = officer.get(PAGE).content.decode()

    for rule in SEEDS:
        assert rule.code in page
    assert page.index("draft-2025-12-01") < page.index("2023-08-28")


def test_a_draft_starts_as_a_copy_of_the_rule_in_force(officer):
    page = officer.get(f"{PAGE}new/").content.decode()

    assert 'value="62500"' in page
    assert officer.get(f"{PAGE}new/?copy=2023-08-28").content.decode().count('value="88200"') == 1
    assert officer.get(f"{PAGE}new/?copy=nothing").status_code == 404


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"effective_from": "2026-01-01"}, "Choose a day after"),
        ({"code": "new"}, "word of the address"),
        ({"goal": "500"}, "between 1,000"),
        ({"senior_goal": "9000"}, "at most the goal of everybody"),
        ({"daily_points": "0"}, "between 1 and 100,000"),
        ({"weekly_days": "0"}, "from 1 to 7"),
        ({"weekly_points": "0"}, "or no days"),
        ({"caps-0-amount": "100"}, "less than one goal day"),
        ({"caps-1-group": "walking", "caps-1-amount": "9000"}, "the same group"),
        ({"code": "2025-12-01"}, "another rule with the code"),
    ],
    ids=["past", "word", "low", "senior", "nothing", "days", "bonus", "limit", "twice", "taken"],
)
def test_what_is_wrong_with_a_draft_is_said_beside_it(officer, changes, words):
    page = officer.post(f"{PAGE}new/", sent(**changes))

    assert page.status_code == 422
    assert words in page.content.decode()
    assert not EarningRule.objects.filter(status="draft").exists()


@pytest.mark.parametrize(
    "changes",
    [{"goal": "eight"}, {"caps-0-amount": "-1"}, {"caps-0-items": ["flying"]}, {"code": "a b"}],
    ids=["word", "minus", "item", "space"],
)  # fmt: skip
def test_a_form_that_cannot_be_read_is_shown_again(officer, changes):
    assert officer.post(f"{PAGE}new/", sent(**changes)).status_code == 400
    assert not EarningRule.objects.filter(status="draft").exists()


def test_a_changed_draft_makes_its_simulation_void_and_names_its_last_writer(
    officer, client_of, make_staff
):
    rule = draft_like("2025-12-01", by=make_staff("finance_officer"), starts_in=40)
    simulated(rule)
    officer.post(f"{PAGE}{rule.code}/edit/", sent(code=rule.code))

    rule.refresh_from_db()
    assert (rule.daily_points, rule.drafted_by) == (120, officer.user)
    assert Simulation.objects.get().status == "void"
    assert AuditEvent.objects.filter(verb="changed").latest("pk").detail["fields"]


def test_keeping_a_draft_as_it_is_changes_nothing(officer):
    rule = draft_like("2025-12-01", by=officer.user, starts_in=40)
    simulated(rule)
    change_draft(rule, rule.as_rule(), by=officer.user)

    assert Simulation.objects.get().status == "done"
    assert not AuditEvent.objects.filter(verb="changed").exists()


def test_a_draft_is_thrown_away_with_its_simulation(officer):
    rule = draft_like("2025-12-01", by=officer.user)
    simulated(rule)
    assert officer.post(f"{PAGE}{rule.code}/discard/")["Location"] == PAGE

    assert not Simulation.objects.exists()
    assert not EarningRule.objects.filter(status="draft").exists()


def test_a_released_rule_is_neither_edited_nor_discarded(officer):
    assert officer.get(f"{PAGE}2025-12-01/edit/").status_code == 404
    officer.post(f"{PAGE}2025-12-01/discard/")

    assert EarningRule.objects.filter(code="2025-12-01").exists()


def test_days_that_are_open_are_refused_in_words(officer):
    rule = draft_like("2025-12-01", by=officer.user)
    span = {"first": ERA.isoformat(), "last": clock.today().isoformat()}
    page = officer.post(f"{PAGE}{rule.code}/simulate/", span, follow=True)

    assert "records may still arrive" in page.content.decode()
    assert officer.post(f"{PAGE}{rule.code}/simulate/", {}).status_code == 302
    assert not Simulation.objects.exists()


@pytest.fixture
def tried(make_participant, officer):
    """A draft of 150 a day, tried on three people of two districts."""
    for district, n in (("종로구", 1), ("종로구", 2), ("중구", 3)):
        person = make_participant(district=district)
        take_part(person)
        for day in range(n):
            walk(person, ERA + timedelta(days=day), 8_000)
    rule = draft_like("2025-12-01", by=officer.user, daily_points=150)
    simulated(rule, first=ERA, last=ERA + timedelta(days=2))
    return rule


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 3), ("?side=winners", 3), ("?side=losers", 0), ("?district=종로구", 2),
        ("?senior=1", 0), ("?senior=0", 3), ("?least=100&most=100", 1), ("?least=0&most=0", 0),
        ("?capped=2026-03", 0), ("?off_the_book=on", 3), ("?order=losses", 3),
        ("?after=100:999999999", 1 + 1),
    ],
    ids=["all", "winners", "losers", "place", "old", "young", "bar", "none", "capped", "book",
         "order", "next"],
)  # fmt: skip
def test_every_figure_leads_to_its_people(officer, tried, query, count):
    page = officer.get(f"{PAGE}{tried.code}/people/{query}")

    assert page.status_code == 200
    assert page.content.decode().count('<th scope="row">') == count


def test_looking_at_people_is_written_down(officer, tried):
    officer.get(f"{PAGE}{tried.code}/people/?district=중구")

    seen = AccessLog.objects.get(what="points:simulation")
    assert (seen.action, len(seen.subjects)) == ("list", 1)


def test_people_are_downloaded_for_a_reason(officer, approver, tried):
    page = f"{PAGE}{tried.code}/people/?district=종로구"
    assert officer.post(page, {"reason": ""}).status_code == 400
    assert approver.post(page, {"reason": "예산 심의 자료"}).status_code == 403
    told = officer.post(page, {"reason": "예산 심의 자료"})

    assert told.content.decode("utf-8-sig").count("\r\n") == 3
    assert AccessLog.objects.get(action="export").what == "points:simulation"
    assert AuditEvent.objects.get(verb="exported").detail["people"] == 2


def test_people_of_another_district_are_not_seen(tried, client_of):
    clerk = client_of("finance_officer", scope="district", district="중구")
    page = clerk.get(f"{PAGE}{tried.code}/people/").content.decode()

    assert page.count('<th scope="row">') == 1


@pytest.mark.parametrize(
    "query", ["?after=x", "?after=1:y", "?after=9:99999999999999999999999", "?side=x", "?least=a"],
    ids=["word", "half", "huge", "side", "least"],
)  # fmt: skip
def test_a_choice_nobody_can_read_is_malformed(officer, tried, query):
    assert officer.get(f"{PAGE}{tried.code}/people/{query}").status_code == 400


def test_without_a_finished_simulation_there_are_no_people(officer):
    rule = draft_like("2025-12-01", by=officer.user)

    assert officer.get(f"{PAGE}{rule.code}/people/").status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", ""), ("get", "new/"), ("post", "new/"), ("get", "2025-12-01/"),
        ("get", "2025-12-01/people/"), ("post", "2025-12-01/simulate/"),
        ("post", "2025-12-01/release/"), ("post", "2025-12-01/discard/"),
    ],
)  # fmt: skip
def test_rules_are_not_for_the_counter(client, client_of, method, path):
    assert getattr(client_of("site_clerk"), method)(PAGE + path).status_code == 403
    assert getattr(client, method)(PAGE + path).status_code == 302


def test_an_officer_does_not_release_and_an_approver_does_not_draft(officer, approver):
    rule = draft_like("2025-12-01", by=officer.user)

    assert officer.post(f"{PAGE}{rule.code}/release/").status_code == 403
    assert approver.get(f"{PAGE}{rule.code}/edit/").status_code == 403
    assert EarningRule.objects.get(pk=rule.pk).status == "draft"


def test_the_pages_cost_the_same_however_many_rules(officer, tried, django_assert_max_num_queries):
    for path, most in (("", 12), (f"{tried.code}/", 16), (f"{tried.code}/people/", 12)):
        officer.get(PAGE + path)
        with django_assert_max_num_queries(most):
            officer.get(PAGE + path)


def test_the_citys_own_comparison_of_december_2025_holds():
    """Published: 7 days 1,400→1,200; 6 days 1,200→1,100; 5 with a weekend day 1,000→1,000."""
    before, after = SEEDS[2], SEEDS[3]

    assert [(week.before, week.after) for week in weeks_of(before, after)] == [
        (1_400, 1_200), (1_200, 1_100), (1_000, 1_000), (1_000, 500), (600, 300), (200, 100),
    ]  # fmt: skip


def test_the_shipped_rules_have_nothing_wrong():
    items = [*ITEMS, "goal_setting", "survey", "attendance", "home_training", "meditation",
             "fitness_grade"]  # fmt: skip
    for rule in SEEDS:
        assert problems(rule, items=items, after=date(2020, 1, 1)) == []


def test_an_item_nobody_knows_and_one_listed_twice_are_problems(officer):
    odd = Cap("odd", ("walking_day", "walking_day", "flying"), 9_000, "year")
    rule = draft_like("2025-12-01", by=officer.user).as_rule()

    found = problems(replace(rule, caps=(odd,)), items=ITEMS, after=last_closed_day())
    assert [str(problem.message) for problem in found] == [
        "odd: nothing is called flying.", "odd: something is listed twice.",
    ]  # fmt: skip


def test_services_refuse_what_the_form_would(officer):
    rule = draft_like("2025-12-01", by=officer.user)
    with pytest.raises(RuleUnfit):
        draft_rule(replace(rule.as_rule(), code="other", goal=1), by=officer.user)
    released = EarningRule.objects.get(code="2025-12-01")
    with pytest.raises(RuleNotDraft):
        change_draft(released, rule.as_rule(), by=officer.user)
    with pytest.raises(RuleNotDraft):
        discard_draft(released, by=officer.user)

    assert EarningRule.objects.filter(status="draft").count() == 1
