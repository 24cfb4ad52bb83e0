"""What is wrong with the lots is found, whatever was switched off to make it wrong."""

import pytest

from points.models import LotUse, Transfer
from tests.points.test_proof import city, gaps, meddle  # noqa: F401 — city is a fixture

pytestmark = pytest.mark.django_db
SPENT = "transfer_id IN (SELECT id FROM points_transfer WHERE reason = 'payout')"


def test_a_city_in_order_is_tied_to_its_lots(city):  # noqa: F811
    assert gaps() == {}
    assert LotUse.objects.filter(amount__lt=0).count() == 1


@pytest.fixture
def last_spend(city):  # noqa: F811
    return Transfer.objects.filter(reason="payout").latest("pk")


def test_a_deleted_link_is_found(last_spend):
    link = last_spend.lot_uses.get()
    meddle("DELETE FROM points_lotuse WHERE id = %s", link.pk)

    assert gaps() == {"debits_not_taken_from_lots": 1, "purses_that_differ_from_their_lots": 1}


def test_an_edited_link_is_found(last_spend):
    meddle("UPDATE points_lotuse SET amount = amount - 1 WHERE transfer_id = %s", last_spend.pk)

    assert gaps() == {"debits_not_taken_from_lots": 1, "purses_that_differ_from_their_lots": 1}


def test_a_link_moved_to_another_purse_is_found(last_spend, make_participant):
    from tests.points.builders import give

    lot = give(make_participant(), 30_000)
    meddle("UPDATE points_lotuse SET lot_id = %s WHERE transfer_id = %s", lot.pk, last_spend.pk)

    assert gaps() == {"uses_of_no_lot_of_the_purse": 1, "purses_that_differ_from_their_lots": 2}


def test_a_lot_used_up_twice_is_found(last_spend):
    small = Transfer.objects.filter(reason="walking_week").get()
    meddle("UPDATE points_lotuse SET lot_id = %s WHERE transfer_id = %s", small.pk, last_spend.pk)

    assert gaps() == {"lots_used_beyond_what_they_hold": 1}


def test_points_that_did_not_return_to_their_lots_are_found(city):  # noqa: F811
    meddle("DELETE FROM points_lotuse WHERE amount = (SELECT min(amount) FROM points_lotuse)")

    assert gaps() == {
        "returns_not_given_back_to_lots": 1,
        "purses_that_differ_from_their_lots": 1,
    }
