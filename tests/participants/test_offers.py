"""An offered seat waits for an answer until a named moment, once."""

from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.db.models import F

from participants.errors import OfferClosed, OfferLapsed, RoundStarted, TooLateForOffer
from participants.models import Application, Lane, Notification, Offer
from participants.services import offers, participations, selection, telling
from seoul_health.core import clock
from seoul_health.core.errors import IllegalMove
from seoul_health.core.models import AuditEvent
from tests.conftest import JOB
from tests.participants.recruiting import approved
from tests.participants.waiting import expire, lane_with, served, start, statuses

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(make_participant):
    return [make_participant(is_resident=True) for _ in range(4)]


@pytest.fixture
def lane():
    return lane_with({"seats": 1})


def offer_of(row):
    return Offer.objects.get(application=row)


def sent(template):
    return Notification.objects.filter(template__code=template)


def test_a_seat_is_offered_for_the_hours_of_the_lane(people, lane):
    before = clock.now()
    first, *_ = served(lane, people[:2])

    kept = offer_of(first).expires_at - before
    assert timedelta(hours=48) <= kept < timedelta(hours=48, minutes=1)
    assert Offer.objects.count() == 1


def test_an_offer_never_outlasts_the_eve_of_the_round(people):
    lane = lane_with({"seats": 1}, starts_in=1)
    first, *_ = served(lane, people[:1])

    assert offer_of(first).expires_at == clock.day_starts(lane.round.starts_on)


def test_a_rolling_offer_may(people):
    lane = lane_with({"seats": 1}, starts_in=1, method=Lane.Method.ROLLING)
    first, *_ = served(lane, people[:1])

    assert offer_of(first).expires_at > clock.day_starts(lane.round.starts_on)


def test_selecting_again_offers_nothing_again(people, lane):
    served(lane, people[:2])

    assert offers.make_offers(lane, by=JOB) == 0
    assert Offer.objects.count() == 1


def test_an_accepted_offer_is_closed(people, lane):
    first, *_ = served(lane, people[:1])

    participations.confirm(first, by=people[0])

    offer = offer_of(first)
    assert (offer.status, offer.closed_at is None) == ("accepted", False)


def test_a_declined_offer_frees_the_seat_for_the_next(people, lane):
    first, second = served(lane, people[:2])

    participations.decline(first, by=people[0])
    selection.select_lane(lane, by=JOB)

    assert statuses(lane) == ["declined", "selected"]
    assert [offer_of(first).status, offer_of(second).status] == ["declined", "open"]


def test_an_offer_nobody_takes_lapses_and_the_next_is_offered(people, lane):
    first, second, _third = served(lane, people[:3])
    expire(offer_of(first))

    assert offers.lapse_due(by=JOB) == 1
    assert selection.select_due_lanes(by=JOB) == 1

    assert statuses(lane) == ["lapsed", "selected", "waitlisted"]
    assert offer_of(second).expires_at > clock.now()
    verbs = AuditEvent.objects.filter(subject=f"participants.application:{first.pk}")
    assert verbs.latest("pk").verb == "lapsed"


def test_two_sweeps_lapse_once(people, lane):
    first, *_ = served(lane, people[:1])
    expire(offer_of(first))

    assert [offers.lapse_due(by=JOB), offers.lapse_due(by=JOB)] == [1, 0]
    assert AuditEvent.objects.filter(verb="lapsed").count() == 2
    assert sent("offer_lapsed").count() == 1


@pytest.mark.parametrize("sweep", [True, False], ids=["after the sweep", "before the sweep"])
@pytest.mark.parametrize(
    "answer", [participations.confirm, participations.decline], ids=["accept", "decline"]
)
def test_an_answer_after_the_end_is_refused(people, lane, answer, sweep):
    first, *_ = served(lane, people[:1])
    expire(offer_of(first))
    if sweep:
        offers.lapse_due(by=JOB)
    before = statuses(lane)

    with pytest.raises(OfferLapsed):
        answer(first, by=people[0])

    assert statuses(lane) == before


def test_who_declined_is_never_offered_again(people, lane):
    first, *_ = served(lane, people[:1])
    participations.decline(first, by=people[0])

    assert selection.select_lane(lane, by=JOB) == 0
    assert statuses(lane) == ["declined"]


def test_one_application_has_one_offer_for_ever(people, lane):
    first, *_ = served(lane, people[:1])

    with pytest.raises(IntegrityError, match="participants_offer_pkey"):
        Offer.objects.create(application=first, expires_at=clock.now() + timedelta(1))


def test_an_offer_that_ends_before_it_begins_is_impossible(people, lane):
    first, *_ = served(lane, people[:1])

    with pytest.raises(IntegrityError, match="an_offer_expires_after_it_is_made"):
        Offer.objects.update(expires_at=offer_of(first).made_at)


