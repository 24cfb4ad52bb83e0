from django.contrib import admin

from seoul_health.core.models import AccessLog, AuditEvent

from .base import ReadOnlyAdmin


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin[AuditEvent]):
    list_display = ("at", "actor", "verb", "subject")
    search_fields = ("subject__startswith",)
    search_help_text = "devices.loan:123"


@admin.register(AccessLog)
class AccessLogAdmin(ReadOnlyAdmin[AccessLog]):
    """The monthly review: who looked at whom. Looking at it is no read of personal data."""

    list_display = ("at", "actor", "ip", "action", "what", "subjects", "reason")
    list_filter = ("action",)
    search_fields = ("actor__exact", "subjects__contains")
    search_help_text = "staff:kim"

    def get_search_results(self, request, queryset, search_term):  # type: ignore[no-untyped-def]
        """Find by exact actor, or by the number of the person looked at."""
        if not search_term:
            return queryset, False
        if search_term.startswith(("staff:", "system:", "participant:")):
            return queryset.filter(actor=search_term), False
        return queryset.about(search_term), False
