"""Planning what people are told: one row per message, in the caller's own transaction.

    notify(person, "seat_offered", {"round": …, "until": …, "link": …}, key=f"offer:{offer.pk}")

The rows are the queue. A key names one message of a template for ever: planned again, it is the
same one. Names and phones are no values: they are read from the profile when the message leaves.
What each template asks for is in its placeholders; what is missing stops the caller, and what it
does not ask for is not kept.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from django.db import connection, transaction

from participants.errors import NoSuchTemplate, ValuesMissing
from participants.models import Application, NotificationTemplate, Participant, Participation
from participants.rules import messages
from participants.rules.messages import Values
from seoul_health.core import clock
from seoul_health.core.memory import remembered

Term = str | int | datetime | list[int] | list[str] | None
BATCH = 5_000

PLAN = """
INSERT INTO participants_notification (
    key, participant_id, template_id, "values", category, legal, ladder, channel, status, reason,
    planned_at, next_at, expires_at)
SELECT %(code)s || ':' || wanted.key, wanted.participant_id, %(template)s, wanted.kept,
    %(category)s, %(legal)s, %(ladder)s::varchar(10)[], %(channel)s, 'planned', '',
    %(now)s, %(now)s, %(now)s + make_interval(hours => %(hours)s)
FROM unnest(%(people)s::bigint[], %(keys)s::text[], %(values)s::jsonb[])
    AS wanted (participant_id, key, kept)
ON CONFLICT (key) DO NOTHING
"""


class Planned(NamedTuple):
    """One message to plan: to whom, under which key, with which values."""

    participant_id: int
    key: str
    values: Values


def notify(participant: Participant, template: str, values: Values, *, key: str) -> None:
    """Plan one message; the same key again plans nothing."""
    insert(current(template), [Planned(participant.pk, key, values)])


def tell_applicant(application: Application, template: str, *, key: str = "") -> None:
    """Plan a message about an application; one per template, unless the key tells more apart."""
    about = {"round": application.round.name, "receipt_no": application.receipt_no}
    notify(application.participant, template, about, key=f"{application.pk}{key}")


def tell_participant(participation: Participation, template: str) -> None:
    """Plan a message about taking part in a round; one per template."""
    first_day = messages.spoken_day(participation.starts_on)
    about = {"round": participation.round.name, "starts_on": first_day}
    notify(participation.participant, template, about, key=str(participation.pk))


@transaction.atomic
def plan(template: str, rows: Iterable[Planned]) -> int:
    """Plan a message to everybody in the rows; give how many were new."""
    words, waiting, new = current(template), iter(rows), 0
    while batch := list(islice(waiting, BATCH)):
        new += insert(words, batch)
    return new


@remembered
def current(code: str) -> NotificationTemplate:
    """Give the newest released version of a template."""
    found = NotificationTemplate.objects.released().filter(code=code).order_by("-version").first()
    if found is None:
        raise NoSuchTemplate(template=code)
    return found


def insert(template: NotificationTemplate, rows: Iterable[Planned]) -> int:
    people, keys, kept = [], [], []
    for row in rows:
        people.append(row.participant_id)
        keys.append(row.key)
        kept.append(json.dumps(wanted(template, row.values), ensure_ascii=False))
    terms: dict[str, Term] = {**terms_of(template), "people": people, "keys": keys, "values": kept}
    with connection.cursor() as cursor:
        cursor.execute(PLAN, terms)
        return int(cursor.rowcount)


def terms_of(template: NotificationTemplate) -> dict[str, Term]:
    """Say what every message of a template has in common."""
    return {
        "now": clock.now(),
        "code": template.code,
        "template": template.pk,
        "category": template.category,
        "legal": template.legal,
        "ladder": template.ladder,
        "channel": template.ladder[0],
        "hours": template.lasts_hours,
    }


def wanted(template: NotificationTemplate, values: Values) -> dict[str, str | int]:
    """Keep what the template asks for, each on one line."""
    if lacking := messages.missing(values, template.placeholders):
        raise ValuesMissing(template=str(template), missing=", ".join(lacking))
    asked = {name: values[name] for name in template.placeholders}
    return {
        name: value if isinstance(value, int) else messages.one_line(value)
        for name, value in asked.items()
    }
