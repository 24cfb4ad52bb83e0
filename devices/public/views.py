"""The page of sites: where there are watches now. It reads the feed, never the database."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django_permissions_policy.decorators import permissions_policy_override

from devices.public.words import MAP, WORDS, lay_map, worded
from devices.rules.addresses import NoDistrict, read_address
from devices.services import feed
from devices.services.feed import Edition, Row
from seoul_health.core import clock

LONGEST = 100
ORDER = ("plenty", "some", "few", "unknown", "empty", "break")


# The position is asked for on a click and stays in the phone.
@permissions_policy_override({"geolocation": "self", "camera": [], "microphone": []})
@require_safe
def sites(request: HttpRequest) -> HttpResponse:
    """GET /sites/?district=…&q=…&model=… — a map of the districts, then the places of one."""
    at = feed.edition()
    models = at.snapshot.names
    model = request.GET.get("model", "")
    model = model if model in models else next(iter(models), "")
    rows = feed.rows_of_model(at.stock, model)
    asked = (request.GET.get("q") or request.GET.get("district") or "").strip()[:LONGEST]
    found, problem = places_of(at, asked, model)
    context = {
        "title": _("Where watches are handed out"),
        "map": lay_map(rows),
        "districts": sorted(name for line in MAP for name in line.split() if name != "-"),
        "models": models,
        "model": model,
        "asked": asked,
        "found": found,
        "problem": problem,
        "words": {level: str(word) for level, (word, _tone) in WORDS.items()},
        "tones": {level: tone for level, (_word, tone) in WORDS.items()},
        "as_of": clock.now(),
        "published_at": at.snapshot.published_at,
    }
    answer = render(request, "public/sites.html", context)
    # The position is asked for on a click and stays in the phone.
    answer["Permissions-Policy"] = (
        "geolocation=(self), camera=(), microphone=(), payment=(), usb=()"
    )
    return answer


def places_of(at: Edition, asked: str, model: str) -> tuple[list[Row], str]:
    """Give the places of a district or address, those with something first, or what to do."""
    if not asked:
        return [], ""
    try:
        rows = feed.by_address(at, read_address(asked), model=model)
    except NoDistrict:
        return [], _("Please begin with a district of Seoul, for example “종로구 건강로”.")
    rows = sorted(rows, key=lambda row: (ORDER.index(row["level"]), row["name"]))
    phones = {place["site"]: place["phone"] for place in at.places}
    return [shown(row, phones) for row in rows], ""


def shown(row: Row, phones: dict[str, str]) -> dict[str, Any]:
    observed = datetime.fromisoformat(row["observed_at"])
    return {**worded(row), "phone": phones.get(row["site"], ""), "observed": observed}
