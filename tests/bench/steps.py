"""POST one batch of one sample, against an authenticated view that does nothing."""

import json
import os
import uuid
from datetime import timedelta

from tests.bench.http import rate, request, resident_mb, web_server
from tests.bench.measure import Figure, alternate

CALLS = 1600
PEOPLE = 200


def prepare() -> list[str]:
    """Make participants in a live participation; give an access token of each."""
    from participants.services import tokens
    from tests.bench.people import walking_people

    return [tokens.issue(person, device="bench").access for person in walking_people(PEOPLE)]


def body(number: int) -> bytes:
    from seoul_health.core import clock

    start = clock.now() - timedelta(minutes=90 - number % 60)
    sample = {
        "start": start.isoformat(),
        "end": (start + timedelta(seconds=59)).isoformat(),
        "steps": 90,
    }
    batch = {
        "batch_id": str(uuid.uuid4()),
        "source": "phone",
        "app_version": "2.1.0",
        "os": "android 15",
        "device_model": "SM-S928N",
        "samples": [sample],
    }
    return json.dumps(batch).encode()


def requests(path: str, tokens: list[str]) -> list[bytes]:
    return [
        request(
            "POST",
            path,
            headers={
                "Authorization": f"Bearer {tokens[number % len(tokens)]}",
                "Idempotency-Key": str(uuid.uuid4()),
            },
            body=body(number // len(tokens)),
        )
        for number in range(CALLS)
    ]


def steps_api_vs_empty_view() -> None:
    tokens = prepare()
    env = {"DATABASE_URL": os.environ["DATABASE_URL"], "THROTTLE_CALLER": "1000000/min"}
    with web_server({**env, "LOG_REQUESTS": "0"}) as (port, pid):
        alternate(
            "steps_api_vs_empty_view",
            ours=lambda: rate(port, requests("/api/v1/me/steps/", tokens), b"202"),
            baseline=lambda: rate(port, requests("/api/v1/bench/empty/", tokens), b"202"),
            unit="requests/s",
            better="higher",
            n=CALLS,
        )
        web = resident_mb(pid)
    Figure("web_memory_vs_limit", round(web / 200, 3), "lower", round(web, 1), 200, "MB", 1).show()
