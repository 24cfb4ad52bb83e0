from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from points.errors import RulesOverlap, RuleStartsTooSoon, SamePerson
from points.models import EarningCap, EarningRule
from points.rules.eras import SEEDS
from points.services.rulebook import read_rulebook, release_rule
from seoul_health.core import clock
from seoul_health.core.errors import IllegalMove
from tests.points.simulating import simulated

pytestmark = pytest.mark.django_db
LAST_ERA = "2025-12-01"


@pytest.fixture
def officer(make_staff):
    return make_staff("finance_officer")


@pytest.fixture
def approver(make_staff):
    return make_staff("finance_approver")


def draft(officer, starts_in=30, code="next", **terms):
    first = clock.today() + timedelta(days=starts_in)
    rule = EarningRule.objects.create(
        code=code, effective_from=first, daily_points=150, drafted_by=officer, **terms
    )
    simulated(rule)
    return rule


def last_day(code):
    return EarningRule.objects.get(code=code).effective_to


def test_the_shipped_eras_are_the_published_ones():
    shipped = sorted(read_rulebook().rules, key=lambda rule: rule.effective_from)

    assert tuple(shipped) == SEEDS


def test_a_released_rule_follows_the_one_before_it(officer, approver):
    rule = draft(officer)
    release_rule(rule, by=approver)

    assert EarningRule.objects.get(pk=rule.pk).status == "released"
    assert last_day(LAST_ERA) == rule.effective_from - timedelta(days=1)


def test_nobody_releases_a_draft_of_their_own(officer):
    rule = draft(officer)

    with pytest.raises(SamePerson):
        release_rule(rule, by=officer)

    assert EarningRule.objects.get(pk=rule.pk).status == "draft"
    assert last_day(LAST_ERA) is None


def test_a_rule_cannot_change_days_that_have_begun(officer, approver):
    with pytest.raises(RuleStartsTooSoon):
        release_rule(draft(officer, starts_in=0), by=approver)

    assert last_day(LAST_ERA) is None


def test_two_released_rules_never_cover_one_day(officer, approver):
    release_rule(draft(officer), by=approver)

    with pytest.raises(RulesOverlap):
        release_rule(draft(officer, starts_in=20, code="other"), by=approver)

    assert EarningRule.objects.get(code="other").status == "draft"


def test_a_rule_is_released_once(officer, approver):
    rule = draft(officer)
    release_rule(rule, by=approver)

    with pytest.raises(IllegalMove):
        release_rule(EarningRule.objects.get(pk=rule.pk), by=approver)


def violates(name, act):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        act()


def test_the_database_keeps_rules_in_shape(officer):
    rule = draft(officer)
    mine = EarningRule.objects.filter(pk=rule.pk)
    EarningCap.objects.create(rule=rule, group="walking", amount=1)

    violates("a_rule_ends_after_it_starts", lambda: mine.update(effective_to=date(2020, 1, 1)))
    violates("a_released_rule_says_when", lambda: mine.update(status="released"))
    violates("two_people_release_a_rule", lambda: mine.update(released_by=officer))
    violates("seniors_are_seventy", lambda: mine.update(senior_age=65))
    violates(
        "one_released_rule_per_day",
        lambda: mine.update(status="released", released_at=clock.now()),
    )
    violates(
        "one_cap_per_rule_and_group",
        lambda: EarningCap.objects.create(rule=rule, group="walking", amount=2),
    )
