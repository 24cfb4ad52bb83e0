from .alerts import CallAttempt, RiskAlert, Threshold
from .allocations import Allocation
from .campaigns import RecallAttempt, RecallCampaign, RecallUnit
from .checklists import CheckAnswer, CheckItem, Checklist
from .compensation import (
    Cause,
    CompensationCase,
    CompensationPayment,
    CompensationPolicy,
    CompensationWaiver,
)
from .courier import Carrier, CourierFile
from .disposals import DisposalBatch, DisposalUnit
from .inspections import DataWipe, Inspection, Scan
from .keys import ConsumerKey, FeedNotice, SiteKey
from .loans import Loan, LoanReport, RecoveryStep
from .manifests import ArrivalScan, ExpectedWatch, Manifest, StagedWatch
from .readings import Calibration, Instrument, Reading, ReadingBatch
from .recovery import RecoveryCall, RecoveryPolicy, RecoveryTask
from .repairs import RepairTicket
from .reports import QuarantinedReport, StockFeed, StockReport, WindowStock
from .reservations import NoShowRule, PriorityRule, Reservation, Waiting
from .shipments import ParcelBatch, Shipment
from .silent import SilentLoan, SilentStep
from .sites import OpeningHours, Site, SpecialDay, Window
from .slots import Resource, Slot, SlotPlan
from .stock import Device, DeviceModel, Lot
from .stocktakes import CountedWatch, CountScan, Stocktake
from .terms import LoanTerms
from .walking import DaySteps, Source, SyncReceipt
from .watch_papers import WatchPaper

__all__ = [
    "Allocation",
    "ArrivalScan",
    "Calibration",
    "CallAttempt",
    "Carrier",
    "Cause",
    "CheckAnswer",
    "CheckItem",
    "Checklist",
    "CompensationCase",
    "CompensationPayment",
    "CompensationPolicy",
    "CompensationWaiver",
    "ConsumerKey",
    "CountScan",
    "CountedWatch",
    "CourierFile",
    "DataWipe",
    "DaySteps",
    "Device",
    "DeviceModel",
    "DisposalBatch",
    "DisposalUnit",
    "ExpectedWatch",
    "FeedNotice",
    "Inspection",
    "Instrument",
    "Loan",
    "LoanReport",
    "LoanTerms",
    "Lot",
    "Manifest",
    "NoShowRule",
    "OpeningHours",
    "ParcelBatch",
    "PriorityRule",
    "QuarantinedReport",
    "Reading",
    "ReadingBatch",
    "RecallAttempt",
    "RecallCampaign",
    "RecallUnit",
    "RecoveryCall",
    "RecoveryPolicy",
    "RecoveryStep",
    "RecoveryTask",
    "RepairTicket",
    "Reservation",
    "Resource",
    "RiskAlert",
    "Scan",
    "Shipment",
    "SilentLoan",
    "SilentStep",
    "Site",
    "SiteKey",
    "Slot",
    "SlotPlan",
    "Source",
    "SpecialDay",
    "StagedWatch",
    "StockFeed",
    "StockReport",
    "Stocktake",
    "SyncReceipt",
    "Threshold",
    "Waiting",
    "WatchPaper",
    "Window",
    "WindowStock",
]
