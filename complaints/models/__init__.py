from .catalogue import Category, Holiday, Kind, ReplyTemplate
from .complaints import Channel, Complaint
from .contacts import Contact
from .conversation import ClockEvent, Message

__all__ = [
    "Category",
    "Channel",
    "ClockEvent",
    "Complaint",
    "Contact",
    "Holiday",
    "Kind",
    "Message",
    "ReplyTemplate",
]
