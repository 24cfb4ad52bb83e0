"""Upload and download of tables: dry run first, rows through a service, a reason for taking out."""

import contextlib
import csv
import io
import re
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, TypeVar

import tablib
import xlsxwriter
from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import conditional_escape
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export.admin import ExportMixin, ImportMixin
from import_export.formats.base_formats import Format
from import_export.forms import ExportForm
from import_export.resources import ModelResource, Resource
from import_export.results import RowResult
from import_export.tmp_storages import BaseStorage

from seoul_health.core import audit, clock
from seoul_health.core.access import log_read
from seoul_health.core.errors import DomainError
from seoul_health.core.imports import FileRefused, Table, read_table, require_columns

from .base import staff_of

M = TypeVar("M", bound=Model)
NEW, SKIP, UPDATE = (
    RowResult.IMPORT_TYPE_NEW,
    RowResult.IMPORT_TYPE_SKIP,
    RowResult.IMPORT_TYPE_UPDATE,
)
FOLDER, KEPT = "imports", timedelta(hours=1)
NAME = re.compile(r"[0-9a-f]{32}")
FORMULA = tuple("=+-@\t\r|＝＋－＠")
SUBJECTS_PER_RECORD = 1000


class UploadGone(FileRefused):
    code = "upload_gone"
    message = gettext_lazy("This file has already been applied or is too old. Please choose it.")


class PrivateFolder(BaseStorage):
    """Where an upload waits between dry run and application: an hour, under a random name."""

    def save(self, octets: bytes) -> None:
        drop_stale_uploads()
        self.name = uuid.uuid4().hex
        default_storage.save(f"{FOLDER}/{self.name}", ContentFile(octets))

    def read(self) -> bytes:
        if not NAME.fullmatch(self.name or ""):
            raise UploadGone
        try:
            with default_storage.open(f"{FOLDER}/{self.name}") as file:
                return bytes(file.read())
        except FileNotFoundError as exc:
            raise UploadGone from exc

    def remove(self) -> None:
        default_storage.delete(f"{FOLDER}/{self.name}")


def drop_stale_uploads() -> int:
    """Remove uploads that nobody applied."""
    if not default_storage.exists(FOLDER):
        return 0
    stale = 0
    for name in default_storage.listdir(FOLDER)[1]:
        path = f"{FOLDER}/{name}"
        with contextlib.suppress(FileNotFoundError):
            if default_storage.get_modified_time(path) < clock.now() - KEPT:
                default_storage.delete(path)
                stale += 1
    return stale


class TableFile(Format):  # type: ignore[misc]
    """XLSX or CSV, told apart by content."""

    def __init__(self, encoding: str | None = None) -> None:
        self.encoding = encoding

    def get_title(self) -> str:
        return "XLSX, CSV"

    def create_dataset(self, octets: bytes) -> tablib.Dataset:
        table = read_table(octets)
        return tablib.Dataset(*table.rows, headers=table.headings)

    def can_import(self) -> bool:
        return True


class RowResource(Resource):  # type: ignore[misc]
    """Take each row through a service; a refused row is reported, and then none is taken.

    `aliases` gives the code's name for what people call a column.
    """

    aliases: dict[str, str] = {}
    needed: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()

    class Meta:
        import_id_fields = ()
        use_transactions = True
        report_skipped = True

    def take(self, row: dict[str, str], *, by: audit.Actor) -> str:
        """Call the service; say NEW, UPDATE, or SKIP when the row was taken before."""
        raise NotImplementedError

    def preview(self, row: dict[str, str]) -> list[str]:
        """Show what a row would do, one text per `shown` column, personal data masked."""
        return [row.get(name, "") for name in self.shown]

    def before_import(self, dataset: tablib.Dataset, **kwargs: Any) -> None:
        dataset.headers = [self.aliases.get(name, name) for name in dataset.headers]
        require_columns(Table(dataset.headers, []), self.needed)

    def _check_import_id_fields(self, headers: list[str]) -> None:
        """Rows are known by what the service knows them by."""

    def get_diff_headers(self) -> list[str]:
        return list(self.shown)

    def import_row(self, row: dict[str, str], instance_loader: Any, **kwargs: Any) -> RowResult:
        outcome = RowResult()
        outcome.row_values = row
        try:
            blank = not any(row.values())
            outcome.import_type = SKIP if blank else self.take(row, by=kwargs["user"])
            outcome.diff = [conditional_escape(text) for text in self.preview(row)]
        except ValidationError as refusal:
            outcome.import_type = RowResult.IMPORT_TYPE_INVALID
            outcome.validation_error = refusal
        except DomainError as refusal:
            outcome.import_type = RowResult.IMPORT_TYPE_INVALID
            outcome.validation_error = ValidationError(str(refusal))
        return outcome


