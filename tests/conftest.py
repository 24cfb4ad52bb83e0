import itertools
import uuid
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis
from pytest_django import DjangoDbBlocker
from pytest_django.plugin import blocking_manager_key

from participants.models import Participant, Profile
from seoul_health.core import clock, tasks
from seoul_health.core.audit import System
from seoul_health.core.models import RoleGrant, StaffUser
from tests import shipped

JOB = System("tests.job")
numbers = itertools.count(1)
# How long an example takes says how busy the machine is.
hypothesis.register_profile(
    "busy",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
hypothesis.load_profile("busy")
EMPTYING = {"transactional_db", "live_server", "django_db_reset_sequences"}


def pytest_configure() -> None:
    """Make the place of static files: a fresh clone has collected none yet."""
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Remember what the migrations shipped before any test can empty it."""
    with django_db_blocker.unblock():
        shipped.keep()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """Put shipped rows back once a test that commits has emptied its tables."""
    yield
    if empties_tables(item):
        with item.config.stash[blocking_manager_key].unblock():
            shipped.restore()


def empties_tables(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("django_db")
    committing = bool(marker and marker.kwargs.get("transaction"))
    return committing or bool(EMPTYING & set(getattr(item, "fixturenames", ())))


@pytest.fixture(autouse=True)
def fresh_cache() -> None:
    cache.clear()


@pytest.fixture
def make_staff(db: None) -> Callable[..., StaffUser]:
    """Make a member of staff with roles: make_staff("agent", username="kim")."""

    def make(*roles: str, username: str = "", **fields: Any) -> StaffUser:
        name = username or f"staff{next(numbers)}"
        user = StaffUser.objects.create_user(name, password="Demo-pass-9988", is_staff=True)
        StaffUser.objects.filter(pk=user.pk).update(**fields)
        for role in roles:
            RoleGrant.objects.create(user=user, role=role, granted_by="system:tests")
        user.refresh_from_db()
        return user

    return make


@pytest.fixture
def client_of(make_staff: Callable[..., StaffUser]) -> Callable[..., Client]:
    """Give a signed-in browser of somebody with these roles."""

    def signed_in(*roles: str, **fields: Any) -> Client:
        client = Client()
        user = make_staff(*roles, **fields)
        client.force_login(user, backend="seoul_health.core.roles.RoleBackend")
        client.user = user  # type: ignore[attr-defined]
        return client

    return signed_in


@pytest.fixture
def make_participant(db: None) -> Callable[..., Participant]:
    """Make a verified participant with a profile: make_participant(name="김걷기", born=…)."""

    def make(
        *,
        name: str = "김걷기",
        phone: str = "010-1234-5678",
        born: date = date(1980, 5, 17),
        address: str = "서울특별시 종로구 세종대로 209",
        district: str = "종로구",
        verified: bool = True,
        **fields: Any,
    ) -> Participant:
        participant = Participant.objects.create(
            number=f"P-T-{next(numbers):06d}",
            ci_hash=uuid.uuid4().hex * 2,
            district=district,
            verified_at=clock.now() if verified else None,
            **fields,
        )
        profile = Profile(
            participant=participant,
            name=name,
            phone=phone,
            birth_date=born.isoformat(),
            address=address,
        )
        profile.index()
        profile.save()
        return participant

    return make


@pytest.fixture
def walker(make_participant: Callable[..., Participant]) -> Participant:
    return make_participant()


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What this test would hand to Celery once committed, as (name, *args)."""
    sent: list[tuple[Any, ...]] = []
    monkeypatch.setattr(tasks, "ring", lambda *call: sent.append(call))
    return sent


@pytest.fixture
def yesterday() -> date:
    return clock.today() - timedelta(days=1)
