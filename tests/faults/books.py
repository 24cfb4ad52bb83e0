"""Read what the site and its partners have on their books, once everything is quiet."""

from collections.abc import Iterable, Mapping
from typing import Any

from tests.faults import checker, deeds
from tests.faults.checker import Findings, Kept
from tests.faults.site import Doomed

EARNED = """
SELECT coalesce(sum(amount), 0)::bigint FROM points_transfer
WHERE reason IN ('walking_day', 'walking_week')
"""


class Books:
    """The books of one site, as far as its phones wrote in them."""

    def __init__(self, site: Doomed, numbers: list[int], rounds: list[str]) -> None:
        self.site, self.numbers, self.rounds = site, numbers, rounds
        tables = ("devices_syncreceipt", "points_payout", "complaints_complaint")
        self.since = {table: self.last(table) for table in tables}

    def read(self) -> Kept:
        since = {table: [self.numbers, last] for table, last in self.since.items()}
        with self.site.database() as connection:

            def rows(query: str, values: list[Any]) -> list[Any]:
                return connection.execute(query, values).fetchall()

            days = rows(checker.DAYS, [self.numbers])
            return Kept(
                receipts=rows(checker.RECEIPTS, since["devices_syncreceipt"]),
                days={(person, source, day): steps for person, source, day, steps in days},
                payouts=rows(checker.PAID_OUT, since["points_payout"]),
                wallet=self.partners_lines("wallet"),
                complaints=rows(checker.FILED, since["complaints_complaint"]),
                applications=rows(checker.APPLIED, [self.numbers, self.rounds]),
            )

    def check_deeds(self, told: Iterable[Mapping[str, Any]], found: Findings) -> None:
        """Ask what came of rounds, draws and messages to many."""
        with self.site.database() as connection:
            for name, query in deeds.GAPS.items():
                setattr(found, name, int(connection.execute(query).fetchone()[0]))
            done = {
                act: {row[0] for row in connection.execute(query).fetchall()}
                for act, query in deeds.DONE.items()
            }
        found.deeds_lost = deeds.undone(told, done)
        found.told_twice = deeds.told_twice(self.partners_lines("messages"))

    def earned(self) -> int:
        return self.scalar(EARNED)

    def partners_lines(self, name: str) -> list[dict[str, Any]]:
        return deeds.read_lines(self.site.place.local / "simulators" / f"{name}.jsonl")

    def last(self, table: str) -> int:
        return self.scalar(f"SELECT coalesce(max(id), 0) FROM {table}")

    def scalar(self, query: str) -> int:
        with self.site.database() as connection:
            return int(connection.execute(query).fetchone()[0])
