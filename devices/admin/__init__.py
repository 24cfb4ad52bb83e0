from . import devices, loans, records, stock, walking

__all__ = ["devices", "loans", "records", "stock", "walking"]
