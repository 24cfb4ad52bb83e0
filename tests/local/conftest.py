from collections.abc import Iterator
from pathlib import Path

import pytest

from seoul_health.local.place import locate
from seoul_health.local.services import Services


@pytest.fixture(scope="module")
def make_checkout(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[type[Services] | object]:
    """Make empty checkouts with servers of their own, and forget them at the end."""
    made: list[Services] = []

    def make() -> Services:
        folder: Path = tmp_path_factory.mktemp("checkout")
        made.append(Services(locate(folder), {}))
        return made[-1]

    yield make
    for services in made:
        services.forget()
