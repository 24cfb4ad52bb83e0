from .accounts import Account, Pot, Reason, Transfer
from .awards import Award, Settlement, SettlementChunk
from .cost_shares import CostShare, CostSharePart, Party, Statement, StatementLine
from .payouts import Payout, Reconciliation, ReconciliationLine
from .proofs import Proof
from .rules import EarningCap, EarningRule

__all__ = [
    "Account",
    "Award",
    "CostShare",
    "CostSharePart",
    "EarningCap",
    "EarningRule",
    "Party",
    "Payout",
    "Pot",
    "Proof",
    "Reason",
    "Reconciliation",
    "ReconciliationLine",
    "Settlement",
    "SettlementChunk",
    "Statement",
    "StatementLine",
    "Transfer",
]
