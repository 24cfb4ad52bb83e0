from . import (
    adjustments,
    campaigns,
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
    "campaigns",
    "cost_shares",
    "differences",
    "holds",
    "ledger",
    "partner",
    "proofs",
    "rules",
    "settlements",
]
