from datetime import date

import pytest

from seoul_health.core import masking


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("김민용", "김*용"),
        ("이산", "이*"),
        ("남궁민수", "남**수"),
        ("O'Brien", "O*****n"),
        ("김", "김*"),
        ("", ""),
        ("👨‍👩‍👧‍👦가족", "👨‍👩‍👧‍👦*족"),
    ],
)
def test_a_name_keeps_its_ends(name, masked):
    assert masking.mask_name(name) == masked


@pytest.mark.parametrize(
    ("phone", "masked"),
    [("010-1234-5678", "010-****-5678"), ("01012345678", "010-****-5678"), ("12", "****")],
)
def test_a_phone_keeps_prefix_and_tail(phone, masked):
    assert masking.mask_phone(phone) == masked


def test_a_birth_date_keeps_the_year():
    assert masking.mask_birth(date(1961, 3, 9)) == "1961-**-**"


def test_an_address_keeps_the_district():
    assert masking.mask_address("서울특별시 종로구 세종대로 209") == "서울특별시 종로구 ***"
