from . import (
    applications,
    bulk_sends,
    consents,
    draws,
    message_templates,
    notifications,
    offers,
    participations,
    people,
    reviews,
    round_reports,
    rounds,
)

__all__ = [
    "applications",
    "bulk_sends",
    "consents",
    "draws",
    "message_templates",
    "notifications",
    "offers",
    "participations",
    "people",
    "reviews",
    "round_reports",
    "rounds",
]
