"""The file sites come in: one row a site, its windows and weekday hours beside it."""

import re
from datetime import time
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from import_export import resources

from devices.admin.resources import Cells
from devices.models import Site
from devices.services.sites import correct_sites, register_sites
from seoul_health.core.errors import DomainError

# What offices call the columns and the kinds.
COLUMNS = {
    "코드": "code", "이름": "name", "명칭": "name", "종류": "kind", "구분": "kind",
    "자치구": "district", "주소": "address", "전화": "phone", "전화번호": "phone",
    "위도": "lat", "경도": "lng", "창구": "windows", "창구수": "windows", "평일": "weekdays",
    "운영시간": "weekdays",
}  # fmt: skip
NEEDED = ("code", "name", "kind", "district", "address", "lat", "lng")
KINDS = {
    "보건소": Site.Kind.HEALTH_CENTRE, "주민센터": Site.Kind.COMMUNITY_CENTRE,
    "헬스케어존": Site.Kind.ZONE, "물류센터": Site.Kind.DEPOT,
}  # fmt: skip
MOST_WINDOWS = 20
HOURS = re.compile(r"([0-2]?[0-9]):([0-5][0-9])\s*[-~–]\s*([0-2]?[0-9]):([0-5][0-9])")


class MissingColumns(DomainError):
    code = "missing_columns"
    message = ""

    def __str__(self) -> str:
        return _("The file needs the columns {columns}.").format(columns=", ".join(NEEDED))


class ArrivingSites(resources.ModelResource):  # type: ignore[misc]
    """Sites as an office lists them. The same file again changes nothing."""

    class Meta:
        model = Site
        name = "Sites"
        fields = ("code", "name", "kind", "district", "address", "phone", "lat", "lng")
        import_id_fields = ("code",)
        skip_unchanged = True
        use_bulk = True
        clean_model_instances = True
        batch_size = 1000

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        dataset.headers = [COLUMNS.get(name, name.lower()) for name in dataset.headers]
        if not set(NEEDED) <= set(dataset.headers):
            dataset.wipe()
            dataset.headers = [*NEEDED]
            raise MissingColumns
        self.by = kwargs["user"]
        self.windows: dict[str, int] = {}
        self.hours: dict[str, tuple[time, time]] = {}
        self.rows_of: dict[str, int] = {}

    def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
        code = row["code"] = str(row["code"] or "").strip()
        first = self.rows_of.setdefault(code, kwargs["row_number"])
        if first != kwargs["row_number"]:
            twice = _("This code is already in row {row}.").format(row=first)
            raise ValidationError({"code": twice})
        kind = str(row["kind"] or "").strip()
        row["kind"] = KINDS.get(kind, kind)
        row["phone"] = str(row.get("phone") or "").strip()
        if windows := str(row.get("windows") or "").strip():
            self.windows[code] = window_count(windows)
        if hours := str(row.get("weekdays") or "").strip():
            self.hours[code] = span_of(hours)

    def get_diff_class(self) -> type[Cells]:
        return Cells

    def skip_row(self, instance: Site, original: Site, *args: Any, **kwargs: Any) -> bool:
        """A row whose site is as it was may still bring windows or hours."""
        furnished = instance.code in self.windows or instance.code in self.hours
        return not furnished and bool(super().skip_row(instance, original, *args, **kwargs))

    def bulk_create(self, *args: Any, result: Any = None, **kwargs: Any) -> None:
        self.write(register_sites, self.create_instances, result)

    def bulk_update(self, *args: Any, result: Any = None, **kwargs: Any) -> None:
        self.write(correct_sites, self.update_instances, result)

    def write(self, service: Any, instances: list[Site], result: Any) -> None:
        """Hand a batch to the service; a dry run is rolled back with its transaction."""
        try:
            service(list(instances), windows=self.windows, hours=self.hours, by=self.by)
        except Exception as exc:
            # import-export shows what went wrong and rolls everything back.
            self.handle_import_error(result, exc, raise_errors=False)
        finally:
            instances.clear()


def window_count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 3 and int(text) <= MOST_WINDOWS):
        most = _("The number of windows is a whole number up to {most}.").format(most=MOST_WINDOWS)
        raise ValidationError({"windows": most})
    return int(text)


def span_of(text: str) -> tuple[time, time]:
    found = HOURS.fullmatch(text)
    try:
        opens, closes = (time(int(found[at]), int(found[at + 1])) for at in (1, 3))  # type: ignore[index]
    except (TypeError, ValueError) as fault:
        raise ValidationError({"weekdays": _("Hours look like 09:00-18:00.")}) from fault
    if opens >= closes:
        raise ValidationError({"weekdays": _("A site must open before it closes.")})
    return opens, closes
