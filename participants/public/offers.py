"""Answering an offered seat by its link: looking changes nothing, answering happens once."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views import View

from participants.models import Offer
from participants.services import participations
from participants.services.offer_links import offer_of
from seoul_health.core import clock, masking
from seoul_health.core.api.throttling import CallerThrottle
from seoul_health.core.errors import DomainError

ANSWERS = {"accept": participations.confirm, "decline": participations.decline}


class OfferView(View):
    """GET /offers/{token}/ — show the offer. POST — accept or decline it."""

    throttle_scope = "guest"

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        offer = offer_of(token)
        return self.show(offer, status=status_of(offer))

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        if not CallerThrottle().allow_request(request, self):  # type: ignore[arg-type]
            return self.show(None, status=429, is_busy=True)
        offer = offer_of(token)
        answer = ANSWERS.get(request.POST.get("answer", ""))
        if offer is None or is_over(offer):
            return self.show(offer, status=status_of(offer))
        if offer.status != Offer.Status.OPEN:
            return self.show(offer, status=409)
        if answer is None:
            return self.show(offer, status=400)
        try:
            answer(offer.application, by=offer.application.participant)
        except DomainError as refusal:
            return self.show(offer_of(token), status=409, refusal=str(refusal))
        return self.guard(HttpResponseRedirect(request.path, status=303))

    def show(self, offer: Offer | None, *, status: int, **more: Any) -> HttpResponse:
        context = {"offer": offer, **told_of(offer), **more}
        return self.guard(render(self.request, "public/offer.html", context, status=status))

    def guard(self, response: HttpResponse) -> HttpResponse:
        """Keep the address, which is the key, out of caches, indexes and other sites' logs."""
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex, nofollow"
        # Under no-referrer browsers send “Origin: null” with a form, which no site can check.
        response["Referrer-Policy"] = "same-origin"
        return response


def is_over(offer: Offer) -> bool:
    """Tell whether time has run out, even if the sweep has not come by yet."""
    return offer.status == Offer.Status.LAPSED or (
        offer.status == Offer.Status.OPEN and offer.expires_at <= clock.now()
    )


def status_of(offer: Offer | None) -> int:
    if offer is None:
        return 404
    return 410 if is_over(offer) else 200


def told_of(offer: Offer | None) -> dict[str, Any]:
    if offer is None:
        return {}
    application = offer.application
    return {
        "application": application,
        "name": masking.mask_name(application.participant.profile.name),
        "state": "over" if is_over(offer) else offer.status,
    }
