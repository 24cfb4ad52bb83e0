from datetime import date, timedelta

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, connection, transaction

from points.errors import BudgetSpent, CampaignFull, CampaignStartsTooSoon
from points.models import Campaign, CampaignPlace, Hold, PartnerEvent, Transfer
from points.services.awards import judge_days
from points.services.campaigns import (
    award_waiting,
    close_campaign,
    give_place,
    release_campaign,
    sweep_campaigns,
)
from points.services.partner_events import Partner, Told, receive_event
from points.services.pots import pot_sums
from points.services.proof import prove
from points.services.statements import summary_of
from points.services.syncs import sync_steps
from points.tasks import sweep_campaigns as sweep_task
from seoul_health.core.errors import IllegalMove, ReasonNeeded, SamePerson
from tests.conftest import JOB
from tests.points.builders import ERA, at, balance, sample, take_part, upload, walk
from tests.points.campaigning import FIRST, LAST, draft, opened

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _evening():
    with time_machine.travel(at(ERA, 20), tick=False):
        yield


@pytest.fixture
def officer(make_staff):
    return make_staff("finance_officer")


@pytest.fixture
def approver(make_staff):
    return make_staff("finance_approver")


@pytest.fixture
def people(make_participant):
    found = [make_participant() for _ in range(4)]
    for person in found:
        take_part(person)
    return found


def taken(campaign):
    rows = campaign.numbered.taken().order_by("number")
    return list(rows.values_list("number", "participant"))


def test_releasing_a_campaign_sets_its_money_aside(officer, approver):
    campaign = draft(officer)
    release_campaign(campaign, by=approver)

    assert (campaign.status, campaign.decided_by) == ("released", approver)
    assert campaign.numbered.free().count() == 2
    assert (pot_sums()["campaigns"], pot_sums()["programme-fund"]) == (4_000, -4_000)
    assert prove(by=JOB).gaps == {}


def test_nobody_releases_a_campaign_of_their_own(officer):
    campaign = draft(officer)
    with pytest.raises(SamePerson):
        release_campaign(campaign, by=officer)

    assert Campaign.objects.get().status == "draft"
    assert not Transfer.objects.exists()


def test_a_campaign_does_not_begin_in_the_past(officer, approver):
    campaign = draft(officer, starts_on=ERA - timedelta(days=1))
    with pytest.raises(CampaignStartsTooSoon):
        release_campaign(campaign, by=approver)

    assert not CampaignPlace.objects.exists()


def test_a_sync_that_reaches_the_goal_takes_a_place_in_the_same_breath(walker, make_staff):
    campaign = opened(make_staff)
    sync_steps(walker, upload(sample(ERA, 10_000)))

    assert taken(campaign) == [(1, walker.pk)]
    assert balance(walker) == 100 + 2_000
    transfer = Transfer.objects.get(reason="campaign")
    assert (transfer.key, transfer.business_date) == (f"campaign:spring:{walker.pk}", ERA)
    assert all(cap.used == 100 for cap in summary_of(walker).caps)
    assert prove(by=JOB).gaps == {}


def test_a_second_day_gives_no_second_place(walker, make_staff):
    campaign = opened(make_staff)
    sync_steps(walker, upload(sample(ERA, 10_000)))
    sync_steps(walker, upload(sample(ERA, 12_000)))

    assert taken(campaign) == [(1, walker.pk)]
    assert give_place(campaign, walker, earned_on=ERA).number == 1
    assert Transfer.objects.filter(reason="campaign").count() == 1


@pytest.mark.parametrize("steps", [9_999, 8_000])
def test_too_few_steps_take_no_place(walker, make_staff, steps):
    campaign = opened(make_staff)
    sync_steps(walker, upload(sample(ERA, steps)))

    assert taken(campaign) == []


def test_days_outside_the_window_take_no_place(walker, make_staff):
    campaign = opened(make_staff, starts_on=ERA + timedelta(days=1))
    sync_steps(walker, upload(sample(ERA, 12_000)))

    assert taken(campaign) == []
    assert sweep_campaigns(by=JOB) == 0


@pytest.mark.parametrize(
    ("terms", "refusal"),
    [
        ({"places": 2}, CampaignFull),
        ({"places": None, "budget": 5_999}, BudgetSpent),
        ({"places": 3, "budget": 4_000}, BudgetSpent),
        ({"places": 2, "budget": 9_000}, CampaignFull),
    ],
)
def test_who_comes_after_the_last_place_hears_why(people, make_staff, terms, refusal):
    campaign = opened(make_staff, **terms)
    for person in people[:2]:
        walk(person, ERA, 10_000)
        give_place(campaign, person, earned_on=ERA)
    with pytest.raises(refusal) as told:
        give_place(campaign, people[2], earned_on=ERA)

    assert type(told.value) is refusal
    assert taken(campaign) == [(1, people[0].pk), (2, people[1].pk)]
    assert pot_sums()["campaigns"] == 0
    assert not Transfer.objects.filter(reason="campaign", target__participant=people[2]).exists()


