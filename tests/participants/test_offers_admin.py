"""Staff see who was offered a seat, give more time, recall, and serve the next."""

from datetime import timedelta

import pytest
from django.urls import reverse

from participants.models import Application, Lane, Offer
from participants.services import participations
from seoul_health.core import clock
from seoul_health.core.models import AccessLog
from tests.participants.waiting import expire, lane_with, served, start, statuses

pytestmark = pytest.mark.django_db
LIST = "/admin/participants/offer/"


@pytest.fixture
def people(make_participant):
    return [make_participant(is_resident=True, name="김용준") for _ in range(4)]


@pytest.fixture
def officer(client_of):
    return client_of("recruitment_officer")


def act(browser, row, verb, **values):
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_act"
    return browser.post(reverse(name, args=[row.pk, verb]), values, follow=True)


def test_the_list_shows_masked_names_and_is_written_down(officer, people):
    served(lane_with({"seats": 2}), people[:2])

    page = officer.get(LIST).content.decode()

    assert "김*준" in page
    assert "김용준" not in page
    assert sorted(AccessLog.objects.get().subjects) == [person.number for person in people[:2]]


def test_the_list_costs_the_same_for_many(officer, people, django_assert_max_num_queries):
    served(lane_with({"seats": 4}), people)
    officer.get(LIST)

    with django_assert_max_num_queries(12):
        officer.get(LIST)


@pytest.mark.parametrize(("chosen", "shown"), [("12", 1), ("24", 2), ("past", 1), ("", 4)])
def test_offers_are_found_by_what_is_left_of_their_time(officer, people, chosen, shown):
    served(lane_with({"seats": 4}), people)
    first, second, third, _fourth = Offer.objects.order_by("pk")
    for row, hours in ((first, 11), (second, 23)):
        Offer.objects.filter(pk=row.pk).update(expires_at=clock.now() + timedelta(hours=hours))
    expire(third)

    page = officer.get(LIST, {"due": chosen} if chosen else {}).content.decode()

    assert page.count("김*준") == shown


def test_an_officer_gives_more_time_with_a_reason(officer, people):
    served(lane_with({"seats": 1}), people[:1])
    offer = Offer.objects.get()

    act(officer, offer, "extend", hours="96", why="입원 중이라고 연락함")

    assert Offer.objects.get().expires_at > offer.expires_at


def test_more_time_needs_a_reason(officer, people):
    served(lane_with({"seats": 1}), people[:1])
    offer = Offer.objects.get()

    act(officer, offer, "extend", hours="96", why="")

    assert Offer.objects.get().expires_at == offer.expires_at


def test_an_officer_recalls_an_offer(officer, people):
    lane = lane_with({"seats": 1})
    served(lane, people[:1])

    act(officer, Offer.objects.get(), "recall", why="중복 신청으로 확인")

    assert (statuses(lane), Offer.objects.get().status) == (["withdrawn"], "withdrawn")


def test_an_officer_serves_the_next_in_order(officer, people):
    lane = lane_with({"seats": 1})
    first, *_ = served(lane, people[:3])
    participations.decline(first, by=people[0])

    act(officer, Offer.objects.get(), "offer_next")

    assert statuses(lane) == ["declined", "selected", "waitlisted"]


def test_serving_nobody_says_so(officer, people):
    lane = lane_with({"seats": 1})
    served(lane, people[:2])

    page = act(officer, Offer.objects.get(), "offer_next")

    assert "error" in page.content.decode()
    assert statuses(lane) == ["selected", "waitlisted"]


def test_an_officer_takes_the_waiting_list_to_the_next_lane(officer, people):
    lane, target = lane_with({"seats": 1}), lane_with({"seats": 1}, starts_in=90)
    Lane.objects.filter(pk=lane.pk).update(carries_over_to=target)
    served(lane, people[:2])
    start(lane)

    act(officer, lane, "carry_over")

    assert statuses(lane) == ["selected", "carried_over"]
    assert Application.objects.get(lane=target).participant == people[1]


@pytest.mark.parametrize("verb", ["extend", "recall", "offer_next"])
def test_an_auditor_only_looks(client_of, people, verb):
    lane = lane_with({"seats": 1})
    served(lane, people[:2])
    auditor = client_of("auditor")

    assert auditor.get(LIST).status_code == 200
    assert act(auditor, Offer.objects.get(), verb, hours="96", why="이유 없음").status_code == 403
    assert Offer.objects.get().status == "open"


def test_an_agent_of_another_kind_sees_no_offers(client_of):
    assert client_of("finance_officer").get(LIST).status_code == 403
