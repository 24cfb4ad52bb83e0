from . import records, staff

__all__ = ["records", "staff"]
