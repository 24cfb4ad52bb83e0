from .applications import Application, EvidenceDocument
from .consents import ConsentText
from .offers import Offer
from .people import AppToken, Consent, Participant, Participation, Profile
from .rounds import Basis, EligibilityRule, Lane, Quota, RecruitmentRound

__all__ = [
    "AppToken",
    "Application",
    "Basis",
    "Consent",
    "ConsentText",
    "EligibilityRule",
    "EvidenceDocument",
    "Lane",
    "Offer",
    "Participant",
    "Participation",
    "Profile",
    "Quota",
    "RecruitmentRound",
]
