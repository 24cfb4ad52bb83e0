import hashlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from participants.rules.draw import Band, Pot, bands, draw_order, fits, rank_key, roster_head

ROSTER = ["b2f1", "0c9e", "77aa", "d104"]
POTS = st.lists(
    st.builds(
        Pot,
        code=st.text("abcd", min_size=1, max_size=3),
        seats=st.integers(0, 12),
        spill_order=st.integers(0, 2),
        applied=st.integers(0, 12),
    ),
    max_size=5,
    unique_by=lambda pot: pot.code,
)


def test_the_order_is_the_published_formula():
    by_hand = sorted(ROSTER, key=lambda one: hashlib.sha256(("7-14-22" + one).encode()).hexdigest())
    assert draw_order("7-14-22", ROSTER) == by_hand
    assert rank_key("a", "b").hex() == (
        "fb8e20fc2e4c3f248c60c39bd652f3c1347298bb977b8b4d5903b85055620603"
    )


@given(st.sets(st.text(min_size=1), max_size=30), st.text(), st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(applications, seed, rnd):
    shuffled = list(applications)
    rnd.shuffle(shuffled)
    assert draw_order(seed, shuffled) == draw_order(seed, applications)


def test_another_seed_is_another_draw_and_everybody_has_the_same_chance():
    names = [f"applicant-{number}" for number in range(10)]
    seeds = random.Random(9988)
    winners = [draw_order(str(seeds.random()), names)[0] for _ in range(2000)]
    assert all(140 < winners.count(name) < 260 for name in names)


def test_the_head_of_the_roster_fixes_seats_and_seed_in_the_announced_order():
    pots = [Pot("senior", 50, 1, 7), Pot("general", 100, 0, 300)]
    assert roster_head([("round", "2026-05"), ("seed_source", "로또")], pots) == (
        "seoul-health-draw/1\nround 2026-05\nseed_source 로또\n"
        "quota general 100 0\nquota senior 50 1\napplications 307\n"
    )


def test_seats_left_go_to_the_waiting_in_spill_over_order():
    pots = [Pot("general", 2, 0, 5), Pot("senior", 4, 1, 1), Pot("youth", 1, 2, 3)]
    assert bands(pots) == [
        Band("general", 1, 2, "general", 1),
        Band("general", 3, 5, "senior", 2),
        Band("senior", 1, 1, "senior", 1),
        Band("youth", 1, 1, "youth", 1),
        Band("youth", 2, 3),
    ]


def test_seats_of_several_quotas_are_pooled_for_one():
    pots = [Pot("a", 3, 0, 1), Pot("b", 2, 1, 1), Pot("c", 1, 2, 9)]
    assert bands(pots)[2:] == [
        Band("c", 1, 1, "c", 1),
        Band("c", 2, 3, "a", 2),
        Band("c", 4, 4, "b", 2),
        Band("c", 5, 9),
    ]


def test_quotas_with_the_same_spill_order_go_by_code():
    pots = [Pot("b", 0, 0, 1), Pot("a", 0, 0, 1), Pot("z", 1, 9, 0)]
    assert [band.quota for band in bands(pots) if band.seat] == ["a"]


@given(POTS)
def test_no_seat_is_given_twice_and_none_is_kept_while_somebody_waits(pots):
    found = bands(pots)
    seats = [(b.seat, b.first_seat_no + n) for b in found if b.seat for n in range(b.size)]
    offered = {(pot.code, n) for pot in pots for n in range(1, pot.seats + 1)}
    assert len(seats) == len(set(seats))
    assert set(seats) <= offered
    assert len(seats) == min(len(offered), sum(pot.applied for pot in pots))
    ranks = [(b.quota, rank) for b in found for rank in range(b.first, b.last + 1)]
    assert sorted(ranks) == sorted((p.code, n + 1) for p in pots for n in range(p.applied))


@pytest.mark.parametrize("seed", ["03 11 19 27 33 45", "01 02 03 04 05 06"])
def test_lottery_numbers_have_one_spelling(seed):
    assert fits("lotto", seed)


@pytest.mark.parametrize(
    "seed",
    ["", "3 11 19 27 33 45", "11 03 19 27 33 45", "03 03 19 27 33 45", "03 11 19 27 33",
     "03 11 19 27 33 46", "00 11 19 27 33 45", "03  11 19 27 33 45", "03,11,19,27,33,45",
     "٠٣ 11 19 27 33 45", "03 11 19 27 33 45 "],
)  # fmt: skip
def test_no_other_spelling_of_lottery_numbers_is_a_seed(seed):
    assert not fits("lotto", seed)


@pytest.mark.parametrize(("seed", "good"), [("123456", True), ("12345", False), ("1234.56", False)])
def test_digits_stand_alone(seed, good):
    assert fits("digits", seed) is good
