from .applications import Application, EvidenceDocument
from .people import AppToken, Consent, Participant, Participation, Profile
from .rounds import Basis, EligibilityRule, Lane, Quota, RecruitmentRound

__all__ = [
    "AppToken",
    "Application",
    "Basis",
    "Consent",
    "EligibilityRule",
    "EvidenceDocument",
    "Lane",
    "Participant",
    "Participation",
    "Profile",
    "Quota",
    "RecruitmentRound",
]
