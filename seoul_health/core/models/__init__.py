from .decided import DecidedByTwo
from .records import AccessLog, AuditEvent, StoredAnswer
from .staff import RoleGrant, StaffUser

__all__ = ["AccessLog", "AuditEvent", "DecidedByTwo", "RoleGrant", "StaffUser", "StoredAnswer"]
