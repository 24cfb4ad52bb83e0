from .alarms import Alarm, AlarmEntry, AlarmPhoto, Position, Trip
from .attachments import Attachment
from .bulk import BulkItem, BulkJob
from .catalogue import Category, Holiday, Kind, ReplyTemplate
from .channels import (
    ContactRefusal,
    InboundBatch,
    InboundCategory,
    InboundRecord,
    OutboundAnswer,
    Source,
)
from .complaints import Channel, Complaint
from .contacts import Contact
from .conversation import ClockEvent, Message
from .days_off import HolidayChange
from .duties import (
    AnswerDraft,
    Consultation,
    DunningNotice,
    RepeatClosure,
    SupplementDemand,
    Transferral,
)
from .guides import FormGuide, GuideReview, GuideScan, GuideText, Language
from .incidents import (
    Component,
    Dismissal,
    Incident,
    IncidentLink,
    IncidentUpdate,
    Severity,
)
from .knowledge import KnowledgeArticle, Macro
from .making_good import CheckedMember, MakeGoodItem, MakeGoodRun, MemberCheck
from .merging import Merge, Split
from .promises import Notice, Promise, PromiseAlarm

__all__ = [
    "Alarm",
    "AlarmEntry",
    "AlarmPhoto",
    "AnswerDraft",
    "Attachment",
    "BulkItem",
    "BulkJob",
    "Category",
    "Channel",
    "CheckedMember",
    "ClockEvent",
    "Complaint",
    "Component",
    "Consultation",
    "Contact",
    "ContactRefusal",
    "Dismissal",
    "DunningNotice",
    "FormGuide",
    "GuideReview",
    "GuideScan",
    "GuideText",
    "Holiday",
    "HolidayChange",
    "InboundBatch",
    "InboundCategory",
    "InboundRecord",
    "Incident",
    "IncidentLink",
    "IncidentUpdate",
    "Kind",
    "KnowledgeArticle",
    "Language",
    "Macro",
    "MakeGoodItem",
    "MakeGoodRun",
    "MemberCheck",
    "Merge",
    "Message",
    "Notice",
    "OutboundAnswer",
    "Position",
    "Promise",
    "PromiseAlarm",
    "RepeatClosure",
    "ReplyTemplate",
    "Severity",
    "Source",
    "Split",
    "SupplementDemand",
    "Transferral",
    "Trip",
]
