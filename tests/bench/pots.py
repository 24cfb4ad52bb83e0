"""What a checkpoint of a pot saves, and what holding it against the transfers costs."""

from tests.bench.measure import alternate
from tests.bench.money import execute, heavy_purse, seconds

ENTRIES = 500_000
ADDED_UP = """
SELECT pot.code, coalesce((SELECT sum(amount) FROM points_transfer WHERE target_id = pot.id), 0)
    - coalesce((SELECT sum(amount) FROM points_transfer WHERE source_id = pot.id), 0)
FROM points_account AS pot WHERE pot.kind = 'pot' ORDER BY pot.code
"""


def pot_balance_checkpoint() -> None:
    """Every pot from its checkpoint, and derived anew for the proof, against adding it all up."""
    from points.services.pots import checkpoint_pots, derive_pots, pot_sums
    from seoul_health.core.audit import System

    heavy_purse(ENTRIES)
    checkpoint_pots(by=System("bench"))
    heavy_purse(1_000)
    for name, ours in (("pot_balance_checkpoint", pot_sums), ("pot_proof", derive_pots)):
        alternate(
            name,
            ours=lambda run=ours: 1_000 * seconds(run),  # type: ignore[misc]
            baseline=lambda: 1_000 * seconds(lambda: execute(ADDED_UP)),
            unit="ms",
            better="lower",
            n=ENTRIES,
        )
