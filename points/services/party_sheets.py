"""A closed month on paper: what was paid out, and what each party owes of it."""

from django.utils.translation import gettext as _

from points.models import Party, Statement
from points.services.cost_shares import owed_of
from seoul_health.core.pdf import Sheet


def sheet_of(statement: Statement) -> Sheet:
    """Set a month's statement for printing; its columns add up to the won."""
    title = _("Statement of costs for {month}").format(month=statement)
    sheet = Sheet(title, as_of=statement.closed_at)
    sheet.facts(
        [
            (_("Paid out"), _("{amount} won").format(amount=f"{statement.paid:,}")),
            (_("Payouts"), f"{statement.payouts:,}"),
            (_("Closed by"), statement.closed_by),
        ]
    )
    lines = statement.lines.select_related("cost_share").order_by("pk")
    head = [_("Cost share"), _("Party"), _("Paid out"), _("Amount")]
    rows: list[list[object]] = [
        [line.cost_share.code, line.get_party_display(), line.paid, line.amount] for line in lines
    ]
    if rows:
        sheet.table(head, rows, widths=(4, 3, 2, 2), numbers=(2, 3))
    add_corrections(sheet, statement)
    sheet.heading(_("What each party owes"))
    owed = owed_of(statement)
    sums: list[list[object]] = [
        [Party(party).label, amount] for party, amount in owed.items() if amount
    ]
    total: list[object] = [_("Total"), sum(owed.values())]
    sheet.table([_("Party"), _("Amount")], [*sums, total], widths=(5, 2), numbers=(1,))
    return sheet


def add_corrections(sheet: Sheet, statement: Statement) -> None:
    corrections = statement.corrected_by.select_related("corrects").order_by("pk")
    rows: list[list[object]] = [
        [
            str(one.corrects),
            one.why,
            one.get_relieved_display(),
            one.get_charged_display(),
            one.amount,
        ]
        for one in corrections
    ]
    if rows:
        sheet.heading(_("Corrections of earlier months"))
        head = [_("Month"), _("Reason"), _("From"), _("To"), _("Amount")]
        sheet.table(head, rows, widths=(1.5, 4, 2, 2, 2), numbers=(4,))
