import random
import uuid
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from devices.errors import BatchReused
from devices.models import DaySteps, SyncReceipt
from devices.services.walking import day_totals, receive_steps
from tests.points.builders import ERA, at, sample, upload, walk

pytestmark = pytest.mark.django_db
NOON = at(ERA, 14)


def receive(walker, *items, source="watch", at=NOON, **fields):
    return receive_steps(walker, upload(*items, source=source, **fields), received_at=at)


def hours_of(walker, source="watch"):
    return DaySteps.objects.get(participant=walker, source=source).hours


def test_an_upload_becomes_a_receipt_and_a_day(walker):
    received = receive(walker, sample(ERA, 4_000))

    assert [one.outcome for one in received.items] == ["accepted"]
    assert received.totals == {ERA: 4_000}
    day = DaySteps.objects.get()
    assert (day.steps, day.hours[9:13], sum(day.hours)) == (4_000, [1_000] * 4, 4_000)
    receipt = SyncReceipt.objects.get()
    assert receipt.receipt_no == received.receipt_no
    assert receipt.receipt_no.startswith(f"S-{ERA:%Y%m%d}-")
    assert receipt.payload == [sample(ERA, 4_000)]
    assert receipt.days == [ERA]


def test_the_same_batch_gets_the_first_receipt(walker):
    batch = uuid.uuid4()
    first = receive(walker, sample(ERA, 4_000), batch_id=batch)
    again = receive(walker, sample(ERA, 4_000), batch_id=batch, at=NOON + timedelta(hours=1))

    assert (again.receipt_no, again.items, again.totals) == (
        first.receipt_no,
        first.items,
        first.totals,
    )
    assert SyncReceipt.objects.count() == 1


def test_a_twin_that_arrived_earlier_and_waited_gets_the_first_receipt(walker):
    batch = uuid.uuid4()
    first = receive(walker, sample(ERA, 4_000), batch_id=batch)
    waited = receive(walker, sample(ERA, 4_000), batch_id=batch, at=NOON - timedelta(seconds=1))
    assert waited.receipt_no == first.receipt_no
    assert SyncReceipt.objects.count() == 1


def test_other_records_under_a_used_batch_are_refused(walker):
    batch = uuid.uuid4()
    receive(walker, sample(ERA, 4_000), batch_id=batch)

    with pytest.raises(BatchReused), transaction.atomic():
        receive(walker, sample(ERA, 9_000), batch_id=batch)

    assert DaySteps.objects.get().steps == 4_000


def test_another_person_may_use_the_same_batch_number(walker, make_participant):
    batch = uuid.uuid4()
    receive(walker, sample(ERA, 4_000), batch_id=batch)
    receive(make_participant(), sample(ERA, 9_000), batch_id=batch)

    assert SyncReceipt.objects.count() == 2


def test_a_lower_upload_is_kept_but_lowers_nothing(walker):
    receive(walker, sample(ERA, 4_000))
    received = receive(walker, sample(ERA, 400))

    assert [one.outcome for one in received.items] == ["ignored_lower"]
    assert received.totals == {ERA: 4_000}
    assert SyncReceipt.objects.count() == 2


def test_two_sources_count_the_larger_hour(walker):
    receive(walker, sample(ERA, 4_000), source="watch")
    received = receive(walker, sample(ERA, 2_000, hour=12, hours=1), source="phone")

    assert received.totals == {ERA: 5_000}
    assert DaySteps.objects.count() == 2


def test_a_refused_item_does_not_take_the_others_with_it(walker):
    received = receive(walker, {"steps": 5}, sample(ERA, 4_000), sample(ERA + timedelta(2), 1))

    assert [(one.outcome, one.reason) for one in received.items] == [
        ("rejected", "missing_field"),
        ("accepted", ""),
        ("rejected", "future"),
    ]
    assert received.totals == {ERA: 4_000}


def test_a_late_day_is_told_so_and_not_counted(walker):
    received = receive(walker, sample(ERA - timedelta(days=8), 4_000))

    assert [one.outcome for one in received.items] == ["late"]
    assert received.totals == {}
    assert not DaySteps.objects.exists()


def test_open_mhealth_points_count_like_our_own(walker):
    point = {
        "header": {"schema_id": {"namespace": "omh", "name": "step-count", "version": "3.0"}},
        "body": {
            "step_count": {"value": 4_000, "unit": "steps"},
            "effective_time_frame": {
                "time_interval": {
                    "start_date_time": at(ERA, 9).isoformat(),
                    "end_date_time": at(ERA, 13).isoformat(),
                }
            },
        },
    }

    assert receive(walker, point).totals == {ERA: 4_000}


@pytest.mark.parametrize("nonsense", [float("inf"), float("nan"), 10**19, None, [], {}, "x", True])
def test_nonsense_is_kept_and_refused_by_name(walker, nonsense):
    received = receive(walker, {**sample(ERA, 1), "steps": nonsense}, nonsense)

    assert [one.outcome for one in received.items] == ["rejected", "rejected"]
    assert SyncReceipt.objects.count() == 1


@pytest.mark.parametrize("seed", range(12))
def test_order_repeats_and_batches_never_change_a_day(walker, make_participant, seed):
    dice = random.Random(seed)
    items = [
        (source, sample(ERA, dice.randrange(0, 3_000), hour=hour, hours=dice.randint(1, 3)))
        for source in ("watch", "phone")
        for hour in dice.sample(range(11), 6)
    ]
    straight, shuffled = walker, make_participant()
    for source, item in items:
        receive(straight, item, source=source)
    mixed = items + dice.sample(items, 5)
    dice.shuffle(mixed)
    for source in ("phone", "watch"):
        mine = [item for told, item in mixed if told == source]
        cut = dice.randrange(len(mine))
        receive(shuffled, *mine[:cut], source=source)
        receive(shuffled, *mine[cut:], source=source)

    assert day_totals(shuffled, [ERA]) == day_totals(straight, [ERA])
    for source in ("watch", "phone"):
        assert hours_of(shuffled, source) == hours_of(straight, source)


def test_an_upload_costs_four_statements_and_a_repeat_five(walker, django_assert_num_queries):
    walk(walker, ERA, 100)
    sent = upload(*(sample(ERA, 500 + n, hour=n % 12, hours=1) for n in range(50)))

    with django_assert_num_queries(4):
        receive_steps(walker, sent, received_at=NOON)
    with django_assert_num_queries(5):
        receive_steps(walker, sent, received_at=NOON)


@pytest.mark.parametrize("act", [lambda rows: rows.update(os="x"), lambda rows: rows.delete()])
def test_a_receipt_cannot_be_changed_or_removed(walker, act):
    receive(walker, sample(ERA, 1))

    with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
        act(SyncReceipt.objects.all())

    assert SyncReceipt.objects.get().os == ""


def violates(name, act):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        act()


def test_the_database_keeps_days_and_receipts_in_shape(walker):
    receive(walker, sample(ERA, 1))
    day = DaySteps.objects.get()
    day.pk = None

    violates("one_day_per_person_and_source", lambda: day.save(force_insert=True))
    violates("a_day_has_twenty_four_hours", lambda: DaySteps.objects.update(hours=[1]))
    violates("a_day_is_humanly_possible", lambda: DaySteps.objects.update(steps=100_001))
