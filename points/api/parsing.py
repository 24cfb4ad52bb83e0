"""Reading an upload and a span of days: strict, and cheap where it is hot."""

import unicodedata
import uuid
from datetime import date, timedelta
from typing import Any

import msgspec
from django.utils.translation import gettext as _
from rest_framework.request import Request

from devices.models import Source
from devices.services.walking import Upload
from seoul_health.core import clock
from seoul_health.core.api.fields import DAY, PUBLIC_ID, readable
from seoul_health.core.errors import Malformed

MOST_SAMPLES = 1_000
MOST_DAYS = 92
WEEK = timedelta(days=6)
TEXTS = {"app_version": 20, "os": 30, "device_model": 40, "device_id": 64}


class Envelope(msgspec.Struct):
    """What stands around the samples of an upload; the samples are judged one by one."""

    batch_id: str
    source: str
    app_version: str = ""
    os: str = ""
    device_model: str = ""
    device_id: str = ""
    samples: list[Any] = []
    data_points: list[Any] = []


def read_upload(body: object) -> Upload:
    """Read an upload, or say which field is not as documented."""
    try:
        told = msgspec.convert(body, Envelope)
    except msgspec.ValidationError as fault:
        raise Malformed({field_of(fault): [_("This field is not as documented.")]}) from fault
    items = [*told.samples, *told.data_points]
    if not PUBLIC_ID.fullmatch(told.batch_id):
        raise Malformed({"batch_id": [_("A UUID is needed.")]})
    if told.source not in Source.values:
        raise Malformed({"source": [_("This source is not known.")]})
    if not 1 <= len(items) <= MOST_SAMPLES:
        raise Malformed({"samples": [_("From 1 to 1,000 samples can be sent at once.")]})
    texts = {name: short_text(name, getattr(told, name)) for name in TEXTS}
    return Upload(batch_id=uuid.UUID(told.batch_id), source=told.source, items=items, **texts)


def field_of(fault: msgspec.ValidationError) -> str:
    """Find the name msgspec gives: “… - at `$.source`” or “… missing required field `source`”."""
    text = str(fault)
    named = text.rpartition("`")[0].rpartition("`")[2].removeprefix("$").removeprefix(".")
    return named if named in Envelope.__struct_fields__ else "body"


def short_text(name: str, value: str) -> str:
    text = unicodedata.normalize("NFC", value).strip()
    if len(text) > TEXTS[name] or not readable(text):
        raise Malformed({name: [_("This field is not as documented.")]})
    return text


def read_days(request: Request) -> tuple[date, date]:
    """Read ?from=&to=, by default the last seven days."""
    last = read_day(request, "to") or clock.today()
    first = read_day(request, "from") or last - WEEK
    if not timedelta(0) <= last - first < timedelta(days=MOST_DAYS):
        raise Malformed({"from": [_("Ask for at most 92 days, the earlier day first.")]})
    return first, last


def read_day(request: Request, name: str) -> date | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    try:
        if not DAY.fullmatch(text):
            raise ValueError(text)
        day = date.fromisoformat(text)
    except ValueError as fault:
        raise Malformed({name: [_("A day is written YYYY-MM-DD.")]}) from fault
    if not 2000 <= day.year <= 2100:
        raise Malformed({name: [_("A day is written YYYY-MM-DD.")]})
    return day
