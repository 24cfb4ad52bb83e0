import pytest
from django.db import IntegrityError, transaction

from participants.errors import CountGoesOn
from participants.models import FairnessLine, FairnessReport
from participants.services import applications, fairness, selection
from seoul_health.core.models import AuditEvent
from tests.conftest import JOB
from tests.participants.recruiting import approved, born, open_lane, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(make_staff):
    return make_staff("recruitment_officer")


@pytest.fixture
def lane(make_participant):
    """Two seats; four were approved in this order, one was rejected."""
    lane = open_lane(seats=2)
    for years, district in ((20, "종로구"), (30, "종로구"), (40, "중구"), (50, "중구")):
        approved(make_participant(is_resident=True, born=born(years), district=district), lane)
    last = submitted(make_participant(is_resident=True, district="중구"), lane)
    applications.reject(last, by=JOB, reason="서류가 다릅니다.")
    selection.select_lane(lane, by=JOB)
    return lane


def counted(lane, officer):
    report = fairness.plan_report(lane.round, by=officer)
    fairness.run_report(report, by=JOB)
    return FairnessReport.objects.get(pk=report.pk)


def line(dimension, value):
    found = FairnessLine.objects.get(dimension=dimension, value=value)
    return found.applied, found.eligible, found.seated, found.by_lot


def test_seats_stand_beside_what_a_lottery_would_have_given(lane, officer):
    report = counted(lane, officer)

    assert (report.status, report.done) == ("done", 5)
    assert line("district", "종로구") == (2, 2, 2, 100)
    assert line("district", "중구") == (3, 2, 0, 100)
    assert line("lane", "own_device") == (5, 4, 2, 200)


def test_every_dimension_sums_to_the_same(lane, officer):
    counted(lane, officer)

    for dimension in FairnessLine.Dimension.values:
        lines = FairnessLine.objects.filter(dimension=dimension)
        assert sum(one.applied for one in lines) == 5
        assert sum(one.seated for one in lines) == 2


def test_no_birth_date_is_kept(lane, officer):
    report = counted(lane, officer)

    assert "19" + "90" not in str(report.counts)
    ages = FairnessLine.objects.filter(dimension="age_band").values_list("value", flat=True)
    assert set(ages) <= {
        "20-29", "30-39", "40-49", "50-59",
    }  # fmt: skip


def test_one_round_is_counted_once_at_a_time(lane, officer):
    fairness.plan_report(lane.round, by=officer)

    with pytest.raises(CountGoesOn):
        fairness.plan_report(lane.round, by=officer)

    assert FairnessReport.objects.count() == 1


def test_counting_twice_changes_nothing(lane, officer):
    report = counted(lane, officer)
    events = AuditEvent.objects.count()

    fairness.run_report(report, by=JOB)

    assert FairnessLine.objects.filter(dimension="lane").count() == 1
    assert AuditEvent.objects.count() == events


def test_lines_tell_the_truth_in_the_database(lane, officer):
    counted(lane, officer)

    with pytest.raises(IntegrityError, match="seated_are_eligible"), transaction.atomic():
        FairnessLine.objects.update(seated=99)
    row = FairnessLine.objects.first()
    row.pk = None
    with pytest.raises(IntegrityError, match="one_line_per_group"), transaction.atomic():
        row.save(force_insert=True)
