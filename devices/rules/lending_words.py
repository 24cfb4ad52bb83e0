"""Where a watch stands, in words that can be read to the citizen."""

from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from seoul_health.core.clock import KST

SENTENCES = {
    "reserved": gettext_lazy(
        "A watch was set aside on {reserved}; it has not been handed to the courier yet."
    ),
    "shipped": gettext_lazy("The watch is on its way to you{parcel}."),
    "delivered": gettext_lazy("The watch arrived on {arrived}; its receipt is not confirmed yet."),
    "live": gettext_lazy("The watch is lent until {due}."),
    "overdue": gettext_lazy("The watch was lent until {due} and has not come back yet."),
    "recall_requested": gettext_lazy(
        "The watch has been asked back; it is due on {due} and has not come back yet."
    ),
    "returning": gettext_lazy("The watch is on its way back to us{parcel}."),
    "returned": gettext_lazy(
        "The watch came back on {returned}; it is being inspected before the loan is closed."
    ),
    "closed": gettext_lazy("The watch came back on {returned} and the loan is closed."),
    "lost": gettext_lazy("The watch is recorded as lost; the department in charge decides on it."),
    "damaged": gettext_lazy(
        "The watch is recorded as damaged; the department in charge decides on it."
    ),
    "bought_out": gettext_lazy("The watch was bought; nothing has to be returned."),
    "replaced": gettext_lazy(
        "The watch was exchanged for another one and has not come back to us yet."
    ),
    "cancelled": gettext_lazy("The loan was cancelled before the watch left us."),
}


def lending_sentence(
    state: str,
    *,
    due_on: date,
    reserved_at: datetime,
    arrived_at: datetime | None,
    returned_at: datetime | None,
    tracking: str,
) -> str:
    """Say in one sentence where a watch stands."""
    parcel = _(" (tracking number {number})").format(number=tracking) if tracking else ""
    return str(SENTENCES[state]).format(
        due=str(due_on),
        reserved=day_of(reserved_at),
        arrived=day_of(arrived_at),
        returned=day_of(returned_at),
        parcel=parcel,
    )


def day_of(moment: datetime | None) -> str:
    return f"{moment.astimezone(KST):%Y-%m-%d}" if moment else "–"
