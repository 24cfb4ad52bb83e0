"""Files in and out of the admin, through django-import-export, with the house's limits."""

import re
import time
import uuid
from pathlib import Path
from typing import Any, TypeVar

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from import_export.admin import ImportExportMixin
from import_export.formats.base_formats import Format
from import_export.forms import ExportForm, ImportForm
from import_export.tmp_storages import BaseStorage

from seoul_health.core import audit
from seoul_health.core.access import log_read
from seoul_health.core.spreadsheets import UnreadableFile, read_table, write_csv, write_xlsx

from .base import staff_of

M = TypeVar("M", bound=Model)
KEPT_SECONDS = 24 * 3600


class Spreadsheet(Format):  # type: ignore[misc]
    """XLSX or CSV, told apart by content; UTF-8 or CP949."""

    def __init__(self, encoding: str | None = None) -> None:
        self.encoding = encoding

    def get_title(self) -> str:
        return "XLSX · CSV"

    def create_dataset(self, in_stream: bytes) -> Any:
        return read_table(in_stream)

    def is_binary(self) -> bool:
        return True

    def can_import(self) -> bool:
        return True


class ExportedXLSX(Format):  # type: ignore[misc]
    def get_title(self) -> str:
        return "XLSX"

    def get_extension(self) -> str:
        return "xlsx"

    def get_content_type(self) -> str:
        return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def can_export(self) -> bool:
        return True

    def export_data(self, dataset: Any, **kwargs: Any) -> bytes:
        return write_xlsx(dataset.headers or [], dataset)


class ExportedCSV(Format):  # type: ignore[misc]
    def get_title(self) -> str:
        return "CSV (UTF-8)"

    def get_extension(self) -> str:
        return "csv"

    def get_content_type(self) -> str:
        return "text/csv; charset=utf-8"

    def can_export(self) -> bool:
        return True

    def export_data(self, dataset: Any, **kwargs: Any) -> bytes:
        return write_csv(dataset.headers or [], dataset)


class PrivateStorage(BaseStorage):  # type: ignore[misc]
    """Uploads between dry run and confirmation: own folder, own names, swept after a day."""

    def path(self) -> Path:
        if not re.fullmatch(r"[0-9a-f]{32}", str(self.name)):
            raise UnreadableFile
        return Path(settings.IMPORT_DIR) / str(self.name)

    def save(self, data: bytes) -> None:
        folder = Path(settings.IMPORT_DIR)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        sweep(folder)
        self.name = uuid.uuid4().hex
        self.path().touch(mode=0o600)
        self.path().write_bytes(data)

    def read(self) -> bytes:
        try:
            return self.path().read_bytes()
        except FileNotFoundError as exc:
            raise UnreadableFile from exc

    def remove(self) -> None:
        self.path().unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Remove uploads nobody confirmed."""
    for left in folder.iterdir():
        if left.stat().st_mtime < time.time() - KEPT_SECONDS:
            left.unlink(missing_ok=True)


class TableImportForm(ImportForm):  # type: ignore[misc]
    """One file; what it is, is seen from its content."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["format"].widget = forms.HiddenInput()
        self.fields["format"].initial = "0"
        self.fields["format"].required = False
        self.fields["import_file"].widget.attrs.pop("class", None)

    def clean_format(self) -> str:
        return "0"

    @property
    def media(self) -> forms.Media:
        return forms.Media()


class ReasonedExportForm(ExportForm):  # type: ignore[misc]
    """A download needs a reason; it is kept with the record of who took what."""

    reason = forms.CharField(
        label=_("Reason for the download"), min_length=5, max_length=200, widget=forms.Textarea
    )

    @property
    def media(self) -> forms.Media:
        return forms.Media()


class ExchangeMixin(ImportExportMixin):  # type: ignore[misc]
    """Import with a dry run and row errors; export with a reason and a record.

    Put it before BigListAdmin. `resource_classes` are django-import-export resources; rows are
    imported by their services.
    """

    import_form_class = TableImportForm
    export_form_class = ReasonedExportForm
    tmp_storage_class = PrivateStorage
    import_formats = [Spreadsheet]
    export_formats = [ExportedXLSX, ExportedCSV]
    show_change_form_export = False

    def add_data_read_fail_error_to_form(self, form: forms.Form, e: Exception) -> None:
        form.add_error("import_file", str(e if isinstance(e, UnreadableFile) else UnreadableFile()))

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Apply what the dry run showed; a second click finds the file gone and changes nothing."""
        try:
            return super().process_import(request, **kwargs)  # type: ignore[no-any-return]
        except UnreadableFile:
            gone = _("This file was already applied, or it is too old. Please choose it again.")
            return self.back_to_import(request, str(gone))

    def process_dataset(self, dataset: Any, form: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Apply every row or none."""
        return super().process_dataset(
            dataset, form, request, rollback_on_validation_errors=True, **kwargs
        )

    def process_result(self, result: Any, request: HttpRequest) -> HttpResponse:
        if result.has_errors() or result.has_validation_errors():
            changed = _("The rows no longer fit as in the dry run; nothing was applied.")
            return self.back_to_import(request, str(changed))
        staff = staff_of(request)
        counts = {kind: number for kind, number in result.totals.items() if number}
        audit.record("imported", staff, by=staff, what=self.model._meta.label_lower, **counts)
        return super().process_result(result, request)  # type: ignore[no-any-return]

    def back_to_import(self, request: HttpRequest, why: str) -> HttpResponse:
        messages.error(request, why)
        meta = self.model._meta
        return redirect(f"admin:{meta.app_label}_{meta.model_name}_import")

    def _do_file_export(
        self,
        file_format: Format,
        request: HttpRequest,
        queryset: QuerySet[Model],
        export_form: forms.Form | None = None,
    ) -> HttpResponse:
        reason = export_form.cleaned_data["reason"] if export_form else ""
        staff = staff_of(request)
        what = self.model._meta.label_lower
        audit.record("exported", staff, by=staff, what=what, reason=reason)
        log_read(
            request,
            self.subjects_of(queryset),
            by=staff,
            action="export",
            what=f"admin:{what}",
            reason=reason,
        )
        return super()._do_file_export(file_format, request, queryset, export_form)  # type: ignore[no-any-return]
