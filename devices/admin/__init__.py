from . import (
    checklists,
    devices,
    lending,
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
    "lending",
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
