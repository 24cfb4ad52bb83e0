"""More time for many: with a reason, by two people, as rows of its own."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, transaction

from participants.models import Notification
from points.errors import ExtensionTooLong, ExtensionTooShort, NobodyExtended
from points.models import ExpiryExtension, ExtendedPurse, LotUse, Outage
from points.services import announcing
from points.services.accounts import purse_of
from points.services.announcing import tell_of_extensions
from points.services.expiry import expire_points, expiring_soon
from points.services.extensions import approve_extension, decline_extension, request_extension
from points.services.operators import in_force
from seoul_health.core import clock
from seoul_health.core.errors import IllegalMove, ReasonNeeded, SamePerson
from tests.conftest import JOB
from tests.points.builders import balance, give

pytestmark = pytest.mark.django_db
TODAY, UNTIL = date(2026, 7, 1), date(2026, 12, 1)
OLD = date(2025, 6, 30)
EVERYBODY = {"of": "everybody"}


@pytest.fixture(autouse=True)
def first_of_july():
    with time_machine.travel(clock.day_starts(TODAY) + timedelta(hours=9), tick=False):
        yield


@pytest.fixture
def officer(make_staff):
    return make_staff("finance_officer")


@pytest.fixture
def approver(make_staff):
    return make_staff("finance_approver")


@pytest.fixture
def old_points(walker):
    give(walker, 300, OLD)
    return walker


def ask(officer, audience=EVERYBODY, until=UNTIL, reason="Wallets were down"):
    return request_extension(audience, until=until, reason=reason, by=officer)


def test_an_extension_says_whom_it_reaches_and_changes_nothing_yet(old_points, officer):
    asked = ask(officer)

    assert (asked.people, asked.points, asked.status) == (1, 300, "requested")
    assert expire_points(by=JOB, day=TODAY).points == 300


def test_an_approved_extension_keeps_points_until_its_day(old_points, officer, approver):
    approve_extension(ask(officer), by=approver)

    assert expire_points(by=JOB, day=TODAY).points == 0
    assert expiring_soon(old_points, until=UNTIL) == [(UNTIL, 300)]
    with time_machine.travel(clock.day_starts(UNTIL), tick=False):
        assert expire_points(by=JOB).points == 300
    assert LotUse.objects.count() == 1


def test_a_district_alone_is_given_time(make_participant, officer, approver):
    here, there = make_participant(district="노원구"), make_participant(district="중구")
    for person in (here, there):
        give(person, 300, OLD)
    approve_extension(ask(officer, {"of": "everybody", "districts": ["노원구"]}), by=approver)

    assert expire_points(by=JOB, day=TODAY).people == 1
    assert (balance(here), balance(there)) == (300, 0)


def test_whoever_asks_does_not_approve(old_points, officer):
    asked = ask(officer)

    with pytest.raises(SamePerson):
        approve_extension(asked, by=officer)
    assert ExtendedPurse.objects.count() == 0
    assert ExpiryExtension.objects.get().status == "requested"


def test_a_declined_extension_gives_no_time(old_points, officer, approver):
    asked = ask(officer)
    decline_extension(asked, why="Nobody was kept out", by=approver)

    with pytest.raises(IllegalMove):
        approve_extension(asked, by=approver)
    assert expire_points(by=JOB, day=TODAY).points == 300


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"until": TODAY}, ExtensionTooShort),
        ({"until": date(2027, 7, 3)}, ExtensionTooLong),
        ({"reason": "  "}, ReasonNeeded),
        ({"audience": {"of": "everybody", "districts": ["중구"]}}, NobodyExtended),
    ],
    ids=["today", "beyond_what_is_earned_today", "no_reason", "nobody"],
)
def test_an_extension_that_makes_no_sense_is_refused(old_points, officer, change, refusal):
    with pytest.raises(refusal):
        ask(officer, **change)
    assert ExpiryExtension.objects.count() == 0


def test_later_dark_days_move_an_extended_end_on_too(old_points, officer, approver):
    approve_extension(ask(officer), by=approver)
    began = clock.day_starts(UNTIL) - timedelta(days=3)
    with time_machine.travel(began + timedelta(days=2), tick=False):
        Outage.objects.create(
            operator=in_force(), cause="silence", began_at=began,
            ended_at=began + timedelta(hours=30),
        )  # fmt: skip
        assert expiring_soon(old_points, until=date(2026, 12, 31)) == [(date(2026, 12, 3), 300)]


def test_each_person_is_told_once_of_more_time(old_points, make_participant, officer, approver):
    give(old_points, 200, date(2026, 6, 1))  # Lives longer than that anyway.
    give(make_participant(), 700, date(2026, 6, 1))
    approve_extension(ask(officer), by=approver)

    assert (tell_of_extensions(), tell_of_extensions()) == (1, 0)
    notice = Notification.objects.get(template__code="points_expiry_extended")
    assert (notice.participant, notice.values) == (
        old_points,
        {"points": "300", "until": "2026년 12월 1일"},
    )
    assert ExpiryExtension.objects.get().told_at == clock.now()


def test_telling_goes_on_where_it_was_left(make_participant, officer, approver, monkeypatch):
    for _ in range(3):
        give(make_participant(), 300, OLD)
    monkeypatch.setattr(announcing, "PURSES_PER_CHUNK", 2)
    asked = ask(officer)
    approve_extension(asked, by=approver)

    assert announcing.tell_chunk(asked) == 2
    assert tell_of_extensions() == 1


def test_the_database_keeps_extensions_honest(old_points, officer, approver):
    asked = ask(officer)
    for name, change in (
        ("an_extension_has_its_reason", {"reason": ""}),
        ("expiryextension_needs_two_people", {
            "status": "approved", "decided_by": officer, "decided_at": clock.now(),
        }),
        ("expiryextension_decision_says_when", {"status": "approved", "decided_by": approver}),
        ("a_decided_extension_says_by_whom", {"status": "approved"}),
    ):  # fmt: skip
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            ExpiryExtension.objects.filter(pk=asked.pk).update(**change)


def test_the_database_covers_a_purse_once_and_for_good(old_points, officer, approver):
    asked = ask(officer)
    approve_extension(asked, by=approver)

    with pytest.raises(IntegrityError, match="a_purse_is_extended_once"), transaction.atomic():
        ExtendedPurse.objects.create(extension=asked, purse=purse_of(old_points))
    with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
        ExtendedPurse.objects.all()._raw_delete("default")
