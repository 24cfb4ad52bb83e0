from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from import_export import fields, resources

from participants.models import Application
from participants.services.paper import PaperForm, file_paper
from seoul_health.core.errors import DomainError
from seoul_health.core.models import StaffUser

COLUMNS = (
    "paper_no", "name", "phone", "birth_date", "address", "district", "round", "lane", "basis",
    "consented_on",
)  # fmt: skip


class ApplicationResource(resources.ModelResource):  # type: ignore[misc]
    """Paper applications taken at counters, one row each, filed by the same service as the app's.

    `paper_no` is the row's key: a file sent twice changes nothing.
    """

    receipt_no = fields.Field(attribute="receipt_no", column_name="receipt_no")
    paper_no = fields.Field(attribute="paper_no", column_name="paper_no")
    round = fields.Field(attribute="round__code", column_name="round", readonly=True)
    lane = fields.Field(attribute="lane__kind", column_name="lane", readonly=True)
    participant = fields.Field(
        attribute="participant__number", column_name="participant", readonly=True
    )

    class Meta:
        model = Application
        fields = (
            "receipt_no", "paper_no", "participant", "round", "lane", "basis", "status",
            "submitted_at",
        )  # fmt: skip
        import_id_fields = ("paper_no",)
        skip_unchanged = True
        report_skipped = True
        use_transactions = True
        clean_model_instances = False

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        missing = [name for name in COLUMNS if name not in (dataset.headers or [])]
        if missing:
            raise ValidationError(
                _("These columns are missing: {columns}.").format(columns=", ".join(missing))
            )
        self.clerk = kwargs["user"]

    def get_import_fields(self) -> list[Any]:
        return [self.fields["paper_no"]]

    def skip_row(
        self, instance: Any, original: Any, row: Any, import_validation_errors: Any = None
    ) -> bool:
        return instance.pk is not None

    def validate_instance(self, instance: Any, *args: Any, **kwargs: Any) -> None:
        """The service judges the whole row when it is filed."""

    def save_instance(
        self, instance: Application, is_create: bool, row: Any, **kwargs: Any
    ) -> None:
        clerk: StaffUser = self.clerk
        try:
            filed = file_paper(paper_form(row), by=clerk)
        except DomainError as refusal:
            raise ValidationError(str(refusal)) from refusal
        instance.pk, instance.receipt_no = filed.pk, filed.receipt_no


def paper_form(row: Any) -> PaperForm:
    """Turn one row of text into a form, naming the column that is not right."""
    cells = {name: str(row.get(name) or "").strip() for name in COLUMNS}
    empty = [name for name, text in cells.items() if not text]
    if empty:
        raise ValidationError(
            _("These columns are empty: {columns}.").format(columns=", ".join(empty))
        )
    return PaperForm(
        **{
            **cells,
            "birth_date": day_of("birth_date", cells["birth_date"]),
            "consented_on": day_of("consented_on", cells["consented_on"]),
        }
    )


def day_of(column: str, text: str) -> date:
    try:
        return date.fromisoformat(text.replace(".", "-").replace("/", "-"))
    except ValueError as exc:
        wrong = _("{column} must be a day like 1980-05-17, not “{text}”.")
        raise ValidationError(wrong.format(column=column, text=text)) from exc
