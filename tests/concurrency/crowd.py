"""A process full of applicants: python -m tests.concurrency.crowd LANE PERSON…"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import django

THREADS = 10


def main(lane: str, *people: str) -> None:
    """Apply over the API on threads, have all approved, serve the lane; print the answers."""
    django.setup()
    from participants.models import Application, Lane
    from participants.services import selection
    from tests.conftest import JOB

    found = Lane.objects.select_related("round").get(pk=lane)
    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(lambda person: come(person, found), people))
    mine = Application.objects.filter(participant__in=people, status="submitted")
    mine.update(status="approved", rule=found.round.rules.get())
    selection.select_lane(found, by=JOB)
    print(json.dumps(answers))


def come(person: str, lane: Any) -> str:
    """Apply once; say what was answered, and what stood in the way if anything did."""
    from participants.models import Participant
    from tests.participants.builders import App

    wish = {"lane": lane.kind, "basis": "resident", "submit": True}
    app = App(Participant.objects.get(pk=person))
    answer = app.post(f"rounds/{lane.round.code}/applications/", wish)
    return "applied" if answer.status_code == 201 else str(answer.json())


if __name__ == "__main__":
    main(*sys.argv[1:])
