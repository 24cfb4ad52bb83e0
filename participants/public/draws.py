"""The draws in public: what is fixed, what was drawn, one's own result, and the checker."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from participants.models import Application, Draw
from participants.rules import verify_draw
from participants.rules.draw import rank_key
from participants.services import draw_files
from participants.services.draw_files import Entry
from seoul_health.core.api.throttling import CallerThrottle

from .rounds import kept

MOST = 60
TEMPLATE = "public/draw.html"


class ReceiptForm(forms.Form):
    receipt_no = forms.CharField(
        label=gettext_lazy("Receipt number"),
        help_text=gettext_lazy("It is on your receipt and in the app: A-2611-7KQ4M3."),
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )

    def clean_receipt_no(self) -> str:
        return str(self.cleaned_data["receipt_no"]).strip().upper()


@dataclass(frozen=True)
class Own:
    """One's own place in a draw, with the sum that leads to it."""

    draw: Draw
    receipt_no: str
    entry: Entry

    @property
    def sum(self) -> str:
        """Write what is hashed: the seed and the application, nothing between."""
        return f"{self.draw.seed}{self.entry.application}"

    @property
    def key(self) -> str:
        return rank_key(self.draw.seed, self.entry.application).hex()


@kept
def draws(request: HttpRequest) -> HttpResponse:
    """GET /draws/ — every lottery with its step, the newest first."""
    rows = Draw.objects.public().order_by("-frozen_at", "-pk")[:MOST]
    return render(request, "public/draws.html", {"draws": rows})


@kept
def checker(request: HttpRequest) -> HttpResponse:
    """GET /draws/verify_draw.py — the very file that `manage.py verify_draw` runs."""
    with open(verify_draw.__file__, encoding="utf-8") as file:
        response = HttpResponse(file.read(), content_type="text/x-python; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="verify_draw.py"'
    return response


class DrawPage(View):
    """GET /draws/{round}/ — a round's draws. POST — find one application in them."""

    throttle_scope = "guest"

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        return self.show(code, form=ReceiptForm())

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        form = ReceiptForm(request.POST)
        if not CallerThrottle().allow_request(request, self):  # type: ignore[arg-type]
            sentence = _("There were too many attempts. Please try again in an hour, or call 120.")
            return self.show(code, form=form, refusal=sentence, status=429)
        if not form.is_valid():
            return self.show(code, form=form, status=400)
        own = own_result(code, form.cleaned_data["receipt_no"])
        if own is None:
            sentence = _("This receipt number is not on the roster. Please check it, or call 120.")
            return self.show(code, form=form, refusal=sentence, status=404)
        return self.show(code, form=form, own=own)

    def show(self, code: str, *, status: int = 200, **more: Any) -> HttpResponse:
        rows = list(Draw.objects.public().filter(lane__round__code=code))
        if not rows:
            raise Http404
        context = {
            "round": rows[0].lane.round,
            "draws": [(draw, draw_files.shares_of(draw)) for draw in rows],
            "is_published": any(draw.is_published for draw in rows),
            **more,
        }
        response = render(self.request, TEMPLATE, context, status=status)
        response["Cache-Control"] = "no-store"
        return response


def own_result(code: str, receipt_no: str) -> Own | None:
    """Find an application in the draw of its lane by its receipt number."""
    found = Application.objects.filter(receipt_no=receipt_no, round__code=code).first()
    draw = found and Draw.objects.public().filter(lane=found.lane_id).first()
    entry = found and draw and draw_files.entry_of(draw, str(found.public_id))
    return Own(draw, receipt_no, entry) if draw and entry else None
