"""A process full of people who want a place: python -m tests.concurrency.campaign_crowd CODE …"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import django

THREADS = 10


def main(code: str, day: str, *people: str) -> None:
    """Ask for a place for each of these people on threads; print what each was told."""
    django.setup()
    from points.models import Campaign

    campaign = Campaign.objects.get(code=code)
    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(lambda person: ask(campaign, person, day), people))
    print(json.dumps(answers))


def ask(campaign: Any, person: str, day: str) -> str:
    from participants.models import Participant
    from points.services.campaigns import give_place
    from seoul_health.core.errors import DomainError

    try:
        give_place(campaign, Participant.objects.get(pk=person), earned_on=date.fromisoformat(day))
    except DomainError as refusal:
        return refusal.code
    return "placed"


if __name__ == "__main__":
    main(*sys.argv[1:])
