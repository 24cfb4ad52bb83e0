"""Our settlement against django-hordak's `transfer_to`, in the same database server."""

import subprocess
import sys
from dataclasses import replace
from types import TracebackType

from tests.bench.database import own_database
from tests.bench.measure import alternate, say
from tests.bench.money import City

PEOPLE, TRANSFERS, PURSES = 100_000, 1_000, 200
ONE_BY_ONE, TOGETHER = 1, 500


class Hordak:
    """django-hordak 2.0 in a process and a database of its own."""

    def __enter__(self) -> "Hordak":
        self.database = own_database()
        command = [sys.executable, "-m", "tests.bench.peer_hordak", self.database.__enter__()]
        self.process = subprocess.Popen(
            [*command, str(PURSES)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._answer() == "ready"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.stdin.close()
        self.process.wait()
        self.database.__exit__(kind, error, trace)

    def rate(self, batch: int) -> float:
        """Give postings per second, so many to a transaction."""
        self.process.stdin.write(f"{TRANSFERS} {batch}\n")
        self.process.stdin.flush()
        return float(self._answer())

    def _answer(self) -> str:
        line = self.process.stdout.readline().strip()
        if not line:
            raise RuntimeError("The peer has ended; `make bench` installs it (group bench).")
        return line


def settle_vs_hordak() -> None:
    """Postings per second: a settled day of everybody against the peer's better way."""
    with Hordak() as peer:
        rates = {batch: peer.rate(batch) for batch in (ONE_BY_ONE, TOGETHER)}
        batch = max(rates, key=lambda one: rates[one])
        say(f"hordak, postings a second by transaction size: {rates}")
        city = City(PEOPLE, days=4)
        figure = alternate(
            "settle_vs_hordak",
            ours=lambda: rate_of(city),
            baseline=lambda: peer.rate(batch),
            unit="postings/s",
            better="higher",
            n=PEOPLE,
        )
    one_by_one = round(figure.ours / rates[ONE_BY_ONE], 3)
    replace(
        figure, name="settle_vs_hordak_one_by_one", ratio=one_by_one, baseline=rates[ONE_BY_ONE]
    ).show()


def rate_of(city: City) -> float:
    """Settle the next day; give the postings a second, purses and awards included."""
    from points.models import Transfer

    taken = city.settle()
    return Transfer.objects.filter(business_date=city.settled).count() / taken
