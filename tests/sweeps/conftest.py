from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import transaction

from tests.sweeps.world import World


@pytest.fixture(scope="package")
def demo_loaded(django_db_setup: None, django_db_blocker: object) -> Iterator[None]:
    """Load one small city once for the sweeps, inside a transaction that is taken back."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        outer = transaction.atomic()
        outer._from_testcase = True  # type: ignore[attr-defined]
        outer.__enter__()
        try:
            call_command("load_demo", participants=60, seed=7, verbosity=0)
            yield
        finally:
            transaction.set_rollback(True)
            outer.__exit__(None, None, None)


@pytest.fixture
def world(demo_loaded: None, db: None) -> World:
    return World()