class TableImport(ImportMixin):  # type: ignore[misc]
    """An admin that takes tables; put it before BigListAdmin and set resource_classes."""

    import_formats = [TableFile]
    tmp_storage_class = PrivateFolder
    model: type[Model]

    def get_import_formats(self) -> list[type[Format]]:
        return self.import_formats

    def get_import_resource_classes(self, request: HttpRequest) -> list[type[Resource]]:
        return [self.import_resource]

    def add_data_read_fail_error_to_form(self, form: forms.Form, exc: Exception) -> None:
        refusal = exc if isinstance(exc, DomainError) else FileRefused()
        form.add_error("import_file", str(refusal))

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Apply what was shown in the dry run; a second click finds the file gone."""
        try:
            applied: HttpResponse = super().process_import(request, **kwargs)
        except DomainError as refusal:
            messages.error(request, str(refusal))
            return HttpResponseRedirect(self.import_page("import"))
        return applied

    def process_dataset(self, dataset: Any, form: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Apply all rows or none."""
        return super().process_dataset(
            dataset, form, request, rollback_on_validation_errors=True, **kwargs
        )

    def process_result(self, outcome: Any, request: HttpRequest) -> HttpResponse:
        if outcome.has_errors() or outcome.has_validation_errors():
            said = _("The rows have changed since the dry run; nothing was applied.")
            messages.error(request, said)
            return HttpResponseRedirect(self.import_page("import"))
        self.add_success_message(outcome, request)
        return HttpResponseRedirect(self.import_page("changelist"))

    def add_success_message(self, outcome: Any, request: HttpRequest) -> None:
        counts = outcome.totals
        said = _("Applied: {new} new, {updated} changed, {skipped} already there.")
        messages.success(
            request, said.format(new=counts[NEW], updated=counts[UPDATE], skipped=counts[SKIP])
        )

    def import_page(self, kind: str) -> str:
        meta = self.model._meta
        return reverse(f"admin:{meta.app_label}_{meta.model_name}_{kind}")


def harmless(value: object) -> str:
    """Write a value so that no spreadsheet takes it for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


class SafeCSV(Format):  # type: ignore[misc]
    def get_title(self) -> str:
        return "csv"

    def get_extension(self) -> str:
        return "csv"

    def get_content_type(self) -> str:
        return "text/csv; charset=utf-8"

    def can_export(self) -> bool:
        return True

    def export_data(self, dataset: tablib.Dataset, **kwargs: Any) -> bytes:
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(dataset.headers)
        writer.writerows([harmless(cell) for cell in row] for row in dataset)
        return text.getvalue().encode("utf-8-sig")


class SafeXLSX(Format):  # type: ignore[misc]
    def get_title(self) -> str:
        return "xlsx"

    def get_extension(self) -> str:
        return "xlsx"

    def get_content_type(self) -> str:
        return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def can_export(self) -> bool:
        return True

    def export_data(self, dataset: tablib.Dataset, **kwargs: Any) -> bytes:
        octets = io.BytesIO()
        with xlsxwriter.Workbook(octets, {"in_memory": True}) as book:
            sheet = book.add_worksheet()
            for line, cells in enumerate([dataset.headers, *dataset]):
                for column, cell in enumerate(cells):
                    sheet.write_string(line, column, harmless(cell))
        return octets.getvalue()


class ReasonedExportForm(ExportForm):  # type: ignore[misc]
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        help_text=gettext_lazy("It is kept in the access log together with your name."),
    )


class ReasonedExport(ExportMixin):  # type: ignore[misc]
    """An admin whose list can be taken out, for a reason that is written down."""

    export_form_class = ReasonedExportForm
    subjects_of: Callable[[Any], list[str]]
    opts: Any

    def get_export_formats(self) -> list[type[Format]]:
        return [SafeXLSX, SafeCSV]

    def get_export_resource_classes(self, request: HttpRequest) -> list[type[ModelResource]]:
        return [self.export_resource]

    def get_valid_export_item_pks(self, request: HttpRequest) -> list[int]:
        return []

    def get_export_data(
        self, file_format: Format, request: HttpRequest, queryset: QuerySet[M], **kwargs: Any
    ) -> Any:
        reason = kwargs["export_form"].cleaned_data["reason"]
        for subjects in packs(self.subjects_of(queryset.iterator(2000))):
            log_read(
                request,
                subjects,
                by=staff_of(request),
                action="export",
                what=f"admin:{self.opts.label_lower}",
                reason=reason,
            )
        return super().get_export_data(file_format, request, queryset, **kwargs)


def packs(subjects: list[str]) -> Iterator[list[str]]:
    for first in range(0, len(subjects), SUBJECTS_PER_RECORD):
        yield subjects[first : first + SUBJECTS_PER_RECORD]
