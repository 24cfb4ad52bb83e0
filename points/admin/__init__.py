from . import (
    adjustments,
    cost_shares,
    differences,
    holds,
    ledger,
    partner,
    proofs,
    rules,
    settlements,
)

__all__ = [
    "adjustments",
    "cost_shares",
    "differences",
    "holds",
    "ledger",
    "partner",
    "proofs",
    "rules",
    "settlements",
]
