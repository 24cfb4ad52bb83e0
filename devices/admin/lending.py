"""Carriers, and the terms of lending: a change of the terms is a new version."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from devices.models import Carrier, LoanTerms
from seoul_health.core.admin.base import BigListAdmin


@admin.register(Carrier)
class CarrierAdmin(BigListAdmin[Carrier]):
    list_display = ("name", "code", "lengths", "is_active")
    fields = ("code", "name", "lengths", "is_active")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(LoanTerms)
class LoanTermsAdmin(BigListAdmin[LoanTerms]):
    list_display = ("version", "title", "effective_from")
    fields = ("version", "title", "effective_from", "text")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
