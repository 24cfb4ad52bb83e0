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
from .knowledge import KnowledgeArticle, Macro
from .merging import Merge, Split

__all__ = [
    "AnswerDraft",
    "Attachment",
    "BulkItem",
    "BulkJob",
    "Category",
    "Channel",
    "ClockEvent",
    "Complaint",
    "Consultation",
    "Contact",
    "ContactRefusal",
    "DunningNotice",
    "Holiday",
    "HolidayChange",
    "InboundBatch",
    "InboundCategory",
    "InboundRecord",
    "Kind",
    "KnowledgeArticle",
    "Macro",
    "Merge",
    "Message",
    "OutboundAnswer",
    "RepeatClosure",
    "ReplyTemplate",
    "Source",
    "Split",
    "SupplementDemand",
    "Transferral",
]
