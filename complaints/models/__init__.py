from .attachments import Attachment
from .bulk import BulkItem, BulkJob
from .catalogue import Category, Holiday, Kind, ReplyTemplate
from .complaints import Channel, Complaint
from .contacts import Contact
from .conversation import ClockEvent, Message
from .merging import Merge, Split

__all__ = [
    "Attachment",
    "BulkItem",
    "BulkJob",
    "Category",
    "Channel",
    "ClockEvent",
    "Complaint",
    "Contact",
    "Holiday",
    "Kind",
    "Merge",
    "Message",
    "ReplyTemplate",
    "Split",
]
