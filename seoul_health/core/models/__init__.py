from .decided import DecidedByTwo
from .files import KeptFile
from .records import AccessLog, AuditEvent, StoredAnswer
from .staff import RoleGrant, StaffUser

__all__ = [
    "AccessLog",
    "AuditEvent",
    "DecidedByTwo",
    "KeptFile",
    "RoleGrant",
    "StaffUser",
    "StoredAnswer",
]
