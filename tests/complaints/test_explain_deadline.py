import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from complaints.models import Holiday

pytestmark = pytest.mark.django_db


def explained(*words: str) -> str:
    out = StringIO()
    call_command("explain_deadline", *words, stdout=out)
    return out.getvalue()


def test_a_deadline_is_explained_day_by_day():
    told = explained("2026-07-10T10:00", "7d")
    assert "2026-07-17" in told
    assert "제헌절" in told
    assert told.rstrip().splitlines()[-1].endswith("18:00")


def test_a_deadline_is_told_to_machines():
    told = json.loads(explained("2026-02-13T17:00", "3h", "--json"))
    assert told["due_at"] == "2026-02-19T11:00:00+09:00"
    assert told["period"] == "3h"
    assert [off["reason"] for off in told["skipped"]][-1] == "설날 다음날"


@pytest.mark.parametrize("words", [("yesterday", "7d"), ("2026-02-09T10:00", "7 weeks")])
def test_nonsense_is_refused_in_one_sentence(words):
    with pytest.raises(CommandError, match=r"\.$"):
        explained(*words)


def test_a_day_the_city_added_is_not_counted():
    Holiday.objects.create(day="2026-02-10", name="임시공휴일")
    told = json.loads(explained("2026-02-09T10:00", "7d", "--json"))
    assert told["due_at"] == "2026-02-23T18:00:00+09:00"


def test_a_day_the_city_took_away_is_counted():
    Holiday.objects.create(day="2026-07-17", name="제헌절", change="removed")
    told = json.loads(explained("2026-07-10T10:00", "7d", "--json"))
    assert told["due_at"] == "2026-07-20T18:00:00+09:00"
