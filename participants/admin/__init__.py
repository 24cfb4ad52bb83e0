from . import applications, consents, offers, participations, people, rounds

__all__ = ["applications", "consents", "offers", "participations", "people", "rounds"]
