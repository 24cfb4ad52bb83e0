import hashlib
import io
import json
import zipfile
from datetime import timedelta

import pytest

from devices.models import Loan, RecoveryStep
from devices.rules.withholding import withheld
from devices.services import council_pack, loans, measures
from seoul_health.core import clock
from tests.conftest import JOB

from .builders import fresh, live_loan


@pytest.fixture
def lent(make_participant):
    """Give six loans of one round: two back, two overdue, one lost, one in order."""
    found = [live_loan(make_participant()) for _n in range(6)]
    for loan in found[:2]:
        loans.scan_in(loan.device.serial, by=JOB)
    overdue = [loan.pk for loan in found[2:4]]
    Loan.objects.filter(pk__in=overdue).update(due_on=clock.today() - timedelta(days=10))
    loans.mark_lost(fresh(found[4]), by=JOB, why="Gone")
    for loan in found[:4]:
        RecoveryStep.objects.create(loan=loan, kind="call", cost=900, taken_by="x")
        RecoveryStep.objects.create(loan=loan, kind="letter", cost=100, taken_by="x")
    return found


def test_the_measures_of_a_lot_are_counted_from_its_loans(lent):
    row = measures.measures_by("lot", today=clock.today())[0]

    assert (row.name, row.lent, row.expected, row.recovered) == ("LOT-2026-1", 6, 5, 2)
    assert (row.overdue, row.mean_days, row.lost) == (2, 10, 1)
    assert (row.cost, row.cost_per_unit, row.percent) == (4_000, 2_000, "40.0 %")
    assert row.at_stake == 3 * 55_000


@pytest.mark.parametrize("by", ["round", "lot", "district", "supplier"])
def test_every_grouping_adds_up_to_the_same(lent, by):
    rows = measures.measures_by(by, today=clock.today())

    all_ = measures.whole(rows, "")

    assert all_.lent == Loan.objects.exclude(status__in=["reserved", "cancelled"]).count()
    assert all_.cost == sum(RecoveryStep.objects.values_list("cost", flat=True))
    assert all_.recovered == Loan.objects.filter(returned_at__isnull=False).count()


def test_silent_watches_are_counted_by_how_long(lent):
    Loan.objects.filter(pk=lent[2].pk).update(accepted_at=clock.now() - timedelta(days=70))

    found = measures.ghosts(today=clock.today())

    assert (found.month, found.two_months, found.three_months, found.out) == (1, 1, 0, 3)


@pytest.mark.parametrize(
    ("sizes", "hidden"),
    [([9, 8, 7], set()), ([9, 3, 7], {1, 2}), ([9, 3, 4, 8], {1, 2}), ([9, 1, 1, 8], {1, 2, 3})],
)
def test_a_small_group_is_never_left_out_alone(sizes, hidden):
    assert withheld(sizes, smallest=5) == hidden


def unpacked(kept):
    with zipfile.ZipFile(io.BytesIO(kept)) as bundle:
        return {name: bundle.read(name) for name in bundle.namelist()}


def test_the_pack_lists_each_file_with_its_hash(lent):
    files = unpacked(council_pack.pack(clock.now()))

    listed = json.loads(files.pop("manifest.json"))["files"]
    assert listed == {name: hashlib.sha256(kept).hexdigest() for name, kept in files.items()}
    assert files["answers.pdf"].startswith(b"%PDF")


def test_the_pack_of_a_moment_is_always_the_same(lent):
    now = clock.now()

    assert council_pack.pack(now) == council_pack.pack(now)


def test_the_pack_tells_small_groups_only_together(lent):
    files = unpacked(council_pack.pack(clock.now()))

    assert files["01-round.csv"].count(b"\r\n") == 3
    assert files["withheld.csv"].count(b"round-") == 6


def test_the_pack_names_nobody(lent):
    kept = b"".join(unpacked(council_pack.pack(clock.now())).values())

    assert not [loan for loan in lent if loan.participant.number.encode() in kept]
