"""python -m tests.faults.town FILE PEOPLE ROUNDS — fill an empty database with phones' owners.

Each of them gets a key, points to be paid out, and a source that has told of no day yet. The year's
budget is so small that it runs out under the load.
"""

import json
import os
import sys
import uuid
from datetime import date, timedelta
from pathlib import Path
from typing import Any

# One stretch more and the goal of the day is reached.
POINTS, BUDGET, NEARLY = 400_000, 6_000, 7_900
GRACE_DAYS = 6


def main(path: str, size: str, rounds: str) -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "seoul_health.settings")
    django.setup()
    from django.core.management import call_command

    call_command("migrate", "--noinput", verbosity=0)
    call_command("grant_privileges")
    from devices.services.receipts import open_days
    from seoul_health.core import clock
    from seoul_health.operations.demo.staff import load_staff
    from tests.faults.deeds import newcomer, prepare
    from tests.points.builders import take_part, walk

    today = clock.today()
    open_days(today - timedelta(days=3), today + timedelta(days=1))
    load_staff()
    for _ in range(int(size)):
        person = newcomer()
        take_part(person)
        for back in (1, 2):
            walk(person, today - timedelta(days=back), NEARLY, hour=0, hours=1)
    limit_budget()
    deeds = prepare(int(rounds))
    Path(path).write_text(json.dumps(phones() + deeds.pop("newcomers")))
    Path(path).with_name("deeds.json").write_text(json.dumps(deeds))


def limit_budget() -> None:
    """Put a budget into force that the phones will have used up before they are done."""
    from points.services.budget_counts import watch_budget
    from points.services.budgets import ask_budget, release_budget
    from seoul_health.core import clock
    from seoul_health.core.models import StaffUser
    from tests.conftest import JOB

    year = clock.today().year
    budget = ask_budget(
        "faults", first_on=date(year - 1, 1, 1), last_on=date(year + 1, 12, 31), ceiling=BUDGET,
        why="So that it runs out", by=StaffUser.objects.get(username="finance"),
    )  # fmt: skip
    release_budget(budget, by=StaffUser.objects.get(username="approver"))
    watch_budget(budget.pk, by=JOB)


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
