from .accounts import Account, Pot, Reason, Transfer
from .awards import Award, Settlement, SettlementChunk
from .payouts import Payout, Reconciliation, ReconciliationLine
from .proofs import Proof
from .rules import EarningCap, EarningRule

__all__ = [
    "Account",
    "Award",
    "EarningCap",
    "EarningRule",
    "Payout",
    "Pot",
    "Proof",
    "Reason",
    "Reconciliation",
    "ReconciliationLine",
    "Settlement",
    "SettlementChunk",
    "Transfer",
]
