from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import transaction

from participants.models import Participant
from seoul_health.core import clock

from .test_demo_data import load, snapshot


@pytest.fixture(autouse=True)
def papers(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def loaded_and_undone(seed: int) -> list[Any]:
    with transaction.atomic():
        load(seed=seed)
        seen = snapshot()
        transaction.set_rollback(True)
    return seen


@pytest.mark.django_db
def test_one_seed_gives_one_town() -> None:
    now = clock.now()
    towns = []
    for _ in range(2):
        with time_machine.travel(now, tick=False):
            towns.append(loaded_and_undone(1))

    assert towns[0] == towns[1]


@pytest.mark.django_db
def test_another_seed_gives_other_people_but_the_nine() -> None:
    ours, theirs = ({person[0] for person in loaded_and_undone(seed)[0]} for seed in (2, 3))

    assert len(ours & theirs) == 9


@pytest.mark.django_db
def test_too_few_people_are_refused() -> None:
    with pytest.raises(CommandError, match="must be from"):
        call_command("load_demo", participants=5)

    assert not Participant.objects.exists()
