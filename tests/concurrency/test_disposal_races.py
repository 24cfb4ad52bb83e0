"""One watch, two lists or two hands: it goes onto one list and is handed over once."""

import pytest

from devices.models import Device, DisposalBatch, DisposalUnit
from devices.services import disposals, inspections
from seoul_health.core import clock
from seoul_health.core.models import AuditEvent
from tests.devices.builders import make_watch
from tests.race import race

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def officer(make_staff):
    return make_staff("device_officer", username="kim")


def started(officer):
    return disposals.start(method="recycled", recycler="한강", reason="노후", by=officer)


def test_one_watch_is_put_on_one_list(officer):
    make_watch("SW-1", status="quarantined", grade="D")
    one, other = started(officer), started(officer)

    batches = iter([one, other])

    outcomes = race(lambda: disposals.add_watches(next(batches), ["SW-1"], by=officer))

    assert outcomes == ["WatchesUnfit", "ok"]
    assert DisposalUnit.objects.filter(is_live=True).count() == 1


def test_a_list_is_handed_over_once(officer, make_staff):
    make_watch("SW-1", status="quarantined", grade="D")
    batch = started(officer)
    disposals.add_watches(batch, ["SW-1"], by=officer)
    disposals.ask(batch, by=officer)
    disposals.approve(batch, by=make_staff("device_officer"))

    def hand_over():
        disposals.hand_over(
            DisposalBatch.objects.get(), weight_grams=41, certificate_no="RC-1",
            on=clock.today(), by=officer,
        )  # fmt: skip

    assert race(hand_over) == ["IllegalMove", "ok"]
    assert AuditEvent.objects.filter(verb="disposed").count() == 1


def test_a_watch_is_shelved_or_disposed_of_but_never_both(officer):
    make_watch("SW-1", status="awaiting_inspection", grade="D")
    batch = started(officer)

    acts = iter(
        [
            lambda: disposals.add_watches(batch, ["SW-1"], by=officer),
            lambda: inspections.shelve(Device.objects.get(), by=officer),
        ]
    )

    outcomes = race(lambda: next(acts)())

    listed = DisposalUnit.objects.filter(is_live=True).exists()
    assert outcomes.count("ok") >= 1
    assert Device.objects.get().status == ("quarantined" if listed else "in_stock")