def test_a_full_campaign_does_not_stand_in_the_way_of_a_sync(people, make_staff):
    campaign = opened(make_staff, places=1)
    for person in people[:2]:
        sync_steps(person, upload(sample(ERA, 10_000)))

    assert taken(campaign) == [(1, people[0].pk)]
    assert balance(people[1]) == 100


@time_machine.travel(at(ERA, 20) + timedelta(days=5), tick=False)
def test_goal_days_in_the_window_take_a_place_on_the_last_of_them(walker, make_staff):
    campaign = opened(make_staff, kind="goal_days", days=3)
    for n in (0, 1, 3, 4):
        walk(walker, ERA + timedelta(days=n), 8_000)
        judge_days(walker, [ERA + timedelta(days=n)], by=JOB)
    assert award_waiting(campaign) == 1

    place = campaign.numbered.taken().get()
    assert place.earned_on == ERA + timedelta(days=3)
    assert prove(by=JOB).gaps == {}


def test_an_activity_takes_a_place_at_once(walker, make_staff):
    campaign = opened(make_staff, kind="activity", item="fitness_visit")
    partner = Partner("fitness", "", PartnerEvent.Kind.ACTIVITY)
    fields = {"member": walker.number, "item": "fitness_visit", "date": ERA}
    receive_event(partner, Told("1", "activity", fields))

    assert taken(campaign) == [(1, walker.pk)]
    assert balance(walker) == 1_000 + 2_000
    assert prove(by=JOB).gaps == {}


def hold(person):
    return Hold.objects.create(
        participation=person.participations.get(), participant=person, first_day=ERA, last_day=ERA,
        signal="fast", score=90, evidence={"2026-03-02": {"minutes": 411}}, promised_on=ERA,
    )  # fmt: skip


def test_a_day_on_hold_takes_no_place_until_it_is_released(walker, make_staff):
    campaign = opened(make_staff)
    hold(walker)
    sync_steps(walker, upload(sample(ERA, 10_000)))
    assert taken(campaign) == []

    decided = {"decided_at": at(ERA, 21), "decided_by": make_staff("finance_approver")}
    Hold.objects.update(status="released", ended_at=at(ERA, 21), reason="설명이 확인됨", **decided)
    assert sweep_campaigns(by=JOB) == 1
    assert taken(campaign) == [(1, walker.pk)]


def test_somebody_who_takes_no_part_gets_no_place(make_participant, make_staff):
    campaign = opened(make_staff)
    walk(make_participant(), ERA, 12_000)

    assert sweep_campaigns(by=JOB) == 0
    assert taken(campaign) == []


def test_the_sweep_gives_places_to_whoever_was_first(people, make_staff):
    campaign = opened(make_staff, places=3)
    for n, person in enumerate(reversed(people)):
        walk(person, ERA + timedelta(days=n), 10_000)
    sweep_task()
    sweep_task()

    assert [person for _number, person in taken(campaign)] == [
        person.pk for person in list(reversed(people))[:3]
    ]


def test_closing_gives_back_what_was_not_spent(people, make_staff, approver):
    campaign = opened(make_staff, places=3)
    walk(people[0], ERA, 10_000)
    give_place(campaign, people[0], earned_on=ERA)
    with pytest.raises(ReasonNeeded):
        close_campaign(campaign, by=approver, why=" ")
    close_campaign(campaign, by=approver, why="행사 취소")

    assert (pot_sums()["campaigns"], pot_sums()["programme-fund"]) == (0, -2_000)
    with pytest.raises(CampaignFull):
        give_place(campaign, people[1], earned_on=ERA)
    with pytest.raises(IllegalMove):
        close_campaign(Campaign.objects.get(), by=approver, why="다시")
    assert prove(by=JOB).gaps == {}


def test_a_campaign_is_closed_once_its_late_records_are_in(make_staff):
    campaign = opened(make_staff)
    with time_machine.travel(at(LAST, 12) + timedelta(days=8), tick=False):
        sweep_campaigns(by=JOB)
        campaign.refresh_from_db()
        assert campaign.status == "released"
    with time_machine.travel(at(LAST, 12) + timedelta(days=9), tick=False):
        sweep_campaigns(by=JOB)

    campaign.refresh_from_db()
    assert campaign.status == "closed"


def without_triggers(table):
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")


@pytest.mark.parametrize(
    ("damage", "gap"),
    [
        ("UPDATE points_campaignplace SET earned_on = '2026-03-05' WHERE number = 1",
         "places_without_their_fact"),
        ("UPDATE points_campaign SET steps = 10001", "places_without_their_fact"),
        ("UPDATE points_campaign SET places = 1", "places_beyond_the_last"),
        ("UPDATE points_campaign SET points = 1999", "places_without_their_transfer"),
        ("DELETE FROM points_campaignplace WHERE number = 1", "transfers_without_their_place"),
        ("DELETE FROM points_campaignplace WHERE number = 3", "campaign_money_astray"),
    ],
    ids=["other-day", "higher-goal", "fewer-places", "other-amount", "no-place", "lost-money"],
)  # fmt: skip
def test_the_proof_sees_a_campaign_that_does_not_add_up(people, make_staff, damage, gap):
    campaign = opened(make_staff, places=3)
    for person in people[:2]:
        walk(person, ERA, 10_000)
        judge_days(person, [ERA], by=JOB)
        give_place(campaign, person, earned_on=ERA)
    assert prove(by=JOB).gaps == {}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in ("points_campaign", "points_campaignplace"):
            without_triggers(table)
        cursor.execute(damage)

    assert gap in prove(by=JOB).gaps


