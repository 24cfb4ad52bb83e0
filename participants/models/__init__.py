from .applications import Application, EvidenceDocument
from .consents import ConsentText
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
from .round_changes import RoundChange
from .rounds import Basis, EligibilityRule, Lane, Quota, RecruitmentRound

__all__ = [
    "AppToken",
    "Application",
    "Basis",
    "BulkSend",
    "Channel",
    "ChannelPace",
    "Consent",
    "ConsentText",
    "DeliveryAttempt",
    "Draw",
    "DrawPot",
    "EligibilityRule",
    "EvidenceDocument",
    "Lane",
    "Notification",
    "NotificationTemplate",
    "Offer",
    "OptOut",
    "Participant",
    "Participation",
    "Profile",
    "Quota",
    "RecruitmentRound",
    "RoundChange",
    "Topic",
]
