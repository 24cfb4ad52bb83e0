import pytest
from django.db import DatabaseError, IntegrityError

from devices.models import Device, DeviceModel, Lot
from seoul_health.core import audit
from seoul_health.core.clock import today
from seoul_health.core.db import constraint
from seoul_health.core.errors import Conflict, IllegalMove
from seoul_health.core.models import AuditEvent
from tests.conftest import JOB


@pytest.fixture
def watch(db):
    model = DeviceModel.objects.create(code="sw-1", name="Watch", maker="Maker")
    lot = Lot.objects.create(
        code="L1", model=model, supplier="S", contract_no="1", unit_price=1, received_on=today()
    )
    return Device.objects.create(serial="SW-0001", lot=lot)


def test_a_move_changes_the_status_and_signs_it(watch):
    watch.move(Device.Status.ALLOCATED, by=JOB, why="lent")

    assert Device.objects.get().status == "allocated"
    event = AuditEvent.objects.get()
    assert (event.actor, event.verb, event.subject) == (
        "system:tests.job",
        "allocated",
        f"devices.device:{watch.pk}",
    )
    assert event.detail == {"why": "lent", "before": "in_stock"}


def test_a_stale_row_cannot_move_twice(watch):
    stale = Device.objects.get()
    watch.move(Device.Status.ALLOCATED, by=JOB)

    with pytest.raises(IllegalMove):
        stale.move(Device.Status.ALLOCATED, by=JOB)

    assert AuditEvent.objects.count() == 1


def test_an_illegal_move_changes_nothing(watch):
    with pytest.raises(IllegalMove) as refusal:
        watch.move(Device.Status.ON_LOAN, by=JOB)

    assert refusal.value.code == "illegal_move"
    assert "SW-0001" in str(refusal.value)
    assert Device.objects.get().status == "in_stock"
    assert not AuditEvent.objects.exists()


def test_a_watch_with_personal_data_cannot_be_in_stock(watch):
    with pytest.raises(Conflict), constraint("a_watch_is_wiped_before_reissue", Conflict()):
        Device.objects.update(holds_personal_data=True)

    assert Device.objects.get().holds_personal_data is False


def test_another_constraint_is_not_hidden(watch):
    with pytest.raises(IntegrityError), constraint("another_name", Conflict()):
        Device.objects.update(grade="Z")


@pytest.mark.parametrize("act", [lambda rows: rows.update(verb="x"), lambda rows: rows.delete()])
def test_the_audit_trail_is_append_only(watch, act):
    audit.record("seen", watch, by=JOB)

    with pytest.raises(DatabaseError, match="Cannot update or delete"):
        act(AuditEvent.objects.all())
