"""The store of the throttles, on the real server it runs on."""

import os
import uuid

import pytest

from seoul_health.core.cache import CountingCache

BROKER = os.environ.get("SITE_BROKER_URL", "").replace("redis+socket://", "unix://")

pytestmark = pytest.mark.skipif(
    not BROKER.startswith(("unix:", "redis:")), reason="needs a Valkey or Redis"
)


@pytest.fixture
def store():
    return CountingCache(BROKER, {"KEY_PREFIX": f"tests:{uuid.uuid4()}"})


def test_every_call_counts_one_more_and_the_window_is_kept(store):
    assert [store.tally("calls", 60) for _call in range(3)] == [1, 2, 3]

    client = store._cache.get_client()
    assert 0 < client.ttl(store.make_and_validate_key("calls")) <= 60


def test_counts_of_callers_stay_apart(store):
    store.tally("one", 60)

    assert store.tally("other", 60) == 1


def test_one_client_serves_every_call(store):
    assert store._cache.get_client() is store._cache.get_client()
    assert store._cache.get_client(write=True) is store._cache.get_client(write=True)
