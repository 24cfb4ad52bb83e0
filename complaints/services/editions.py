"""Texts in versions: writing the next one, and taking one out of use."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db import transaction

from complaints.errors import ChangedMeanwhile, NotInUse
from complaints.models import KnowledgeArticle, Macro
from complaints.models.knowledge import Edition
from seoul_health.core import audit
from seoul_health.core.db import constraint
from seoul_health.core.models import StaffUser

E = TypeVar("E", bound=Edition)
ONE_EACH: dict[type[Edition], str] = {
    Macro: "one_macro_per_version",
    KnowledgeArticle: "one_article_per_version",
}


@transaction.atomic
def write(kind: type[E], code: str, values: Mapping[str, Any], *, by: StaffUser) -> E:
    """Write the first or the next version of a text; the one before goes out of use."""
    rows = kind._default_manager.filter(code=code)
    last = rows.select_for_update().order_by("-version").first()
    rows.filter(is_active=True).update(is_active=False)
    with constraint(ONE_EACH[kind], ChangedMeanwhile()):
        row = kind._default_manager.create(
            code=code, version=last.version + 1 if last else 1, made_by=by, **values
        )
    audit.record("changed" if last else "added", row, by=by, version=row.version)
    return row


@transaction.atomic
def retire(row: Edition, *, by: StaffUser) -> None:
    """Take a text out of use; it stays readable where it was used."""
    rows = type(row)._default_manager.filter(pk=row.pk, is_active=True)
    if not rows.update(is_active=False):
        raise NotInUse
    row.is_active = False
    audit.record("retired", row, by=by, version=row.version)
