from . import applications, consents, offers, participations, people, round_reports, rounds

__all__ = [
    "applications", "consents", "offers", "participations", "people", "round_reports", "rounds",
]  # fmt: skip
