from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from points import tasks
from points.models import PotCheckpoint
from points.services.accounts import pot
from points.services.pots import checkpoint_pots, derive_pots, forget_checkpoints, pot_sums
from points.services.proof import prove
from seoul_health.core import clock
from tests.conftest import JOB
from tests.points.builders import give

pytestmark = pytest.mark.django_db
AT_ONCE = timedelta(0)


@pytest.fixture
def book(walker):
    """Gifts of 600 points in all, and a checkpoint after the first two."""
    give(walker, 100)
    give(walker, 200)
    checkpoint_pots(by=JOB)
    give(walker, 300)
    return walker


def gaps():
    return prove(by=JOB, settled_for=AT_ONCE).gaps


def test_a_pot_is_its_checkpoint_and_what_came_after(book):
    kept = PotCheckpoint.objects.get()

    assert (kept.taken_in, kept.given_out, kept.transfers) == (0, 300, 2)
    assert pot_sums() == derive_pots().sums
    assert pot_sums()["compensation"] == -600


def test_a_later_checkpoint_carries_on_from_the_earlier_one(book):
    assert checkpoint_pots(by=JOB) == 1
    assert checkpoint_pots(by=JOB) == 0

    latest = PotCheckpoint.objects.latest("up_to_id")
    assert (latest.given_out, latest.transfers) == (600, 3)
    assert derive_pots().wrong == {}


def test_checkpoints_can_be_forgotten_without_loss(book):
    before = pot_sums()
    assert forget_checkpoints(by=JOB) == 1

    assert pot_sums() == before
    checkpoint_pots(by=JOB)
    assert pot_sums() == before


@pytest.mark.parametrize(
    ("change", "difference"),
    [({"given_out": 290}, 10), ({"taken_in": 7}, 7), ({"transfers": 3}, 1)],
    ids=["too little", "too much", "another count"],
)
def test_the_proof_names_a_wrong_checkpoint(book, change, difference):
    PotCheckpoint.objects.update(**change)
    kept = PotCheckpoint.objects.get()

    assert gaps() == {f"wrong_checkpoint:compensation:{kept.up_to_id}": difference}


def test_a_checkpoint_dated_too_early_is_wrong(book):
    PotCheckpoint.objects.update(latest_at=clock.now() - timedelta(days=400))

    assert list(derive_pots().wrong.values()) == [1]


def test_a_planted_checkpoint_of_a_pot_that_never_moved_is_wrong(book):
    PotCheckpoint.objects.create(
        pot=pot("paid-out"), up_to_id=1, taken_in=5, given_out=0, transfers=1, latest_at=clock.now()
    )

    assert derive_pots().wrong == {"wrong_checkpoint:paid-out:1": 5}


def test_a_wrong_checkpoint_is_mended_by_working_all_out_anew(book):
    PotCheckpoint.objects.update(given_out=290)
    out = StringIO()
    call_command("checkpoint_pots", "--anew", stdout=out)

    assert out.getvalue() == "1 checkpoints forgotten.\n1 checkpoints made.\n"
    assert gaps() == {}


def test_the_job_makes_checkpoints_and_may_run_twice(book):
    tasks.checkpoint_pots()
    tasks.checkpoint_pots()

    assert PotCheckpoint.objects.count() == 2


def test_a_pot_has_one_checkpoint_per_transfer(book):
    kept = PotCheckpoint.objects.get()
    kept.pk = None

    with pytest.raises(IntegrityError, match="one_checkpoint_per_pot_and_transfer"):
        kept.save(force_insert=True)


def test_a_checkpoint_counts_something(book):
    with (
        pytest.raises(IntegrityError, match="a_checkpoint_counts_something"),
        transaction.atomic(),
    ):
        PotCheckpoint.objects.update(transfers=0)
