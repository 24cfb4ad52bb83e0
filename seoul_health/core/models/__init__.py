from .records import AccessLog, AuditEvent, StoredAnswer
from .staff import RoleGrant, StaffUser

__all__ = ["AccessLog", "AuditEvent", "RoleGrant", "StaffUser", "StoredAnswer"]
