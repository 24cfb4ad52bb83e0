from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    generate_latest,
    multiprocess,
)

from .access import client_ip

CODES = {400: "invalid", 403: "forbidden", 404: "not_found", 413: "too_large", 500: "error"}
TEMPLATES = {400: "400.html", 403: "403.html", 404: "404.html", 500: "500.html"}


def sentence(status: int) -> str:
    return {
        400: _("The request could not be understood."),
        403: _("You may not do this."),
        404: _("There is nothing at this address."),
        413: _("The request is larger than allowed."),
        500: _("Something went wrong on our side. It has been recorded."),
    }[status]


def problem(request: HttpRequest, status: int) -> HttpResponse:
    """Answer an error in the caller's own format: problem JSON for the API, a page for people."""
    body = {"code": CODES[status], "message": sentence(status)}
    if request.path.startswith("/api/"):
        return JsonResponse(body, status=status)
    return render(
        request, TEMPLATES.get(status, "400.html"), {"message": body["message"]}, status=status
    )


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return problem(request, 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return problem(request, 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return problem(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    return problem(request, 500)


def csrf_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "403_csrf.html", {"message": sentence(403)}, status=403)


def healthz(request: HttpRequest) -> HttpResponse:
    """Alive: the process answers."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> HttpResponse:
    """Ready: database, broker and migrations are as this code needs them."""
    checks = {"database": database_ready(), "broker": broker_ready(), "migrations": False}
    checks["migrations"] = checks["database"] and migrations_applied()
    ready = all(checks.values())
    status = HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE
    return JsonResponse({"status": "ok" if ready else "not ready", "checks": checks}, status=status)


def database_ready() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def broker_ready() -> bool:
    try:
        cache.set("readyz", 1, 5)
        return bool(cache.get("readyz") == 1)
    except Exception:
        # redis-py has a tree of errors of its own and sockets add theirs: all mean “not there”.
        return False


def migrations_applied() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus figures, for the machine itself and the addresses of METRICS_FROM."""
    if client_ip(request) not in settings.METRICS_FROM:
        return HttpResponseForbidden()
    registry: Any = REGISTRY
    if settings.PROMETHEUS_MULTIPROC_DIR:
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
