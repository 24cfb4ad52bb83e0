"""Uploads converge: whatever the order, the repeats and the batches, the day is the same."""

import random
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.rules.samples import Refusal, Sample, Span
from devices.rules.spans import CROWDED, best_chain, insert, least_walk, pack, thin, union, unpack
from devices.rules.steps import (
    Item,
    ItemOutcome,
    Plausibility,
    SourceDay,
    accepted_total,
    add_samples,
    merge_sources,
)
from seoul_health.core.clock import KST

DAY = date(2026, 11, 22)
RECEIVED = datetime(2026, 11, 22, 14, 59, tzinfo=UTC)
LIMITS = Plausibility()


def walk(start, end, steps, *, index=0, day=DAY):
    midnight = datetime(day.year, day.month, day.day, tzinfo=KST)
    begin, finish = (
        midnight + timedelta(hours=int(t[:2]), minutes=int(t[3:])) for t in (start, end)
    )
    return Sample(index, begin, finish, steps)


def upload(*samples, stored=None, refusals=()):
    return add_samples(
        stored or {}, samples, received_at=RECEIVED, limits=LIMITS, refusals=refusals
    )


def upload_all(batches):
    days = {}
    for batch in batches:
        days |= upload(*batch, stored=days).days
    return days


def outcomes(told):
    return [item.outcome for item in told.items]


def hours_of(days):
    return {day: source_day.hours for day, source_day in days.items()}


def test_uploads_that_follow_each_other_in_one_hour_add_up():
    first = upload(walk("09:00", "09:10", 800)).days

    second = upload(walk("09:10", "09:20", 900), stored=first)

    assert second.days[DAY].hours[9] == 1700
    assert outcomes(second) == ["accepted"]


def test_the_same_upload_again_changes_nothing():
    first = upload(walk("08:30", "09:10", 800)).days

    again = upload(walk("08:30", "09:10", 800), stored=first)

    assert again.days == first
    assert outcomes(again) == ["duplicate"]


@pytest.mark.parametrize("steps", [0, 1, 799])
def test_a_lower_or_empty_upload_never_lowers_the_day(steps):
    first = upload(walk("09:00", "09:10", 800)).days

    lower = upload(walk("09:00", "09:10", steps), stored=first)

    assert lower.days == first
    assert outcomes(lower) == ["ignored_lower"]


def test_a_corrected_interval_replaces_its_lower_self():
    first = upload(walk("09:00", "09:10", 800)).days

    higher = upload(walk("09:00", "09:10", 850), stored=first).days

    assert higher[DAY].hours[9] == 850
    assert higher[DAY].spans == [pack(Span(32_400, 33_000, 850))]


def test_an_hourly_total_and_its_minutes_are_one_walk():
    days = upload(
        walk("09:00", "10:00", 600), walk("09:00", "09:10", 500), walk("09:30", "09:40", 150)
    ).days

    assert days[DAY].hours[9] == 650


def test_a_growing_total_of_the_hour_counts_once():
    days = upload_all(
        [[walk("09:00", "09:10", 800)], [walk("09:00", "09:20", 1500)], [walk("09:20", "09:30", 9)]]
    )

    assert days[DAY].hours[9] == 1509


def test_overlapping_samples_take_the_larger():
    days = upload(walk("09:00", "09:20", 800), walk("09:10", "09:30", 900)).days

    assert days[DAY].hours[9] == 900


def test_a_sample_that_loses_today_may_still_matter_tomorrow():
    lost = upload(walk("09:00", "09:20", 900), walk("09:10", "09:30", 800))

    found = upload(walk("09:00", "09:10", 500), stored=lost.days)

    assert outcomes(lost) == ["accepted", "ignored_lower"]
    assert found.days[DAY].hours[9] == 1300


def test_no_steps_on_an_empty_day_is_a_day_with_no_steps():
    quiet = upload(walk("09:00", "10:00", 0))

    assert quiet.days == {DAY: SourceDay()}
    assert outcomes(quiet) == ["accepted"]


def test_a_day_known_only_by_its_hours_is_honoured():
    imported = {DAY: SourceDay(hours=[0] * 9 + [700] + [0] * 14)}

    told = upload(walk("09:00", "09:10", 600), walk("09:10", "09:20", 200), stored=imported)

    assert told.days[DAY].hours[9] == 800
    assert outcomes(told) == ["ignored_lower", "accepted"]


def test_the_stored_days_themselves_are_left_alone():
    first = upload(walk("09:00", "09:10", 800)).days
    kept = SourceDay(list(first[DAY].hours), list(first[DAY].spans))

    upload(walk("09:10", "09:20", 900), stored=first)

    assert first[DAY] == kept


def test_the_grace_window_ends_after_its_last_day():
    last, older = DAY - timedelta(days=7), DAY - timedelta(days=8)

    told = upload(
        walk("09:00", "10:00", 500, day=last), walk("09:00", "10:00", 500, index=1, day=older)
    )

    assert outcomes(told) == ["accepted", "late"]
    assert list(told.days) == [last]


def test_a_walk_into_the_first_day_of_grace_counts_from_midnight():
    told = upload(walk("23:50", "24:10", 400, day=DAY - timedelta(days=8)))

    assert hours_of(told.days) == {DAY - timedelta(days=7): [200] + [0] * 23}


