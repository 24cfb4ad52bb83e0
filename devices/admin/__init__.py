from . import devices, loans, records, stock

__all__ = ["devices", "loans", "records", "stock"]
