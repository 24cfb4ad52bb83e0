from .inspections import DataWipe, Inspection, Scan
from .loans import Loan, LoanReport, RecoveryStep, Shipment
from .stock import Device, DeviceModel, Lot, Site
from .walking import DaySteps, Source, SyncReceipt

__all__ = [
    "DataWipe",
    "DaySteps",
    "Device",
    "DeviceModel",
    "Inspection",
    "Loan",
    "LoanReport",
    "Lot",
    "RecoveryStep",
    "Scan",
    "Shipment",
    "Site",
    "Source",
    "SyncReceipt",
]
