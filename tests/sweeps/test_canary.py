"""Odd names and phones are seeded; no page, answer, log line or task argument may carry them."""

import json
import logging

import pytest

from participants.models import Profile
from seoul_health.core import crypto
from tests.sweeps.world import ROLES, fill, routes

pytestmark = pytest.mark.serial

NAME = "캐너리’봄🐤"
PHONE = "010-0042-7719"
BIRTH = "1971-02-03"
ADDRESS = "서울특별시 종로구 카나리아로 77길 19-3"
SECRETS = [NAME, PHONE, PHONE.replace("-", ""), BIRTH, "카나리아로"]
# The person sees their own profile; nobody else sees it without asking and giving a reason.
OWN = {"api/v1/me/"}


@pytest.fixture
def canary(world):
    person = world.citizen
    profile = Profile(participant=person, name=NAME, phone=PHONE, birth_date=BIRTH, address=ADDRESS)
    profile.index()
    profile.save()
    return person


def leaks(text):
    return [secret for secret in SECRETS if secret in text]


def test_no_staff_page_shows_personal_data_unmasked(world, canary):
    for role in ROLES:
        client = world.staff_of(role)
        for route in routes():
            if route.is_api or route.pattern.startswith("metrics"):
                continue
            answer = client.get(fill(route, world))
            body = b"".join(answer) if answer.streaming else answer.content
            assert leaks(body.decode(errors="ignore")) == [], (role, route.pattern)


def test_no_answer_carries_somebodys_data_but_their_own(world, canary):
    own, other = world.app_of(canary), world.app_of(world.stranger)
    for route in routes():
        if not route.is_api:
            continue
        for client in (own, other):
            if client is own and route.pattern in OWN:
                continue
            answer = client.get(fill(route, world))
            assert leaks(answer.content.decode(errors="ignore")) == [], route.pattern


def test_no_log_line_carries_personal_data(world, canary, caplog, settings):
    settings.LOG_REQUESTS = True
    client, app = world.staff_of("agent"), world.app_of(canary)
    with caplog.at_level(logging.DEBUG):
        client.get("/admin/participants/participant/", {"q": NAME})
        client.get("/admin/participants/participant/", {"q": PHONE})
        client.get("/desk/find/", {"q": PHONE})
        app.get("/api/v1/me/")
        app.post("/api/v1/me/complaints/", {"title": NAME, "text": PHONE}, format="json")
    lines = "\n".join(
        f"{r.getMessage()} {r.__dict__}" for r in caplog.records if "SELECT" not in r.getMessage()
    )

    assert leaks(lines) == []


def test_no_task_argument_is_more_than_an_id(monkeypatch, world, canary):
    from seoul_health.core import tasks

    sent = []
    monkeypatch.setattr(tasks, "ring", lambda *call: sent.append(call))
    app = world.app_of(canary)
    app.post(
        "/api/v1/me/payouts/",
        {"amount": 5000},
        format="json",
        headers={"Idempotency-Key": "6a5c2f0e-1111-4222-8333-444455556666"},
    )

    assert leaks(json.dumps(sent, ensure_ascii=False, default=str)) == []
    assert all(isinstance(argument, int | str) for call in sent for argument in call)


def test_the_database_holds_no_plain_copy(canary, django_db_blocker):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT detail::text FROM core_auditevent")
        audit = "\n".join(row[0] for row in cursor.fetchall())
        cursor.execute("SELECT what || reason FROM core_accesslog")
        access = "\n".join(row[0] for row in cursor.fetchall())

    assert leaks(audit + access) == []
    assert crypto.blind_index(NAME, place="profile.name") != NAME


def test_every_page_about_a_person_is_on_record(world, canary):
    from seoul_health.core.models import AccessLog

    client = world.staff_of("agent")
    before = AccessLog.objects.count()
    client.get("/admin/participants/participant/", {"q": canary.number})
    client.get(f"/admin/participants/participant/{canary.pk}/change/")
    client.get(f"/desk/people/{canary.number}/")

    rows = AccessLog.objects.order_by("pk")[before:]
    assert len(rows) >= 3
    assert all(canary.number in row.subjects for row in rows)
    assert {row.actor for row in rows} == {world.user_of("agent").actor_name}
