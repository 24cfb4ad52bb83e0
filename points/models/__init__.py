from .accounts import Account, Pot, Reason, Transfer
from .adjustments import Adjustment
from .awards import Award, Settlement, SettlementChunk
from .cost_shares import CostShare, CostSharePart, Party, Statement, StatementLine
from .differences import Difference
from .lots import LotUse
from .payouts import Payout, Reconciliation, ReconciliationLine
from .proofs import Proof
from .rules import EarningCap, EarningRule

__all__ = [
    "Account",
    "Adjustment",
    "Award",
    "CostShare",
    "CostSharePart",
    "Difference",
    "EarningCap",
    "EarningRule",
    "LotUse",
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
