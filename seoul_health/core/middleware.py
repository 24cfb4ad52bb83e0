import time
import uuid
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from . import metrics
from .views import problem

log = structlog.get_logger("http")
Next = Callable[[HttpRequest], HttpResponse]


class RequestLogMiddleware:
    """Give every request an id, one log line, and its place in the metrics."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = uuid.uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started = time.perf_counter()
        response = self.get_response(request)
        seconds = time.perf_counter() - started
        match = request.resolver_match
        route = match.route if match else "unknown"
        metrics.REQUESTS.labels(request.method, route, response.status_code).inc()
        metrics.SECONDS.labels(route).observe(seconds)
        if settings.LOG_REQUESTS:
            log.info(
                "request",
                method=request.method,
                route=route,
                status=response.status_code,
                ms=round(seconds * 1000, 1),
            )
        response["X-Request-ID"] = request_id
        return response


class LimitsMiddleware:
    """Refuse what no honest client sends before anything parses it."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return problem(request, 400)
        if too_large(request):
            return problem(request, 413)
        return self.get_response(request)


def too_large(request: HttpRequest) -> bool:
    length = request.META.get("CONTENT_LENGTH") or "0"
    multipart = (request.content_type or "").startswith("multipart/")
    limit = settings.MAX_UPLOAD_BYTES if multipart else settings.MAX_BODY_BYTES
    return not length.isdigit() or int(length) > limit
