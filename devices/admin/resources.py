"""The spreadsheets watches arrive and leave in."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from import_export import fields, resources, widgets

from devices.models import Device, Lot, Site
from devices.rules.serials import LONGEST, BadSerial, look_of, normalise_serial
from devices.services.stock import place_watches, register_watches
from seoul_health.core.errors import DomainError

# What suppliers call the columns.
COLUMNS = {"일련번호": "serial", "시리얼": "serial", "로트": "lot", "거점": "site"}


class MissingColumns(DomainError):
    code = "missing_columns"

    def __str__(self) -> str:
        return _("The file needs the columns serial, lot and site.")


class ByCode(widgets.Widget):  # type: ignore[misc]
    """A code of a small table, read once per file."""

    def __init__(self, model: type[Lot] | type[Site], *, required: bool) -> None:
        super().__init__()
        self.model, self.required = model, required
        self.known: dict[str, Any] | None = None

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        code = str(value or "").strip()
        if not code and not self.required:
            return None
        if self.known is None:
            self.known = {each.code: each for each in self.model.objects.all()}
        if code not in self.known:
            raise ValueError(_("There is no “{code}”.").format(code=code[:40]))
        return self.known[code]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return value.code if value else ""


class Cells:
    """What a row will hold; the preview shows it as it stands."""

    def __init__(self, resource: Any, instance: Device, new: bool) -> None:
        self.cells: list[str] = []

    def compare_with(self, resource: Any, instance: Device | None) -> None:
        self.cells = [
            str(field.export(instance)) if instance else ""
            for field in resource.get_import_fields()
        ]

    def as_html(self) -> list[str]:
        return self.cells


class ArrivingWatches(resources.ModelResource):  # type: ignore[misc]
    """A lot as its supplier lists it. The same file again changes nothing."""

    lot = fields.Field("lot", "lot", ByCode(Lot, required=True))
    site = fields.Field("site", "site", ByCode(Site, required=False))

    class Meta:
        model = Device
        name = "Watches"
        fields = ("serial", "lot", "site")
        import_id_fields = ("serial",)
        skip_unchanged = True
        use_bulk = True
        batch_size = 1000

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        dataset.headers = [COLUMNS.get(name, name.lower()) for name in dataset.headers]
        if not {"serial", "lot", "site"} <= set(dataset.headers):
            dataset.wipe()
            dataset.headers = ["serial", "lot", "site"]
            raise MissingColumns
        self.by = kwargs["user"]
        serials = {readable for text in dataset["serial"] if (readable := spelled(text))}
        found = Device.objects.filter(serial__in=serials).select_related("lot", "site")
        self.known = {device.serial: device for device in found}
        self.looks = {
            look_of(device.serial): device.serial
            for device in Device.objects.looking_like_any({look_of(each) for each in serials})
        }
        self.rows_of: dict[str, int] = {}

    def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
        try:
            serial = normalise_serial(str(row["serial"]))
        except BadSerial as fault:
            raise ValidationError({"serial": sentence(fault, str(row["serial"]))}) from fault
        first = self.rows_of.setdefault(serial, kwargs["row_number"])
        if first != kwargs["row_number"]:
            twice = _("This serial number is already in row {row}.").format(row=first)
            raise ValidationError({"serial": twice})
        twin = self.looks.setdefault(look_of(serial), serial)
        if twin != serial:
            alike = _("This serial number looks like {other}.").format(other=twin)
            raise ValidationError({"serial": alike})
        row["serial"] = serial

    def get_instance(self, instance_loader: Any, row: dict[str, Any]) -> Device | None:
        return self.known.get(row["serial"])

    def import_instance(self, instance: Device, row: dict[str, Any], **kwargs: Any) -> None:
        before = instance.lot if instance.pk else None
        super().import_instance(instance, row, **kwargs)
        if before is not None and instance.lot != before:
            other = _("This watch belongs to lot {lot}.").format(lot=before.code)
            raise ValidationError({"lot": other})

    def get_diff_class(self) -> type[Cells]:
        return Cells

    def bulk_create(self, *args: Any, result: Any = None, **kwargs: Any) -> None:
        self.write(register_watches, self.create_instances, result)

    def bulk_update(self, *args: Any, result: Any = None, **kwargs: Any) -> None:
        self.write(place_watches, self.update_instances, result)

    def write(self, service: Any, instances: list[Device], result: Any) -> None:
        """Hand a batch to the service; a dry run is rolled back with its transaction."""
        try:
            service(list(instances), by=self.by)
        except Exception as exc:
            # import-export shows what went wrong and rolls everything back.
            self.handle_import_error(result, exc, raise_errors=False)
        finally:
            instances.clear()


class KeptWatches(resources.ModelResource):  # type: ignore[misc]
    """The register as it leaves the house."""

    lot = fields.Field("lot__code", "lot")
    model = fields.Field("lot__model__code", "model")
    site = fields.Field("site__code", "site")

    class Meta:
        model = Device
        name = "Watches"
        fields = ("serial", "model", "lot", "site", "status", "grade", "holds_personal_data")
        export_order = fields

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("lot__model", "site")


def spelled(text: Any) -> str:
    try:
        return normalise_serial(str(text))
    except BadSerial:
        return ""


def sentence(fault: BadSerial, text: str) -> str:
    return {
        "blank": _("The serial number is missing."),
        "too_long": _("The serial number is longer than {limit} signs.").format(limit=LONGEST),
        "strange_sign": _("“{text}” may hold only A–Z, 0–9 and hyphens.").format(text=text[:40]),
    }[fault.code]
