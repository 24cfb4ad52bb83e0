from .alerts import CallAttempt, RiskAlert, Threshold
from .inspections import DataWipe, Inspection, Scan
from .keys import ConsumerKey, FeedNotice, SiteKey
from .loans import Loan, LoanReport, RecoveryStep, Shipment
from .readings import Calibration, Instrument, Reading, ReadingBatch
from .reports import QuarantinedReport, StockFeed, StockReport, WindowStock
from .reservations import NoShowRule, PriorityRule, Reservation, Waiting
from .sites import OpeningHours, Site, SpecialDay, Window
from .slots import Resource, Slot, SlotPlan
from .stock import Device, DeviceModel, Lot
from .walking import DaySteps, Source, SyncReceipt

__all__ = [
    "Calibration",
    "CallAttempt",
    "ConsumerKey",
    "DataWipe",
    "DaySteps",
    "Device",
    "DeviceModel",
    "FeedNotice",
    "Inspection",
    "Instrument",
    "Loan",
    "LoanReport",
    "Lot",
    "NoShowRule",
    "OpeningHours",
    "PriorityRule",
    "QuarantinedReport",
    "Reading",
    "ReadingBatch",
    "RecoveryStep",
    "Reservation",
    "Resource",
    "RiskAlert",
    "Scan",
    "Shipment",
    "Site",
    "SiteKey",
    "Slot",
    "SlotPlan",
    "Source",
    "SpecialDay",
    "StockFeed",
    "StockReport",
    "SyncReceipt",
    "Threshold",
    "Waiting",
    "Window",
    "WindowStock",
]
