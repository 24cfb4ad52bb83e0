from datetime import timedelta

import pytest

from devices.lending_errors import ExchangeNeedsWatch, NotExchangeable, ParticipationEnded
from devices.models import Loan, Shipment
from devices.services import exchanges, loans
from participants.models import Participation
from participants.signals import unreturned_watch_asked
from seoul_health.core import clock
from seoul_health.core.errors import ReasonNeeded
from tests.conftest import JOB

from .builders import fresh, live_loan, make_watch, returned_loan, shipped_loan, standing

pytestmark = pytest.mark.django_db
WHY = "Screen stays dark"


@pytest.fixture
def faulty(walker):
    loan = live_loan(walker)
    Loan.objects.update(due_on=clock.today() + timedelta(days=20))
    return fresh(loan)


def test_by_parcel_a_sound_watch_goes_out_and_the_faulty_one_comes_back(faulty):
    make_watch("SW-SOUND")

    new = exchanges.exchange_by_parcel(faulty, why=WHY, by=JOB)

    assert standing(faulty) == ("replaced", "returning")
    assert standing(new) == ("shipped", "shipped")
    ways = Shipment.objects.order_by("loan").values_list("loan", "direction", "status")
    assert list(ways) == [(faulty.pk, "back", "planned"), (new.pk, "out", "planned")]


def test_at_the_counter_both_change_hands_at_once(faulty):
    make_watch()

    new = exchanges.exchange_at_counter(faulty, why=WHY, by=JOB)

    assert standing(faulty) == ("returned", "awaiting_inspection")
    assert standing(new) == ("delivered", "on_loan")
    assert fresh(faulty).device.holds_personal_data


def test_an_exchange_moves_no_due_day(faulty, walker):
    make_watch()
    new = exchanges.exchange_at_counter(faulty, why=WHY, by=JOB)

    loans.accept(fresh(new), terms="2026-01", by=walker)

    assert fresh(new).due_on == faulty.due_on
    assert fresh(new).replaces == faulty


def test_the_faulty_watch_is_owed_until_it_is_scanned(faulty, walker):
    make_watch()
    exchanges.exchange_by_parcel(faulty, why=WHY, by=JOB)
    asked = {"sender": None, "participant": walker, "keeps": True}
    assert [told for _who, told in unreturned_watch_asked.send(**asked)] == [True]

    loans.scan_in(faulty.device.serial, by=JOB)

    assert standing(faulty) == ("returned", "awaiting_inspection")
    assert [told for _who, told in unreturned_watch_asked.send(**asked)] == [False]


def test_without_a_watch_in_stock_nothing_is_exchanged(faulty):
    with pytest.raises(ExchangeNeedsWatch):
        exchanges.exchange_by_parcel(faulty, why=WHY, by=JOB)

    assert standing(faulty) == ("live", "on_loan")
    assert not Shipment.objects.filter(direction="back").exists()


def test_an_exchange_needs_a_reason(faulty):
    make_watch()

    with pytest.raises(ReasonNeeded):
        exchanges.exchange_at_counter(faulty, why=" ", by=JOB)

    assert standing(faulty) == ("live", "on_loan")


@pytest.mark.parametrize("make", [shipped_loan, returned_loan])
def test_only_a_watch_with_its_citizen_is_exchanged(walker, make):
    loan = make(walker)
    make_watch()
    before = standing(loan)

    with pytest.raises(NotExchangeable):
        exchanges.exchange_by_parcel(loan, why=WHY, by=JOB)

    assert (standing(loan), Loan.objects.count()) == (before, 1)


def test_whoever_takes_part_no_longer_gives_back_instead(faulty):
    make_watch()
    Participation.objects.update(status="completed")

    with pytest.raises(ParticipationEnded):
        exchanges.exchange_at_counter(faulty, why=WHY, by=JOB)

    assert standing(faulty) == ("live", "on_loan")


def test_a_watch_is_exchanged_once(faulty):
    make_watch()
    make_watch()
    exchanges.exchange_by_parcel(faulty, why=WHY, by=JOB)

    with pytest.raises(NotExchangeable):
        exchanges.exchange_by_parcel(faulty, why=WHY, by=JOB)

    assert Loan.objects.live().count() == 1
