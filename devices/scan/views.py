"""The scan station: one field, one scan, one watch."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from devices.models import Scan, Site
from devices.models.stock import GRADES
from devices.services.scans import record_scan, undo_scan
from seoul_health.core.admin.base import staff_of
from seoul_health.core.errors import DomainError, Malformed

PERMISSION = "devices.scan_device"
LAST = 10


@require_GET
@never_cache
@login_required
def station(request: HttpRequest) -> HttpResponse:
    """Show the station with what this person has scanned today."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    staff = staff_of(request)
    scans = Scan.objects.of_today(staff.actor_name)
    context = {
        **admin.site.each_context(request),
        "title": _("Scan station"),
        "grades": GRADES,
        "sites": Site.objects.order_by("code"),
        "own_site": staff.site_code,
        "tally": scans.tally(),
        "scans": scans.select_related("device", "site")[:LAST],
    }
    return TemplateResponse(request, "devices/scan.html", context)


def told(answer: Callable[[HttpRequest, Any], Scan]) -> Callable[[HttpRequest], JsonResponse]:
    """Speak JSON with the station: what became of a scan, or why not, and the tally."""

    @require_POST
    @never_cache
    @wraps(answer)
    def view(request: HttpRequest) -> JsonResponse:
        if not request.user.is_authenticated:
            return problem("signed_out", _("Please sign in again."), status=401)
        if not request.user.has_perm(PERMISSION):
            return problem("forbidden", _("You may not do this."), status=403)
        try:
            scan = answer(request, body_of(request))
        except Malformed as refusal:
            return problem(refusal.code, str(refusal), status=400)
        except DomainError as refusal:
            return problem(refusal.code, str(refusal), status=409)
        tally = Scan.objects.of_today(scan.scanned_by).tally()
        return JsonResponse({**shown(scan), "tally": tally})

    return view


@told
def take_in(request: HttpRequest, body: dict[str, Any]) -> Scan:
    return record_scan(
        id_of(body),
        text=text_of(body),
        grade=grade_of(body),
        site=site_of(body),
        by=staff_of(request),
    )


@told
def undo(request: HttpRequest, body: dict[str, Any]) -> Scan:
    return undo_scan(id_of(body), by=staff_of(request))


def shown(scan: Scan) -> dict[str, Any]:
    return {
        "client_id": str(scan.client_id),
        "outcome": "undone" if scan.undone_at else scan.outcome,
        "code": scan.code,
        "message": scan.message,
        "serial": scan.device.serial if scan.device else scan.text,
        "grade": scan.grade,
        "site": scan.site.code if scan.site else "",
    }


def problem(code: str, message: str, *, status: int) -> JsonResponse:
    return JsonResponse({"code": code, "message": message}, status=status)


def body_of(request: HttpRequest) -> dict[str, Any]:
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError) as exc:
        raise Malformed from exc
    if not isinstance(body, dict):
        raise Malformed
    return body


def id_of(body: dict[str, Any]) -> UUID:
    try:
        return UUID(hex=body["client_id"])
    except (KeyError, ValueError, AttributeError, TypeError) as exc:
        raise Malformed from exc


def text_of(body: dict[str, Any]) -> str:
    text = body.get("text")
    if not isinstance(text, str) or len(text) > 200 or not text.isprintable():
        raise Malformed
    return text


def grade_of(body: dict[str, Any]) -> str:
    grade = body.get("grade") or ""
    if grade not in ["", *GRADES]:
        raise Malformed
    return str(grade)


def site_of(body: dict[str, Any]) -> Site | None:
    code = body.get("site") or ""
    if not code:
        return None
    site = Site.objects.filter(code=code).first() if isinstance(code, str) else None
    if site is None:
        raise Malformed
    return site
