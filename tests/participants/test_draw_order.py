import hashlib
import random

from hypothesis import given
from hypothesis import strategies as st

from participants.rules.draw import draw_order, rank_key, roster_hash

ROSTER = ["b2f1", "0c9e", "77aa", "d104"]


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
    assert roster_hash(shuffled) == roster_hash(applications)


def test_the_roster_hash_tells_of_one_more_application():
    assert roster_hash(ROSTER) == hashlib.sha256(b"0c9e\n77aa\nb2f1\nd104\n").hexdigest()
    assert roster_hash(ROSTER) != roster_hash([*ROSTER, "ffff"])


def test_another_seed_is_another_draw_and_everybody_has_the_same_chance():
    names = [f"applicant-{number}" for number in range(10)]
    seeds = random.Random(9988)
    winners = [draw_order(str(seeds.random()), names)[0] for _ in range(2000)]
    assert all(140 < winners.count(name) < 260 for name in names)
