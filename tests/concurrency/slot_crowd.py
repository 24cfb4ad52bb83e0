"""A process full of callers for the same slots: python -m tests.concurrency.slot_crowd START …

Each caller comes at a moment of its own within two seconds after START and asks over the API for
one time after the other until one is theirs or all are gone, as a phone does.
"""

import json
import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import django

THREADS = 8
WITHIN = 2.0
TRIES = 1


def main(start: str, *people: str) -> None:
    django.setup()
    from devices.models import Slot

    slots = [str(public_id) for public_id in Slot.objects.values_list("public_id", flat=True)]
    dice = random.Random(people[0])
    moments = sorted(float(start) + dice.uniform(0, WITHIN) for _ in people)
    wishes = [dice.sample(slots, min(TRIES, len(slots))) for _ in people]

    def call(place: int) -> dict[str, Any]:
        return come(people[place], moments[place], wishes[place])

    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(call, range(len(people))))
    print(json.dumps(answers))


def come(person: str, moment: float, wishes: list[str]) -> dict[str, Any]:
    """Ask for one's wishes, then for whatever is left; say what was answered last."""
    from participants.models import Participant
    from tests.participants.builders import App

    time.sleep(max(0.0, moment - time.time()))
    app = App(Participant.objects.get(pk=person))
    wanted = list(wishes)
    while slot := wanted.pop(0):
        answer = app.post("me/reservations/", {"slot": slot})
        if answer.status_code == 201:
            break
        wanted = wanted or [some_left()]
    return told(person, answer)


def told(person: str, answer: Any) -> dict[str, Any]:
    body = answer.json()
    code = "" if answer.status_code == 201 else body["code"]
    return {"person": person, "status": answer.status_code, "code": code, "at": time.time()}


def some_left() -> str:
    from django.db.models import F

    from devices.models import Slot

    left = Slot.objects.filter(taken__lt=F("capacity")).order_by("?")
    return str(left.values_list("public_id", flat=True).first() or "")


if __name__ == "__main__":
    main(*sys.argv[1:])
