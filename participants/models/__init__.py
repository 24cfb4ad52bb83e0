from .applications import Application, EvidenceDocument
from .consents import ConsentText
from .decisions import Appeal, Decision
from .draws import Draw, DrawPot
from .notifications import (
    BulkSend,
    Channel,
    ChannelPace,
    DeliveryAttempt,
    Notification,
    NotificationTemplate,
    OptOut,
    Topic,
)
from .offers import Offer
from .people import AppToken, Consent, Participant, Participation, Profile
from .reasons import ReasonCode
from .reviews import ApprovalBatch, BatchItem, ReviewClaim
from .round_changes import RoundChange
from .round_reports import FairnessLine, FairnessReport, RuleTrial, TrialResult
from .rounds import Basis, EligibilityRule, Lane, Quota, RecruitmentRound

__all__ = [
    "AppToken",
    "Appeal",
    "Application",
    "ApprovalBatch",
    "Basis",
    "BatchItem",
    "BulkSend",
    "Channel",
    "ChannelPace",
    "Consent",
    "ConsentText",
    "Decision",
    "DeliveryAttempt",
    "Draw",
    "DrawPot",
    "EligibilityRule",
    "EvidenceDocument",
    "FairnessLine",
    "FairnessReport",
    "Lane",
    "Notification",
    "NotificationTemplate",
    "Offer",
    "OptOut",
    "Participant",
    "Participation",
    "Profile",
    "Quota",
    "ReasonCode",
    "RecruitmentRound",
    "ReviewClaim",
    "RoundChange",
    "RuleTrial",
    "Topic",
    "TrialResult",
]
