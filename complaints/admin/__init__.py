from .catalogue import CategoryAdmin, HolidayAdmin, InboundCategoryAdmin, ReplyTemplateAdmin
from .complaints import ComplaintAdmin, ContactAdmin
from .knowledge import KnowledgeArticleAdmin, MacroAdmin

__all__ = [
    "CategoryAdmin",
    "ComplaintAdmin",
    "ContactAdmin",
    "HolidayAdmin",
    "InboundCategoryAdmin",
    "KnowledgeArticleAdmin",
    "MacroAdmin",
    "ReplyTemplateAdmin",
]
