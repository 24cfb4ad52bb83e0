from .alerts import CallAttempt, RiskAlert, Threshold
from .inspections import DataWipe, Inspection, Scan
from .loans import Loan, LoanReport, RecoveryStep, Shipment
from .readings import Calibration, Instrument, Reading, ReadingBatch
from .reservations import NoShowRule, PriorityRule, Reservation, Waiting
from .sites import OpeningHours, Site, SpecialDay, Window
from .slots import Resource, Slot, SlotPlan
from .stock import Device, DeviceModel, Lot
from .walking import DaySteps, Source, SyncReceipt

__all__ = [
    "Calibration",
    "CallAttempt",
    "DataWipe",
    "DaySteps",
    "Device",
    "DeviceModel",
    "Inspection",
    "Instrument",
    "Loan",
    "LoanReport",
    "Lot",
    "NoShowRule",
    "OpeningHours",
    "PriorityRule",
    "Reading",
    "ReadingBatch",
    "RecoveryStep",
    "Reservation",
    "Resource",
    "RiskAlert",
    "Scan",
    "Shipment",
    "Site",
    "Slot",
    "SlotPlan",
    "Source",
    "SpecialDay",
    "SyncReceipt",
    "Threshold",
    "Waiting",
    "Window",
]
