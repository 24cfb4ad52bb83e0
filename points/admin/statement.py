"""What a statement page may be asked: which days, as of when, and on which paper."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from points.models import Account
from points.services.account_statements import AccountStatement, statement_of
from points.services.statement_sheets import sheet_of, table_of
from seoul_health.core import clock

LONGEST = timedelta(days=366)
USUAL = timedelta(days=91)
MOST_IN_A_FILE = 20_000


class StatementForm(forms.Form):
    first = forms.DateField(
        label=_("First day"), required=False, widget=forms.DateInput({"type": "date"})
    )
    last = forms.DateField(
        label=_("Last day"), required=False, widget=forms.DateInput({"type": "date"})
    )
    as_of = forms.DateTimeField(
        label=_("As of (Seoul time)"),
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local", "step": "1"}),
    )

    def clean_as_of(self) -> datetime | None:
        moment: datetime | None = self.cleaned_data["as_of"]
        if moment is not None and moment > clock.now():
            raise forms.ValidationError(gettext("This moment has not come yet."))
        return moment

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        asked = span_of(cleaned)
        if not timedelta(0) <= asked.last - asked.first < LONGEST:
            told = gettext("Ask for at most 366 days, the earlier day first.")
            raise forms.ValidationError(told)
        return cleaned


@dataclass(frozen=True, slots=True)
class Asked:
    first: date
    last: date
    as_of: datetime | None


def span_of(cleaned: dict[str, Any]) -> Asked:
    """Fill in the days that were not given: the last three months."""
    as_of = cleaned.get("as_of")
    last = cleaned.get("last") or (clock.seoul_day(as_of) if as_of else clock.today())
    return Asked(cleaned.get("first") or last - USUAL, last, as_of)


def read_asked(form: StatementForm) -> Asked:
    """Give what was asked for; what cannot be read asks for nothing."""
    return span_of(form.cleaned_data if form.is_valid() else {})


def statement_asked(account: Account, asked: Asked, *, most: int) -> AccountStatement:
    return statement_of(
        account, asked.first, asked.last, as_of=asked.as_of, owner=account.participant, most=most
    )


def quick_spans(today: date) -> Iterator[tuple[str, str]]:
    """Offer the spans people ask for most, as the query of a link."""
    this_month = today.replace(day=1)
    last_month = clock.add_months(this_month, -1)
    for label, first, last in (
        (gettext("This month"), this_month, today),
        (gettext("Last month"), last_month, this_month - timedelta(days=1)),
        (gettext("This year"), today.replace(month=1, day=1), today),
        (gettext("Last year"), date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)),
    ):
        yield label, urlencode({"first": first.isoformat(), "last": last.isoformat()})


def file_of(statement: AccountStatement, account: Account, *, kind: str) -> HttpResponse:
    """Answer with a statement as a file; whose it is stays a number."""
    span = f"{statement.first:%Y%m%d}-{statement.last:%Y%m%d}"
    name = f"statement-{account.pk}-{span}.{kind}"
    if kind == "pdf":
        return sheet_of(statement, holder="", number=account.label).as_response(name)
    table = table_of(statement, number=account.label)
    answer = HttpResponse(table, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer
