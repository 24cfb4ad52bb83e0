"""How a page with a scanner speaks with the server: JSON, one label at a time."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from devices.scan.views import body_of, problem
from seoul_health.core.errors import DomainError, Malformed, NotFound

Body = dict[str, Any]
Answer = Callable[[HttpRequest, int, Body], Body]


def spoken(permission: str) -> Callable[[Answer], Callable[..., JsonResponse]]:
    """Answer a scanner: 200 and 409 are answers, on anything else the label waits and is resent."""

    def wrap(answer: Answer) -> Callable[..., JsonResponse]:
        @require_POST
        @never_cache
        @wraps(answer)
        def view(request: HttpRequest, pk: int) -> JsonResponse:
            if not request.user.is_authenticated:
                return problem("signed_out", _("Please sign in again."), status=401)
            if not request.user.has_perm(permission):
                return problem("forbidden", _("You may not do this."), status=403)
            return spoken_answer(answer, request, pk)

        return view

    return wrap


def spoken_answer(answer: Answer, request: HttpRequest, pk: int) -> JsonResponse:
    try:
        return JsonResponse(answer(request, pk, body_of(request)))
    except Malformed as refusal:
        return problem(refusal.code, str(refusal), status=400)
    except NotFound as refusal:
        return problem(refusal.code, str(refusal), status=404)
    except DomainError as refusal:
        return problem(refusal.code, str(refusal), status=409)
