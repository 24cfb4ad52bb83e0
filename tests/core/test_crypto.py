import base64

import pytest
from cryptography.exceptions import InvalidTag
from django.db import connection

from participants.models import Participant, Profile
from seoul_health.core import crypto

NEXT_KEYS = {1: b"1" * 32, 2: b"2" * 32}


def test_text_comes_back(settings):
    assert crypto.decrypt(crypto.encrypt("홍길동 🙂", place="a.b"), place="a.b") == "홍길동 🙂"


def test_the_same_text_is_never_sealed_alike():
    assert crypto.encrypt("a", place="a.b") != crypto.encrypt("a", place="a.b")


def test_a_value_moved_to_another_column_does_not_open():
    with pytest.raises(InvalidTag):
        crypto.decrypt(crypto.encrypt("a", place="a.b"), place="a.c")


def test_old_keys_still_open_and_the_newest_seals(settings):
    settings.FIELD_KEYS = {1: NEXT_KEYS[1]}
    old = crypto.encrypt("a", place="a.b")
    settings.FIELD_KEYS = NEXT_KEYS

    assert crypto.decrypt(old, place="a.b") == "a"
    assert crypto.encrypt("a", place="a.b")[0] == 2


def test_a_person_is_found_while_index_keys_rotate(settings, make_participant):
    settings.INDEX_KEYS = {1: NEXT_KEYS[1]}
    walker = make_participant(phone="010-9999-0001")
    settings.INDEX_KEYS = NEXT_KEYS

    assert Participant.objects.with_phone("01099990001").get() == walker
    assert Participant.objects.with_phone_tail("0001").get() == walker
    assert not Participant.objects.with_phone("01099990002").exists()


def test_the_database_never_sees_the_text(make_participant):
    make_participant(name="아무개비밀")
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM participants_profile")
        (stored,) = cursor.fetchone()

    assert "아무개비밀".encode() not in bytes(stored)
    assert base64.b64encode("아무개비밀".encode()) not in bytes(stored)
    assert Profile.objects.get().name == "아무개비밀"


def test_an_encrypted_field_cannot_be_filtered(make_participant):
    with pytest.raises(TypeError):
        Profile.objects.filter(name="아무개비밀").exists()
