from datetime import timedelta

import pytest

from participants.errors import RoundIncomplete
from participants.models import EligibilityRule, Lane, Quota, RecruitmentRound
from participants.services import rounds
from seoul_health.core import clock
from seoul_health.core.errors import IllegalMove
from seoul_health.core.models import AuditEvent
from tests.conftest import JOB
from tests.participants.recruiting import add_lane, draft_round, open_lane, thawed

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def status_of(found):
    return RecruitmentRound.objects.get(pk=found.pk).status


def announced(**lane):
    found = draft_round()
    add_lane(found, **lane)
    rounds.announce(found, by=JOB)
    return found


def test_announcing_stamps_the_moment():
    found = announced()

    row = RecruitmentRound.objects.get(pk=found.pk)
    assert row.status == "announced"
    assert row.announced_at is not None


@pytest.mark.parametrize("missing", [Lane, Quota, EligibilityRule])
def test_a_round_without_all_its_parts_is_not_announced(missing):
    found = draft_round()
    add_lane(found)
    if missing is Lane:
        Quota.objects.all().delete()
    missing.objects.all().delete()

    with pytest.raises(RoundIncomplete):
        rounds.announce(found, by=JOB)

    assert status_of(found) == "draft"


def test_a_lane_without_seats_is_not_announced():
    found = draft_round()
    add_lane(found)
    add_lane(found, kind=Lane.Kind.NEEDS_WATCH, seats=0)

    with pytest.raises(RoundIncomplete):
        rounds.announce(found, by=JOB)

    assert status_of(found) == "draft"


def test_a_round_is_announced_once():
    found = announced()

    with pytest.raises(IllegalMove):
        rounds.announce(found, by=JOB)

    assert AuditEvent.objects.filter(verb="announced").count() == 1


def test_a_round_opens_with_its_first_window():
    found = announced(opens_in=-HOUR)
    later = announced(opens_in=HOUR)

    rounds.turn_rounds(by=JOB)

    assert (status_of(found), status_of(later)) == ("open", "announced")


def test_a_round_closes_after_its_last_window():
    lane = open_lane(closes_in=timedelta(seconds=1))
    with thawed():
        Lane.objects.filter(pk=lane.pk).update(closes_at=clock.now() - timedelta(seconds=1))

    rounds.turn_rounds(by=JOB)

    assert status_of(lane.round) != "open"


def test_a_closed_round_runs_from_its_first_day_until_its_last():
    lane = open_lane(starts_in=1)
    rounds.close_round(lane.round, by=JOB)
    rounds.turn_rounds(by=JOB)
    assert status_of(lane.round) == "closed"

    today = clock.today()
    with thawed():
        RecruitmentRound.objects.update(starts_on=today - timedelta(days=9), ends_on=today)
    rounds.turn_rounds(by=JOB)
    assert status_of(lane.round) == "running"

    with thawed():
        RecruitmentRound.objects.update(ends_on=today - timedelta(days=1))
    rounds.turn_rounds(by=JOB)
    assert status_of(lane.round) == "ended"


def test_a_lottery_that_was_not_drawn_does_not_start():
    lane = open_lane(method=Lane.Method.LOTTERY)
    rounds.close_round(lane.round, by=JOB)

    rounds.turn_rounds(by=JOB)

    assert status_of(lane.round) == "closed"


def test_turning_twice_changes_nothing_more():
    announced()
    rounds.turn_rounds(by=JOB)
    events = AuditEvent.objects.count()

    rounds.turn_rounds(by=JOB)

    assert AuditEvent.objects.count() == events
