"""Places and money of a campaign under a crowd: never one over, never one left."""

import itertools
import json
import threading
from collections import Counter

import pytest
from django.db import connection, transaction

from points.models import Account, Campaign, PartnerEvent, Transfer
from points.services.campaigns import award_waiting, close_campaign, give_place
from points.services.partner_events import Partner, Told, receive_event
from points.services.pots import pot_sums
from points.services.proof import prove
from points.services.simulations import plan_simulation, question, simulate, simulate_chunk
from tests.bench.people import newcomers
from tests.concurrency.test_seat_races import in_process
from tests.conftest import JOB
from tests.points.builders import ERA, balance, take_part, walk
from tests.points.campaigning import opened
from tests.points.simulating import draft_like
from tests.race import race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.serial]
PROCESSES, CROWD = 4, "tests.concurrency.campaign_crowd"


@pytest.fixture
def walkers(make_participant):
    found = [make_participant() for _ in range(4)]
    for person in found:
        take_part(person)
        walk(person, ERA, 10_000)
    return found


@pytest.mark.parametrize(
    ("terms", "given", "reason"),
    [
        ({"places": 300}, 300, "campaign_full"),
        ({"places": None, "budget": 2_000 * 300 + 1_999}, 300, "budget_spent"),
    ],
    ids=["places", "budget"],
)
def test_a_thousand_in_processes_and_threads_take_every_place_and_none_over(
    make_staff, terms, given, reason
):
    campaign = opened(make_staff, **terms)
    people = [person.pk for person in newcomers(1_000)]
    shares = [people[start::PROCESSES] for start in range(PROCESSES)]
    crowds = [
        in_process("-m", CROWD, campaign.code, ERA.isoformat(), *map(str, share))
        for share in shares
    ]
    answers = [told for one in crowds for told in json.loads(one.communicate(timeout=300)[0])]

    assert Counter(answers) == {"placed": given, reason: 1_000 - given}
    numbers = campaign.numbered.taken().order_by("number").values_list("number", flat=True)
    assert list(numbers) == list(range(1, given + 1))
    assert Transfer.objects.filter(reason="campaign").count() == given
    assert sum(Account.objects.purses().values_list("balance", flat=True)) == given * 2_000
    assert pot_sums()["campaigns"] == 0


def test_two_people_want_the_last_place(walkers, make_staff):
    campaign = opened(make_staff, places=1)
    turn = itertools.cycle(walkers[:2])

    assert race(lambda: give_place(campaign, next(turn), earned_on=ERA)) == ["CampaignFull", "ok"]
    assert campaign.numbered.taken().count() == 1


def test_one_person_asks_many_times_at_once_and_has_one_place(walkers, make_staff):
    campaign = opened(make_staff, places=4)

    assert race(lambda: give_place(campaign, walkers[0], earned_on=ERA), runners=4) == ["ok"] * 4
    assert campaign.numbered.taken().count() == 1
    assert balance(walkers[0]) == 2_000


def test_a_place_that_is_let_go_goes_to_whoever_waits(walkers, make_staff):
    """The last place is held by somebody whose transaction fails: it is not lost."""
    campaign = opened(make_staff, places=1)
    held, let_go = threading.Event(), threading.Event()

    def hold_and_fail():
        try:
            with transaction.atomic():
                give_place(campaign, walkers[0], earned_on=ERA)
                held.set()
                let_go.wait(10)
                transaction.set_rollback(True)
        finally:
            connection.close()

    first = threading.Thread(target=hold_and_fail)
    first.start()
    held.wait(10)
    threading.Timer(0.5, let_go.set).start()
    place = give_place(campaign, walkers[1], earned_on=ERA)
    first.join()

    assert (place.number, place.participant) == (1, walkers[1])
    assert campaign.numbered.taken().count() == 1


def test_closing_while_people_come_adds_up(walkers, make_staff):
    campaign = opened(make_staff, places=4)
    approver = make_staff("finance_approver")
    acts = iter([
        *(lambda person=person: give_place(campaign, person, earned_on=ERA) for person in walkers),
        lambda: close_campaign(Campaign.objects.get(), by=approver, why="끝"),
    ])  # fmt: skip
    outcomes = race(lambda: next(acts)(), runners=5)

    placed = campaign.numbered.taken().count()
    assert outcomes.count("ok") == placed + 1
    assert pot_sums()["campaigns"] == 0
    assert pot_sums()["programme-fund"] == -placed * 2_000
    assert prove(by=JOB).gaps.get("campaign_money_astray") is None


def test_two_sweeps_at_once_give_each_person_one_place(walkers, make_staff):
    campaign = opened(make_staff, places=4)
    race(lambda: award_waiting(campaign))

    assert campaign.numbered.taken().count() == 4
    assert Transfer.objects.filter(reason="campaign").count() == 4


def test_one_event_told_twice_at_once_is_answered_twice_and_counts_once(walkers):
    partner = Partner("fitness", "", PartnerEvent.Kind.ACTIVITY)
    fields = {"member": walkers[0].number, "item": "survey", "date": ERA}
    answers = []

    def tell():
        answers.append(receive_event(partner, Told("1", "activity", fields)))

    assert race(tell, runners=4) == ["ok"] * 4
    assert sorted(answer.is_repeat for answer in answers) == [False, True, True, True]
    assert PartnerEvent.objects.count() == 1


def test_two_workers_share_one_simulation(walkers, make_staff, monkeypatch):
    monkeypatch.setattr("points.services.simulations.PEOPLE_PER_CHUNK", 1)
    rule = draft_like("2025-12-01", by=make_staff("finance_officer"))
    run = plan_simulation(rule, first=ERA, last=ERA, by=JOB)

    assert race(lambda: simulate(type(run).objects.get(), by=JOB)) == ["ok", "ok"]
    run.refresh_from_db()
    assert (run.status, run.figures["people"]["all"]) == ("done", 4)
    assert not simulate_chunk(run, question(run))
