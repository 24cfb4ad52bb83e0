"""The policies of recovery and compensation: data with a first and a last day."""

from django.contrib import admin

from devices.admin.stock import RegisterAdmin
from devices.models import CompensationPolicy, RecoveryPolicy


@admin.register(RecoveryPolicy)
class RecoveryPolicyAdmin(RegisterAdmin[RecoveryPolicy]):
    list_display = (
        "offset_days", "kind", "template", "cost", "wait_days", "effective_from", "effective_to",
    )  # fmt: skip
    list_filter = ("kind",)
    fields = list_display


@admin.register(CompensationPolicy)
class CompensationPolicyAdmin(RegisterAdmin[CompensationPolicy]):
    list_display = (
        "cause", "grade", "months_from", "months_to", "percent", "holds_payouts", "instalments",
        "effective_from", "effective_to",
    )  # fmt: skip
    list_filter = ("cause",)
    fields = list_display