@pytest.mark.parametrize(
    ("damage", "gap"),
    [
        ("DELETE FROM points_partnerevent", "activities_without_their_event"),
        ("UPDATE points_partnerevent SET points = 1", "events_without_their_award"),
        ("DELETE FROM points_award WHERE item = 'fitness_visit'",
         "transfers_without_their_activity"),
    ],
    ids=["no-event", "other-points", "no-award"],
)  # fmt: skip
def test_the_proof_sees_an_activity_that_does_not_add_up(walker, damage, gap):
    partner = Partner("fitness", "", PartnerEvent.Kind.ACTIVITY)
    fields = {"member": walker.number, "item": "fitness_visit", "date": ERA}
    receive_event(partner, Told("1", "activity", fields))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in ("points_partnerevent", "points_award"):
            without_triggers(table)
        cursor.execute(damage)

    assert gap in prove(by=JOB).gaps


def violates(name, act):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        act()


def test_the_database_keeps_campaigns_in_shape(officer):
    mine = Campaign.objects.filter(pk=draft(officer).pk)

    by_one = {"status": "released", "decided_by": officer, "decided_at": at(ERA)}
    violates("campaign_needs_two_people", lambda: mine.update(**by_one))
    violates("campaign_decision_says_when", lambda: mine.update(decided_by=officer))
    violates("a_campaign_ends_after_it_starts", lambda: mine.update(ends_on=date(2020, 1, 1)))
    violates("a_campaign_says_what_qualifies", lambda: mine.update(days=3))
    violates("a_campaign_says_what_qualifies", lambda: mine.update(kind="activity"))
    violates("a_campaign_has_an_end_of_places_or_money", lambda: mine.update(places=None))
    violates("a_campaign_has_an_end_of_places_or_money", lambda: mine.update(budget=1_999))
    violates("a_campaign_has_an_end_of_places_or_money", lambda: mine.update(places=1_000_001))
    violates(
        "a_campaign_says_when_it_was_released_and_closed", lambda: mine.update(status="released")
    )


def test_the_database_keeps_places_in_shape(walker, make_staff):
    campaign = opened(make_staff)
    walk(walker, ERA, 10_000)
    give_place(campaign, walker, earned_on=ERA)
    free = campaign.numbered.free()

    violates(
        "a_campaign_has_no_more_places",
        lambda: CampaignPlace.objects.create(campaign=campaign, number=3),
    )
    violates("one_place_per_campaign_and_number", lambda: free.update(number=1))
    violates("places_count_from_one", lambda: free.update(number=0))
    violates("a_place_is_taken_whole", lambda: free.update(participant=walker))
    first = campaign.numbered.get(number=1)
    violates(
        "one_place_per_campaign_and_person",
        lambda: free.update(
            participant=walker, earned_on=ERA, taken_at=at(ERA),
            transfer=Transfer.objects.exclude(pk=first.transfer_id).earliest("pk"),
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    "act",
    [
        lambda campaign: Campaign.objects.update(points=1),
        lambda campaign: campaign.numbered.taken().update(participant=None),
        lambda campaign: campaign.numbered.taken().delete(),
    ],
    ids=["terms", "empty", "remove"],
)
def test_what_a_released_campaign_promised_stays(walker, make_staff, act):
    campaign = opened(make_staff)
    walk(walker, ERA, 10_000)
    give_place(campaign, walker, earned_on=ERA)
    with pytest.raises(DatabaseError, match="Cannot"), transaction.atomic():
        act(campaign)

    assert Campaign.objects.get().points == 2_000
    assert taken(campaign) == [(1, walker.pk)]


def test_a_released_campaign_is_not_deleted(make_staff):
    campaign = opened(make_staff)
    campaign.numbered.all().delete()
    with pytest.raises(DatabaseError, match="Cannot"), transaction.atomic():
        campaign.delete()

    assert Campaign.objects.count() == 1


def test_a_sync_without_campaigns_asks_nothing_more(walker, django_assert_max_num_queries):
    sync_steps(walker, upload(sample(ERA, 100)))
    with django_assert_max_num_queries(5):
        sync_steps(walker, upload(sample(ERA, 200, hour=14)))


def test_the_window_counts_both_of_its_ends(officer):
    campaign = draft(officer)

    assert [campaign.counts_on(day) for day in (
        FIRST - timedelta(days=1), FIRST, LAST, LAST + timedelta(days=1),
    )] == [False, True, True, False]  # fmt: skip
