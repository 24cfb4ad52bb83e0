from datetime import timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from devices.models import (
    Allocation,
    Carrier,
    CourierFile,
    LoanTerms,
    ParcelBatch,
    RecoveryStep,
    SilentStep,
)
from seoul_health.core import clock

from .builders import join, live_loan

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(make_staff):
    return make_staff("device_officer")


@pytest.fixture
def allocated(walker, officer):
    return Allocation.objects.create(lane=join(walker).application.lane, asked_by=officer)


def refused(name, change):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        change()


def test_an_allocation_ends_at_a_moment_and_gives_something(allocated):
    rows = Allocation.objects.filter(pk=allocated.pk)

    refused("an_allocation_says_when_it_ended", lambda: rows.update(status="done"))
    refused("an_allocation_says_when_it_ended", lambda: rows.update(ended_at=clock.now()))
    refused("an_allocation_gives_at_least_one", lambda: rows.update(most=0))
    allocated.refresh_from_db()
    assert (allocated.status, allocated.ended_at, allocated.most) == ("running", None, None)


def test_a_carrier_knows_the_length_of_its_numbers(db):
    refused("a_carrier_has_lengths", lambda: Carrier.objects.update(lengths=[]))


@pytest.mark.parametrize(("status", "has_end"), [("done", False), ("draft", True)])
def test_a_courier_file_says_when_it_ended(officer, status, has_end):
    fields = {"kind": "numbers", "carrier": Carrier.objects.first(), "uploaded_by": officer}
    ended_at = clock.now() if has_end else None

    refused(
        "a_courier_file_says_when_it_ended",
        lambda: CourierFile.objects.create(**fields, status=status, ended_at=ended_at),
    )


def test_a_parcel_list_says_when_it_ended(officer):
    fields = {"direction": "out", "carrier": Carrier.objects.first(), "made_by": officer}

    refused(
        "a_parcel_list_says_when_it_ended",
        lambda: ParcelBatch.objects.create(**fields, ended_at=clock.now()),
    )


def test_a_silence_is_told_once_and_after_whole_months(walker):
    loan = live_loan(walker)
    since = clock.today() - timedelta(days=40)

    def told(days):
        step = RecoveryStep.objects.create(loan=loan, kind="message", taken_by="system:tests")
        SilentStep.objects.create(
            loan=loan, silent_since=since, days=days, kind="message", step=step
        )

    told(30)

    refused("one_step_per_silence_and_kind", lambda: told(30))
    refused("silence_counts_in_months", lambda: told(45))
    assert SilentStep.objects.count() == 1


def test_terms_that_can_be_accepted_stay_as_they_are(db):
    terms = LoanTerms.objects.order_by("pk").last()

    for change in (lambda: LoanTerms.objects.update(version="x"), terms.delete):
        with pytest.raises(ProgrammingError, match="accepted_terms_stay"), transaction.atomic():
            change()

    assert LoanTerms.objects.filter(pk=terms.pk, version=terms.version).exists()
