from .catalogue import CategoryAdmin, HolidayAdmin, ReplyTemplateAdmin
from .complaints import ComplaintAdmin, ContactAdmin
from .knowledge import KnowledgeArticleAdmin, MacroAdmin

__all__ = [
    "CategoryAdmin",
    "ComplaintAdmin",
    "ContactAdmin",
    "HolidayAdmin",
    "KnowledgeArticleAdmin",
    "MacroAdmin",
    "ReplyTemplateAdmin",
]
