from .loans import DataWipe, Inspection, Loan, RecoveryStep, Shipment
from .stock import Device, DeviceModel, Lot, Site
from .walking import DaySteps, Source, SyncReceipt

__all__ = [
    "DataWipe",
    "DaySteps",
    "Device",
    "DeviceModel",
    "Inspection",
    "Loan",
    "Lot",
    "RecoveryStep",
    "Shipment",
    "Site",
    "Source",
    "SyncReceipt",
]
