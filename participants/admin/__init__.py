from . import applications, consents, participations, people, rounds

__all__ = ["applications", "consents", "participations", "people", "rounds"]
