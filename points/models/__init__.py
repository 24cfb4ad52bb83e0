from .accounts import Account, Pot, Reason, Transfer
from .activities import Activity, ActivityRate, PartnerEvent
from .adjustments import Adjustment
from .awards import Award, Settlement, SettlementChunk
from .budgets import Budget, BudgetGuard, BudgetTill, BudgetWarning, Unfunded
from .campaigns import Campaign, CampaignPlace
from .checkpoints import PotCheckpoint
from .clawbacks import AwardReview, Clawback
from .cost_shares import (
    CostShare,
    CostSharePart,
    Party,
    ShareCorrection,
    Statement,
    StatementLine,
)
from .differences import Difference
from .expiry import (
    ExpiryAnnouncement,
    ExpiryExtension,
    ExpiryForecast,
    ExpiryRun,
    ExtendedPurse,
)
from .holds import Hold, HoldAppeal, HoldRelease, Signal
from .lots import LotUse
from .operators import Breaker, Operator, OperatorChange, Outage, WalletLink
from .payouts import Payout, Reconciliation, ReconciliationLine
from .proofs import Proof
from .rules import EarningCap, EarningRule
from .scans import SignalScan
from .simulations import SimulatedPerson, Simulation, SimulationChunk
from .spending import BudgetForecast, SpentCount, SpentDay

__all__ = [
    "Account",
    "Activity",
    "ActivityRate",
    "Adjustment",
    "Award",
    "AwardReview",
    "Breaker",
    "Budget",
    "BudgetForecast",
    "BudgetGuard",
    "BudgetTill",
    "BudgetWarning",
    "Campaign",
    "CampaignPlace",
    "Clawback",
    "CostShare",
    "CostSharePart",
    "Difference",
    "EarningCap",
    "EarningRule",
    "ExpiryAnnouncement",
    "ExpiryExtension",
    "ExpiryForecast",
    "ExpiryRun",
    "ExtendedPurse",
    "Hold",
    "HoldAppeal",
    "HoldRelease",
    "LotUse",
    "Operator",
    "OperatorChange",
    "Outage",
    "PartnerEvent",
    "Party",
    "Payout",
    "Pot",
    "PotCheckpoint",
    "Proof",
    "Reason",
    "Reconciliation",
    "ReconciliationLine",
    "Settlement",
    "SettlementChunk",
    "ShareCorrection",
    "Signal",
    "SignalScan",
    "SimulatedPerson",
    "Simulation",
    "SimulationChunk",
    "SpentCount",
    "SpentDay",
    "Statement",
    "StatementLine",
    "Transfer",
    "Unfunded",
    "WalletLink",
]
