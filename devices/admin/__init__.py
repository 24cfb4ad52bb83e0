from . import devices, loans, policies, readings, records, sites, slots, stock, stock_feed, walking

__all__ = [
    "devices",
    "loans",
    "policies",
    "readings",
    "records",
    "sites",
    "slots",
    "stock",
    "stock_feed",
    "walking",
]