def test_an_open_offer_has_no_end_and_a_closed_one_has(people, lane):
    served(lane, people[:1])

    with pytest.raises(IntegrityError, match="offer_closed_at_tells_the_truth"):
        Offer.objects.update(status="accepted")


def test_after_the_start_nobody_is_promoted(people, lane):
    first, *_ = served(lane, people[:2])
    participations.decline(first, by=people[0])
    running = start(lane)

    assert selection.select_due_lanes(by=JOB) == 0
    with pytest.raises(RoundStarted):
        selection.select_lane(running, by=JOB)
    assert statuses(lane) == ["declined", "waitlisted"]


def test_a_rolling_lane_goes_on_after_the_start(people):
    lane = lane_with({"seats": 1}, method=Lane.Method.ROLLING)
    first, *_ = served(lane, people[:2])
    participations.decline(first, by=people[0])
    start(lane)

    assert selection.select_due_lanes(by=JOB) == 1
    assert statuses(lane) == ["declined", "selected"]


def test_more_time_is_given_with_a_reason(people, lane, make_staff):
    first, *_ = served(lane, people[:1])
    offer = offer_of(first)

    offers.extend(offer, hours=96, why="입원 중이라고 연락함", by=make_staff())

    assert offer_of(first).expires_at - clock.now() > timedelta(hours=95)
    assert AuditEvent.objects.get(verb="extended").detail["why"] == "입원 중이라고 연락함"


def test_more_time_ends_with_the_eve_of_the_round(people):
    lane = lane_with({"seats": 1}, starts_in=1)
    first, *_ = served(lane, people[:1])

    with pytest.raises(TooLateForOffer):
        offers.extend(offer_of(first), hours=96, why="입원 중", by=JOB)


def test_what_is_over_is_not_extended(people, lane):
    first, *_ = served(lane, people[:1])
    expire(offer_of(first))

    with pytest.raises(OfferClosed):
        offers.extend(offer_of(first), hours=96, why="입원 중", by=JOB)


def test_a_recalled_offer_frees_the_seat_and_is_over(people, lane):
    first, _second = served(lane, people[:2])
    offers.recall(offer_of(first), why="중복 신청으로 확인", by=JOB)
    selection.select_lane(lane, by=JOB)

    assert statuses(lane) == ["withdrawn", "selected"]
    with pytest.raises(IllegalMove):
        participations.confirm(Application.objects.get(pk=first.pk), by=people[0])


def test_people_are_told_once_of_seats_and_places(people, lane):
    served(lane, people[:3])

    assert [telling.tell_all(), telling.tell_all()] == [3, 0]

    assert sent("seat_offered").count() == 1
    ranks = sent("waitlisted").order_by("pk").values_list("values__rank", flat=True)
    assert list(ranks) == [1, 2]
    link = sent("seat_offered").get().values["link"]
    assert link.startswith("http://localhost:8000/offers/")


def test_a_reminder_comes_twelve_hours_before_the_end_and_once(people, lane):
    served(lane, people[:1])
    telling.tell_all()
    now = clock.now()
    Offer.objects.update(
        made_at=now - timedelta(hours=36, minutes=1),
        expires_at=now + timedelta(hours=11, minutes=59),
    )

    assert [telling.tell_all(), telling.tell_all()] == [1, 0]
    assert sent("offer_expiring").get().participant == people[0]


def test_a_short_offer_needs_no_reminder(people):
    lane = lane_with({"seats": 1})
    served(lane, people[:1])
    telling.tell_all()
    Offer.objects.update(expires_at=F("made_at") + timedelta(hours=12))

    assert telling.tell_all() == 0


def test_telling_costs_the_same_for_many(make_participant, django_assert_max_num_queries):
    lane = lane_with({"seats": 5})
    served(lane, [make_participant(is_resident=True) for _ in range(10)])

    with django_assert_max_num_queries(24):
        assert telling.tell_all() == 10


def test_offers_come_from_a_selection_only(people, lane):
    approved(people[0], lane)

    assert offers.make_offers(lane, by=JOB) == 0
    assert not Offer.objects.exists()


def test_only_the_selected_are_offered_a_seat(people, lane):
    row = approved(people[0], lane)

    with pytest.raises(IntegrityError, match="only_the_selected_have_offers"):
        Offer.objects.create(application=row, expires_at=clock.now() + timedelta(1))


def test_an_offer_is_about_an_application(db):
    with pytest.raises(IntegrityError, match="only_the_selected_have_offers"):
        Offer.objects.create(application_id=0, expires_at=clock.now() + timedelta(1))