@pytest.mark.parametrize(
    ("end", "steps", "outcome"),
    [
        ("09:10", 2500, ItemOutcome.ACCEPTED),
        ("09:10", 2501, ItemOutcome.REJECTED),
        ("09:00", 250, ItemOutcome.ACCEPTED),
        ("09:00", 251, ItemOutcome.REJECTED),
    ],
)
def test_nobody_walks_faster_than_the_cadence(end, steps, outcome):
    sample = walk("09:00", end, steps)
    sample = Sample(0, sample.start, max(sample.end, sample.start + timedelta(seconds=1)), steps)

    assert outcomes(upload(sample)) == [outcome]


def test_every_item_is_answered_in_its_order():
    told = upload(
        walk("09:00", "10:00", 1, index=2),
        walk("09:00", "09:01", 999, index=0),
        refusals=[Refusal(1, "future")],
    )

    assert told.items == [
        Item(0, ItemOutcome.REJECTED, "impossible_cadence"),
        Item(1, ItemOutcome.REJECTED, "future"),
        Item(2, ItemOutcome.ACCEPTED),
    ]


def test_a_phone_and_a_watch_are_one_walk():
    watch, phone = [0, 900] + [0] * 22, [100, 700] + [0] * 22

    assert merge_sources({"watch": watch, "phone": phone}) == [100, 900] + [0] * 22
    assert merge_sources({}) == [0] * 24


def test_the_hour_and_then_the_day_are_capped():
    assert accepted_total([15_001] + [10] * 23, LIMITS) == (15_230, [15_000] + [10] * 23)
    assert accepted_total([9_000] * 24, LIMITS)[0] == 100_000


minutes = st.integers(0, 28 * 60)
walks = st.builds(
    lambda start, length, steps: (start, length, min(steps, 250 * length)),
    minutes,
    st.integers(1, 150),
    st.integers(0, 20_000),
)


def samples_of(shapes):
    midnight = datetime(2026, 11, 21, 0, 0, tzinfo=KST)
    return [
        Sample(i, midnight + timedelta(minutes=a), midnight + timedelta(minutes=a + n), steps)
        for i, (a, n, steps) in enumerate(shapes)
    ]


@settings(max_examples=600, deadline=None)
@given(shapes=st.lists(walks, max_size=14), seed=st.integers(0, 2**32))
def test_order_repeats_and_batches_never_change_the_day(shapes, seed):
    chance = random.Random(seed)
    samples = samples_of(shapes)
    shuffled = samples + chance.choices(samples, k=len(samples) // 2) if samples else []
    chance.shuffle(shuffled)
    cuts = sorted(chance.choices(range(len(shuffled) + 1), k=3))
    batches = [shuffled[a:b] for a, b in zip([0, *cuts], [*cuts, None], strict=True)]

    assert hours_of(upload_all(batches)) == hours_of(upload(*samples).days)


@settings(max_examples=600, deadline=None)
@given(shapes=st.lists(walks, min_size=1, max_size=12), part=st.floats(0, 1))
def test_one_more_upload_never_lowers_an_hour(shapes, part):
    *before, last = samples_of(shapes)
    days = upload(*before).days

    fewer = Sample(last.index, last.start, last.end, int(last.steps * part))
    after = days | upload(fewer, stored=days).days
    full = after | upload(last, stored=after).days

    for day, source_day in days.items():
        assert all(a >= b for a, b in zip(after[day].hours, source_day.hours, strict=True))
        assert all(a >= b for a, b in zip(full[day].hours, after[day].hours, strict=True))


@settings(max_examples=600, deadline=None)
@given(shapes=st.lists(walks, max_size=10))
def test_walks_apart_from_each_other_are_counted_in_full(shapes):
    position, apart = 0, []
    for _, length, steps in shapes:
        apart.append((position, length, steps))
        position += length

    days = upload(*samples_of(apart)).days

    assert sum(sum(day.hours) for day in days.values()) == sum(steps for *_, steps in apart)


spans = st.builds(
    lambda start, length, steps: Span(start, min(start + length, 60), steps),
    st.integers(0, 59),
    st.integers(1, 60),
    st.integers(0, 99),
)


def most_by_trying(candidates):
    best = 0
    for chosen in range(1 << len(candidates)):
        picked = sorted(span for i, span in enumerate(candidates) if chosen >> i & 1)
        if all(a.end <= b.start for a, b in pairwise(picked)):
            best = max(best, sum(span.steps for span in picked))
    return best


@settings(max_examples=500, deadline=None)
@given(st.lists(spans, max_size=8))
def test_an_hour_is_the_best_choice_of_spans_that_do_not_overlap(candidates):
    assert least_walk(sorted(candidates)) == most_by_trying(candidates)
    assert sum(span.steps for span in best_chain(candidates)) == most_by_trying(candidates)


@given(st.integers(0, 86_399), st.integers(1, 3600), st.integers(0, 1_000_000))
def test_a_packed_span_opens_as_it_was(start, length, steps):
    assert unpack(pack(Span(start, start + length, steps))) == Span(start, start + length, steps)


@given(st.lists(st.integers(0, 3590), min_size=200, max_size=400), st.integers(1, 10))
@settings(max_examples=50, deadline=None)
def test_a_flood_of_spans_stays_small_and_never_lowers(starts, length):
    day, last = [], 0
    for start in starts:
        day = insert(day, Span(start, start + length, 3 + start % 7))
        total = union(day)[0]
        assert total >= last
        last = total

    assert len(day) <= CROWDED


def test_thinning_an_hour_keeps_its_steps():
    crowd = [Span(second, second + 2, 5) for second in range(0, 600, 2)]

    thinned = thin(crowd)

    assert len(thinned) == CROWDED // 2
    assert least_walk(thinned) == least_walk(crowd)
