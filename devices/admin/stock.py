from typing import TypeVar

from django.contrib import admin
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest

from devices.models import DeviceModel, Lot
from seoul_health.core import audit
from seoul_health.core.admin.base import BigListAdmin, staff_of

M = TypeVar("M", bound=Model)


class RegisterAdmin(BigListAdmin[M]):
    """Rows staff keep by hand; each change is signed."""

    def save_model(self, request: HttpRequest, obj: M, form: ModelForm[M], change: bool) -> None:
        super().save_model(request, obj, form, change)
        verb = "changed" if change else "added"
        audit.record(verb, obj, by=staff_of(request), fields=form.changed_data)


@admin.register(DeviceModel)
class DeviceModelAdmin(RegisterAdmin[DeviceModel]):
    list_display = ("code", "name", "maker")
    search_fields = ("code__startswith",)
    fields = ("code", "name", "maker", "serial_length")


@admin.register(Lot)
class LotAdmin(RegisterAdmin[Lot]):
    list_display = ("code", "model", "supplier", "contract_no", "unit_price", "received_on")
    list_select_related = ("model",)
    search_fields = ("code__startswith", "contract_no__exact")
    fields = (
        "code",
        "model",
        "supplier",
        "contract_no",
        "unit_price",
        "ordered",
        "received_on",
        "warranty_until",
    )
