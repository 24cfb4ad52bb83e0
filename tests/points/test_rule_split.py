"""Shares add up to the won."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.rules.split import split_amount


@pytest.mark.parametrize(
    ("amount", "shares"),
    [
        (100, {"city": 50, "district": 30, "partner": 20}),
        (1, {"city": 1, "district": 0, "partner": 0}),
        (7, {"city": 4, "district": 2, "partner": 1}),
        (0, {"city": 0, "district": 0, "partner": 0}),
        (-7, {"city": -4, "district": -2, "partner": -1}),
    ],
)
def test_the_largest_remainder_takes_the_last_won(amount, shares):
    assert split_amount(amount, {"city": 50, "district": 30, "partner": 20}) == shares


def test_equal_remainders_go_to_the_first_named():
    assert split_amount(2, {"a": 1, "b": 1, "c": 1}) == {"a": 1, "b": 1, "c": 0}


@pytest.mark.parametrize("weights", [{}, {"a": 0}, {"a": 2, "b": -1}])
def test_a_split_without_sound_weights_is_refused(weights):
    with pytest.raises(ValueError, match="needs weights"):
        split_amount(100, weights)


@given(
    st.integers(-(10**12), 10**12),
    st.lists(st.integers(0, 10**6), min_size=1, max_size=9).filter(any),
)
def test_the_shares_are_exact_and_fair(amount, weights):
    shares = split_amount(amount, dict(enumerate(weights)))

    assert sum(shares.values()) == amount
    assert all(
        abs(shares[party] * sum(weights) - amount * weight) < sum(weights)
        for party, weight in enumerate(weights)
    )
