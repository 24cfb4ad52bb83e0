"""Reading a moment of the past and a span of days for a statement."""

from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from seoul_health.core import clock
from seoul_health.core.api.fields import StrictDateTime
from seoul_health.core.errors import Malformed

from .parsing import read_day

LONGEST = timedelta(days=366)
USUAL = timedelta(days=91)
AS_OF, UNTIL = (
    OpenApiParameter(
        name,
        OpenApiTypes.DATETIME,
        description="A past moment with its offset, such as 2026-01-03T09:00:00+09:00.",
    )
    for name in ("as_of", "until")
)
STATEMENT_SPAN = [
    OpenApiParameter(name, OpenApiTypes.DATE, description="A Seoul day; at most 366 days.")
    for name in ("from", "to")
]


def read_moment(request: Request, name: str) -> datetime | None:
    """Read a moment that has come; without an offset it is nobody's moment."""
    text = request.query_params.get(name)
    if text is None:
        return None
    try:
        # A plus that was not escaped arrives as a space.
        moment: datetime = StrictDateTime().to_internal_value(text.replace(" ", "+"))
    except ValidationError as fault:
        told = _("A moment is written 2026-01-03T09:00:00+09:00, with its offset.")
        raise Malformed({name: [told]}) from fault
    if moment > clock.now():
        raise Malformed({name: [_("This moment has not come yet.")]})
    return moment


def read_span(request: Request) -> tuple[date, date]:
    """Read ?from=&to= of a statement, by default the last three months."""
    today = clock.today()
    last = read_day(request, "to") or today
    first = read_day(request, "from") or last - USUAL
    if last > today:
        raise Malformed({"to": [_("This day has not come yet.")]})
    if not timedelta(0) <= last - first < LONGEST:
        raise Malformed({"from": [_("Ask for at most 366 days, the earlier day first.")]})
    return first, last
