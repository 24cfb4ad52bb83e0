from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from import_export import fields, resources

from participants.models import Application
from participants.services.paper import file_paper
from seoul_health.core.errors import DomainError
from seoul_health.core.models import StaffUser

from .paper_rows import column_of, missing_columns, paper_form


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
        dataset.headers = [column_of(heading) for heading in dataset.headers or []]
        if missing := missing_columns(dataset.headers):
            raise ValidationError(
                _("These columns are missing: {columns}.").format(columns=", ".join(missing))
            )
        self.clerk = kwargs["user"]

    def get_instance(self, instance_loader: Any, row: Any) -> Application | None:
        """Know a row only by a number: rows without one are not all the same paper."""
        number = str(row.get("paper_no") or "").strip()
        return Application.objects.filter(paper_no=number).first() if number else None

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
