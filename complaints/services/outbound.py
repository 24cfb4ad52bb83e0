from datetime import timedelta

from django.db import transaction

from complaints.models import OutboundAnswer
from seoul_health.core import clock

MOST = 200
# Numbers are given before transactions end: a younger row could hide one that is still coming.
SETTLED = timedelta(minutes=2)


@transaction.atomic
def fetch(source: str, *, after: int) -> list[OutboundAnswer]:
    """Give the answers after one, oldest first; asked again it gives the same ones again."""
    settled = clock.now() - SETTLED
    rows = OutboundAnswer.objects.filter(source=source, pk__gt=after, made_at__lte=settled)
    found = list(rows.select_related("message__complaint").order_by("pk")[:MOST])
    fresh = [row.pk for row in found if row.fetched_at is None]
    OutboundAnswer.objects.filter(pk__in=fresh, fetched_at=None).update(fetched_at=clock.now())
    return found
