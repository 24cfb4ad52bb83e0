from . import applications, people, rounds

__all__ = ["applications", "people", "rounds"]
