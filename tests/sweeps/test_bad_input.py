"""Every endpoint × the bad-input table: a clear 4xx in the documented shape, nothing written."""

import json
import uuid

import pytest
from django.apps import apps
from django.db import connection

from tests.sweeps.world import fill, routes

pytestmark = pytest.mark.serial

FIELDS = [
    "provider", "assertion", "device", "refresh", "lane", "quota", "basis", "consents", "submit",
    "batch_id", "source", "samples", "amount", "kind", "text", "terms", "category", "title",
    "about", "point", "receipt_no", "secret",
]  # fmt: skip
BODIES = {
    "empty": b"",
    "null": b"null",
    "a list": b"[]",
    "a string": b'"x"',
    "a number": b"7",
    "cut off": b'{"a":',
    "duplicate keys": b'{"amount":1,"amount":2}',
    "NaN": b'{"amount": NaN}',
    "NUL": b'{"text":"\\u0000"}',
    "lone surrogate": b'{"text":"\\udfff"}',
    "deep list": b"[" * 100_000,
    "deep objects": b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "invalid UTF-8": b'{"text":"\xff\xfe"}',
    "5,000 digits": b'{"amount": ' + b"9" * 5_000 + b"}",
    "everything wrong": json.dumps(
        {name: {"deeper": [None, True, -1, 1e308]} for name in FIELDS}
    ).encode(),
}
VALUES = [
    None, True, -1, 0, 2**31, 2**63, 2**70, 1e308, 1.5, "", " ", "９９", "1_000", "\u200b\u200b",
    "x" * 100_000, [], {}, [None], "2999-12-31", "1900-01-01T00:00:00Z", "2026-02-30",
    "'; DROP TABLE participants_participant; --", "<img src=x onerror=alert(1)>", "\u202ehtml",
    "../../etc/passwd", "👩‍👩‍👧‍👦" * 40,
]  # fmt: skip
GOOD = {
    "api/v1/auth/verify/": {"provider": "simulator", "assertion": "v1.a.b", "device": "d"},
    "api/v1/auth/refresh/": {"refresh": "x"},
    "api/v1/auth/logout/": {"refresh": "x"},
    "api/v1/rounds/<slug:code>/applications/": {
        "lane": "own_device",
        "quota": "general",
        "basis": "resident",
        "consents": [{"purpose": "health", "version": "1"}],
        "submit": True,
    },
    "api/v1/me/steps/": {
        "batch_id": str(uuid.uuid4()),
        "source": "phone",
        "app_version": "1",
        "os": "1",
        "device_model": "1",
        "samples": [
            {"start": "2026-11-22T09:00:00+09:00", "end": "2026-11-22T09:10:00+09:00", "steps": 9}
        ],
    },
    "api/v1/me/payouts/": {"amount": 5000},
    "api/v1/me/consents/": {"purpose": "marketing", "version": "1"},
    "api/v1/me/loan/accept/": {"terms": "1"},
    "api/v1/me/loan/report/": {"kind": "faulty", "text": "x"},
    "api/v1/me/complaints/": {
        "category": "x",
        "title": "x",
        "text": "x",
        "about": {"date": "2026-11-22"},
    },
    "api/v1/complaints/lookup/": {"receipt_no": "x", "secret": "x"},
}
QUERIES = [
    "cursor=x", "cursor=" + "A" * 5_000, "per_page=-1", "per_page=abc", "page=0", "q=%00",
    "from=foo&to=bar", "from=2026-02-30", "from=0001-01-01&to=9999-12-31", "from=９９９９-01-01",
    "order=user__password", "limit=1e9", "lat=NaN&lng=0&m=1", "date=' OR 1=1",
]  # fmt: skip
HEADERS = {
    "no key": {},
    "a bad key": {"HTTP_IDEMPOTENCY_KEY": "1"},
    "an empty key": {"HTTP_IDEMPOTENCY_KEY": ""},
    "a long key": {"HTTP_IDEMPOTENCY_KEY": "k" * 300},
    "a Korean key": {"HTTP_IDEMPOTENCY_KEY": "열쇠"},
}
# Asked for the key or signature of a machine before anything else.
MACHINES = ("api/v1/complaint-feeds/", "api/v1/partners/", "api/v1/sites/")


def endpoints(*methods):
    return [
        (route, method)
        for route in routes()
        if route.is_api and route.name not in {"schema", "docs"}
        for method in route.methods
        if method in methods
    ]


def count_rows():
    with connection.cursor() as cursor:
        tables = [m._meta.db_table for m in apps.get_models() if m._meta.managed]
        counts = " UNION ALL ".join(f"SELECT '{t}', count(*) FROM \"{t}\"" for t in tables)
        cursor.execute(counts)
        return dict(cursor.fetchall())


def check_problem(answer, what):
    silent_partner = b'"partner_unavailable"' in answer.content and answer.status_code == 503
    assert answer.status_code < 500 or silent_partner, (what, answer.content[:300])
    if answer.status_code >= 400:
        problem = answer.json()
        assert set(problem) <= {"code", "message", "fields", "retry_after"}, (what, problem)
        assert {"code", "message"} <= set(problem), (what, problem)
        assert problem["message"], what


