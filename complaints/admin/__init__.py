from .catalogue import CategoryAdmin, HolidayAdmin, ReplyTemplateAdmin
from .complaints import ComplaintAdmin, ContactAdmin

__all__ = [
    "CategoryAdmin",
    "ComplaintAdmin",
    "ContactAdmin",
    "HolidayAdmin",
    "ReplyTemplateAdmin",
]
