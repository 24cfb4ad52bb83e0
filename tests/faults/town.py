"""python -m tests.faults.town FILE PEOPLE — fill an empty database with people who can be phones.

Each of them gets a key, points to be paid out, and a source that has told of no day yet.
"""

import json
import os
import sys
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

POINTS = 400_000
GRACE_DAYS = 6


def main(path: str, size: str) -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "seoul_health.settings")
    django.setup()
    from django.core.management import call_command

    call_command("migrate", "--noinput", verbosity=0)
    call_command("grant_privileges")
    call_command("load_demo", "--participants", size)
    Path(path).write_text(json.dumps(phones()))


def phones() -> list[dict[str, Any]]:
    """Choose verified people who take part and hold no overdue watch."""
    from devices.models import DaySteps, Loan, Source
    from participants.models import Participant
    from participants.services import tokens
    from points.models import Pot, Reason
    from points.services import accounts, ledger
    from seoul_health.core import clock

    today = clock.today()
    days = [today - timedelta(days=back) for back in range(GRACE_DAYS, 0, -1)]
    late = Loan.objects.overdue(today).values("participant_id")
    people = []
    for person in Participant.objects.exclude(verified_at=None).filter(
        withdrawn_at=None, participations__status="active"
    ).exclude(pk__in=late).distinct().order_by("pk"):  # fmt: skip
        used = DaySteps.objects.filter(participant=person, activity_date__gte=days[0])
        unused = sorted(set(Source.values) - set(used.values_list("source", flat=True)))
        if not unused:
            continue
        ledger.post(
            f"faults:{uuid.uuid4()}",
            source=accounts.pot(Pot.COMPENSATION),
            target=accounts.purse_of(person),
            amount=POINTS,
            reason=Reason.COMPENSATION,
            business_date=today,
        )
        people.append(
            {
                "pk": person.pk,
                "token": tokens.issue(person, device="faults").access,
                "source": unused[0],
                "days": [day.isoformat() for day in days],
            }
        )
    return people


if __name__ == "__main__":
    main(*sys.argv[1:])
