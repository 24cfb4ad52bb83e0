"""The staff index: what waits for whoever looks, charts that answer a question, last jobs."""

from typing import Any

from django.http import HttpRequest


def of(request: HttpRequest) -> dict[str, Any]:
    return {"queues": [], "charts": [], "jobs": []}
