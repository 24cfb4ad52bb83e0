"""Settlement, proof, balance and reconciliation against honest baselines."""

import statistics
import time
import uuid
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.db import connection

from tests.bench.http import pages
from tests.bench.measure import Figure, alternate, say

PEOPLE = 100_000
COLUMNS = 'key, source_id, target_id, amount, reason, business_date, "case", reversal_of_id'
BARE = "CREATE TABLE bare (LIKE points_transfer INCLUDING DEFAULTS INCLUDING IDENTITY"
LIMIT_MB = 300


def seconds(run: Callable[[], Any]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def execute(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


class City:
    """A city that has walked every day of a few weeks, and is settled one day after another."""

    def __init__(self, count: int, days: int) -> None:
        from devices.models import DaySteps
        from participants.models import Application, Participant, Participation
        from points.models import Account
        from seoul_health.core import clock
        from tests.bench.city import analyse, found_city, walk_all

        say(f"a city of {count:,} walks {days} days")
        self.people = found_city(count)
        self.days = [clock.today() - timedelta(days=back) for back in range(1, days + 1)]
        for day in self.days:
            walk_all(self.people, day)
        analyse(Participant, Application, Participation, DaySteps, Account)

    def settle(self) -> float:
        """Settle the next day; give the seconds it takes."""
        from points.models import Award, Transfer
        from points.services.settlement import settle_day
        from seoul_health.core.audit import System
        from tests.bench.city import analyse

        day = self.days.pop()
        taken = seconds(lambda: settle_day(day, by=System("bench")))
        analyse(Transfer, Award)
        self.settled = day
        return taken


def insert_bare(day: date) -> float:
    """Insert a day's transfers again, into a twin that holds everything posted before them."""
    before = f"SELECT {COLUMNS} FROM points_transfer WHERE id < %s ORDER BY id"
    execute(f"{BARE} INCLUDING INDEXES INCLUDING CONSTRAINTS)")
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(id) FROM points_transfer WHERE business_date = %s", [day])
        (first,) = cursor.fetchone()
    execute(f"INSERT INTO bare ({COLUMNS}) {before}", first)
    execute("CREATE TEMP TABLE day_of_transfers AS SELECT * FROM points_transfer"
            " WHERE business_date = %s ORDER BY id", day)  # fmt: skip
    execute("ANALYZE day_of_transfers")
    execute("VACUUM ANALYZE bare")
    again = f"INSERT INTO bare ({COLUMNS}) SELECT {COLUMNS} FROM day_of_transfers ORDER BY id"
    taken = seconds(lambda: execute(again))
    execute("DROP TABLE bare")
    execute("DROP TABLE day_of_transfers")
    return taken


def settle_day_vs_bare_insert() -> None:
    """One day of everybody, purses and awards included, and the proof of it."""
    import os

    from points.services.proof import prove
    from seoul_health.core.audit import System

    city = City(PEOPLE, days=5)
    alternate(
        "settle_day_vs_bare_insert",
        ours=city.settle,
        baseline=lambda: insert_bare(city.settled),
        unit="s",
        better="lower",
        n=PEOPLE,
    )
    memory = pages(os.getpid())
    Figure("settle_memory_vs_limit", round(memory / LIMIT_MB, 3), "lower", round(memory, 1),
           LIMIT_MB, "MB", 1).show()  # fmt: skip
    settled = city.settle()
    proofs = [seconds(lambda: prove(by=System("bench"))) for _ in range(3)]
    proved = statistics.median(proofs)
    Figure("prove_vs_settle", round(proved / settled, 3), "lower", round(proved, 1),
           round(settled, 1), "s", PEOPLE).show()  # fmt: skip


def settle_growth(name: str, small: int) -> None:
    """Ten times the people: the median of three days each."""
    figures = []
    for count in (small, small * 10):
        city = City(count, days=4)
        city.settle()
        figures.append(statistics.median(city.settle() for _ in range(3)))
    Figure(name, round(figures[1] / figures[0], 2), "lower", round(figures[1], 1),
           round(figures[0], 1), "s", small * 10).show()  # fmt: skip


def settle_growth_10k_100k() -> None:
    settle_growth("settle_growth_10k_100k", 10_000)


def settle_growth_100k_1m() -> None:
    settle_growth("settle_growth_100k_1m", 100_000)


def heavy_purse(entries: int) -> Any:
    """Give one new person a purse with so many entries."""
    from points.models import Account, Transfer
    from points.services.accounts import purse_of
    from tests.bench.city import analyse
    from tests.bench.people import walking_people

    purse = purse_of(walking_people(1)[0])
    fund = Account.objects.get(code="compensation")
    execute(
        f"INSERT INTO points_transfer ({COLUMNS}) SELECT 'bench:{uuid.uuid4().hex}:' || n,"
        f" {fund.pk}, {purse.pk}, 3, 'compensation', current_date, '', NULL"
        f" FROM generate_series(1, {entries}) AS n"
    )
    Account.objects.filter(pk=purse.pk).update(balance=3 * entries)
    analyse(Transfer, Account)
    return purse


def balance_1m_entries_vs_10() -> None:
    """The balance and the first page of the statement, of a million entries against ten."""
    small, large = heavy_purse(10), heavy_purse(1_000_000)

    def read(purse: Any) -> float:
        from points.models import Account, Transfer
        from points.services.statements import entries_of

        def once() -> None:
            account = Account.objects.get(pk=purse.pk)
            page = list(Transfer.objects.of(account).order_by("-pk")[:10])
            assert len(entries_of(account, page)) == 10

        return 1_000 * seconds(lambda: [once() for _ in range(100)]) / 100

    alternate(
        "balance_1m_entries_vs_10",
        ours=lambda: read(large),
        baseline=lambda: read(small),
        unit="ms",
        better="lower",
        n=1_000_000,
    )


def partner_file(day: date, lines: int) -> bytes:
    rows = [f"PO-{n:012},5000,R-{n:012},{day}T12:00:00+09:00" for n in range(lines)]
    total = f"TOTAL,{lines},{5000 * lines},{day}"
    return "\n".join(["reference,amount,receipt_no,paid_at", *rows, total, ""]).encode()


def pay_out(day: date, lines: int) -> None:
    """Give one person as many paid payouts as the partner's file has lines."""
    from points.models import Payout, Transfer
    from points.services.accounts import pot
    from points.services.operators import in_force
    from tests.bench.city import analyse

    purse, transit = heavy_purse(1), pot("payouts-in-transit")  # type: ignore[arg-type]
    execute(
        f"INSERT INTO points_transfer ({COLUMNS}) SELECT 'bench-payout:' || n, {purse.pk},"
        f" {transit.pk}, 5000, 'payout', '{day}', '', NULL FROM generate_series(1, {lines}) AS n"
    )
    execute(
        "INSERT INTO points_payout (public_id, reference, participant_id, transfer_id, operator_id,"
        " amount, status, attempts, paid_at, receipt_no, refusal, problem)"
        " SELECT gen_random_uuid(),"
        f" 'PO-' || lpad((row_number() OVER (ORDER BY id) - 1)::text, 12, '0'),"
        f" {purse.participant_id}, id, {in_force().pk}, 5000, 'paid', 1, '{day} 12:00+09', 'R', '',"
        " ''"
        " FROM points_transfer WHERE starts_with(key, 'bench-payout:')"
    )
    analyse(Transfer, Payout)


def reconcile_vs_copy(lines: int = 100_000) -> None:
    """Our payouts against the partner's file, against COPY of the same file and nothing else."""
    import io

    from points.models import Reconciliation
    from points.services.operators import in_force
    from points.services.partner_files import import_file
    from seoul_health.core import clock
    from seoul_health.core.audit import System

    day = clock.today() - timedelta(days=1)
    pay_out(day, lines)
    content = partner_file(day, lines)
    copied = b"\n".join(content.splitlines()[:-1])
    execute("CREATE TABLE bare_file (reference text, amount bigint, receipt_no text,"
            " paid_at timestamptz)")  # fmt: skip

    def compare() -> None:
        Reconciliation.objects.all().delete()
        found = import_file(day, in_force(), io.BytesIO(content), by=System("bench"))
        assert (found.matched, found.is_clean) == (lines, True)

    def copy() -> None:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE bare_file")
            with cursor.copy("COPY bare_file FROM STDIN (FORMAT csv, HEADER match)") as pipe:
                pipe.write(copied)

    alternate(
        "reconcile_vs_copy",
        ours=lambda: seconds(compare),
        baseline=lambda: seconds(copy),
        unit="s",
        better="lower",
        n=lines,
    )


def reconcile_vs_copy_1m() -> None:
    reconcile_vs_copy(1_000_000)
