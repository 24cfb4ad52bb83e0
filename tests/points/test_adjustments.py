import pytest
from django.db import IntegrityError, transaction

from points.errors import AboveLimit, NotEnoughPoints, SamePerson
from points.models import Adjustment, Transfer
from points.services.adjustments import (
    approve_adjustment,
    decline_adjustment,
    request_adjustment,
)
from points.services.proof import prove
from seoul_health.core.errors import IllegalMove
from tests.conftest import JOB
from tests.points.builders import balance

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(make_staff):
    return make_staff("finance_officer")


@pytest.fixture
def approver(make_staff):
    return make_staff("finance_approver")


def ask(saver, officer, amount=500):
    return request_adjustment(
        saver, amount=amount, reason="missed_steps", case="C-2026-000001", by=officer
    )


def test_an_approved_adjustment_moves_points_once(saver, officer, approver):
    asked = ask(saver, officer)
    assert balance(saver) == 20_000
    approve_adjustment(asked, by=approver)

    with pytest.raises(IllegalMove), transaction.atomic():
        approve_adjustment(Adjustment.objects.get(), by=approver)

    assert balance(saver) == 20_500
    posted = Adjustment.objects.get().transfer
    assert (posted.amount, posted.reason, posted.case) == (500, "adjustment", "C-2026-000001")


def test_points_are_taken_by_an_adjustment_below_zero(saver, officer, approver):
    approve_adjustment(ask(saver, officer, -700), by=approver)

    assert balance(saver) == 19_300


def test_more_than_there_is_cannot_be_taken(saver, officer, approver):
    asked = ask(saver, officer, -20_001)

    with pytest.raises(NotEnoughPoints), transaction.atomic():
        approve_adjustment(asked, by=approver)

    assert (balance(saver), Adjustment.objects.get().status) == (20_000, "requested")


def test_nobody_decides_their_own_request(saver, officer):
    asked = ask(saver, officer)

    for decide in (
        lambda: approve_adjustment(asked, by=officer),
        lambda: decline_adjustment(asked, why="no", by=officer),
    ):
        with pytest.raises(SamePerson):
            decide()

    assert (balance(saver), Adjustment.objects.get().status) == (20_000, "requested")


def test_a_role_adjusts_up_to_its_limit(saver, officer, approver):
    ask(saver, officer, 30_000)

    for staff, amount in ((officer, 30_001), (officer, -30_001), (approver, 1)):
        with pytest.raises(AboveLimit):
            ask(saver, staff, amount)

    assert Adjustment.objects.count() == 1


def test_a_declined_adjustment_moves_nothing(saver, officer, approver):
    decline_adjustment(ask(saver, officer), why="no evidence", by=approver)

    assert (balance(saver), Adjustment.objects.get().status) == (20_000, "declined")
    assert Transfer.objects.filter(reason="adjustment").count() == 0


def test_the_proof_covers_adjustments(saver, officer, approver):
    approve_adjustment(ask(saver, officer), by=approver)

    assert prove(by=JOB).gaps == {}


def test_an_adjustment_of_another_amount_is_found(saver, officer, approver):
    approve_adjustment(ask(saver, officer), by=approver)
    Adjustment.objects.update(amount=600)

    assert prove(by=JOB).gaps == {"adjustments_not_booked_as_decided": 1}


def test_points_of_no_adjustment_are_found(saver, officer, approver):
    approve_adjustment(ask(saver, officer), by=approver)
    Adjustment.objects.all().delete()

    assert prove(by=JOB).gaps == {"transfers_without_their_adjustment": 1}


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("an_adjustment_moves_something", {"amount": 0}),
        ("an_adjustment_names_its_case", {"case": ""}),
        ("a_decided_adjustment_says_by_whom", {"status": "approved"}),
    ],
)
def test_the_database_keeps_adjustments_in_shape(saver, officer, name, changes):
    ask(saver, officer)

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Adjustment.objects.update(**changes)


def test_the_database_wants_two_people(saver, officer, approver):
    approve_adjustment(ask(saver, officer), by=approver)

    with pytest.raises(IntegrityError, match="two_people_adjust"), transaction.atomic():
        Adjustment.objects.update(decided_by=officer)


def test_the_screens_ask_and_approve(saver, client_of):
    asked = {
        "participant": saver.number,
        "amount": 500,
        "reason": "goodwill",
        "case": "C-2026-000001",
        "note": "",
    }
    officer, approver = client_of("finance_officer"), client_of("finance_approver")
    assert officer.post("/admin/points/adjustment/run/", asked).status_code == 302
    row = Adjustment.objects.get()
    approve = f"/admin/points/adjustment/{row.pk}/act/approve/"

    assert officer.post(approve).status_code == 403
    assert approver.post("/admin/points/adjustment/run/", asked).status_code == 403
    assert approver.get(f"/admin/points/adjustment/{row.pk}/change/").status_code == 200
    approver.post(approve)
    assert balance(saver) == 20_500
