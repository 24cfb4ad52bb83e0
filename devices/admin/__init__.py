from . import (
    checklists,
    devices,
    loans,
    policies,
    readings,
    records,
    sites,
    slots,
    stock,
    stock_feed,
    walking,
)

__all__ = [
    "checklists",
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