def send(client, method, path, body, content_type="application/json", **headers):
    headers = headers or {"HTTP_IDEMPOTENCY_KEY": str(uuid.uuid4())}
    return client.generic(method, path, body, content_type=content_type, **headers)


@pytest.fixture
def app(world):
    client = world.app_of(world.citizen)
    client.raise_request_exception = False
    return client


def test_no_body_breaks_any_endpoint(world, app):
    before = count_rows()
    for route, method in endpoints("POST", "PUT", "PATCH"):
        harmless = route.name in {"logout", "loan-return"} or route.pattern.endswith(
            ("withdraw/", "withdrawal/", "submit/", "-offer/", "return/", "export/", "logout/")
        )
        for what, body in BODIES.items():
            if harmless and what in {"empty", "everything wrong", "null"}:
                continue
            answer = send(app, method, fill(route, world), body)
            check_problem(answer, (route.pattern, what))
            if not harmless and what != "everything wrong":
                assert answer.status_code >= 400, (route.pattern, what, answer.content[:200])
    after = count_rows()
    assert {t: n for t, n in after.items() if n != before[t]} == {}


def test_no_value_breaks_any_field(world, app):
    for pattern, good in GOOD.items():
        route = next(r for r in routes() if r.pattern == pattern)
        path = fill(route, world)
        for field in good:
            for value in VALUES:
                answer = send(app, "POST", path, json.dumps({**good, field: value}).encode())
                check_problem(answer, (pattern, field, repr(value)[:40]))


def test_a_missing_field_is_named(world, app):
    for pattern in ("api/v1/me/payouts/", "api/v1/me/complaints/", "api/v1/me/steps/"):
        for field in GOOD[pattern]:
            if field in {"about", "app_version", "os", "device_model"}:
                continue
            body = {k: v for k, v in GOOD[pattern].items() if k != field}
            answer = send(app, "POST", f"/{pattern}", json.dumps(body).encode())
            assert answer.status_code == 400, (pattern, field, answer.content[:200])
            assert field in answer.json()["fields"], (pattern, field)


def test_no_query_breaks_any_read(world, app):
    for route, method in endpoints("GET"):
        for query in QUERIES:
            path = f"{fill(route, world)}?{query}"
            check_problem(send(app, method, path, b""), (route.pattern, query))


def test_only_json_is_understood(world, app):
    for route, method in endpoints("POST"):
        if route.pattern.endswith(("evidence/", "logout/")):
            continue
        for content_type in ("application/x-www-form-urlencoded", "text/plain", "text/xml"):
            answer = send(app, method, fill(route, world), b"amount=5000", content_type)
            refusal = {401, 404} if route.pattern.startswith(MACHINES) else {415}
            assert answer.status_code in refusal, (route.pattern, content_type, answer.status_code)


def test_writes_need_a_key_in_its_usual_form(world, app):
    before = count_rows()
    for route, method in endpoints("POST", "PATCH", "DELETE"):
        view = route.callback.cls
        if not getattr(getattr(view, method.lower()), "is_idempotent", False):
            continue
        for what, headers in HEADERS.items():
            body = json.dumps(GOOD.get(route.pattern, {})).encode()
            answer = send(app, method, fill(route, world), body, **(headers or {"HTTP_X_A": "1"}))
            refusal = 401 if route.pattern.startswith(MACHINES) else 400
            assert answer.status_code == refusal, (route.pattern, what, answer.content[:200])
    after = count_rows()
    assert {t: n for t, n in after.items() if n != before[t]} == {}


def test_every_participant_write_is_idempotent():
    loose = [
        (route.pattern, method)
        for route, method in endpoints("POST", "PATCH", "PUT", "DELETE")
        if not getattr(getattr(route.callback.cls, method.lower()), "is_idempotent", False)
    ]

    # Partners, windows and feeds name each event or report: the same one again is the first one.
    assert sorted(pattern for pattern, _ in loose) == [
        "api/v1/auth/logout/",
        "api/v1/auth/refresh/",
        "api/v1/auth/verify/",
        "api/v1/complaint-feeds/<slug:source>/records/",
        "api/v1/complaints/lookup/",
        "api/v1/partners/<slug:code>/events/",
        "api/v1/sites/<uuid:site>/stock/",
    ]


@pytest.mark.parametrize(
    "header", ["Bearer x", "Bearer", "Basic eDp5", "Bearer " + "x" * 200_000, "Bearer 열쇠", "x"]
)
def test_a_bad_token_opens_nothing(client, world, header):
    for route, method in endpoints("GET"):
        if not route.pattern.startswith("api/v1/me/"):
            continue
        answer = client.generic(method, fill(route, world), HTTP_AUTHORIZATION=header)
        assert answer.status_code == 401, (route.pattern, answer.status_code)
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_staff_forms_need_their_csrf_token(world):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(world.user_of("agent"), backend="seoul_health.core.roles.RoleBackend")
    for path in ("/desk/next/", "/admin/logout/", "/desk/contacts/"):
        assert client.post(path, {}).status_code == 403, path
