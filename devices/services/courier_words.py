"""Why a row of a courier's file was refused, in words for whoever sends it again."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from devices.services.courier_files import Item

PROBLEMS: dict[str, str | Promise] = {
    "no_number": _("The tracking number is missing."),
    "rounded": _("Excel has rounded this tracking number. Format the column as text."),
    "bad_number": _("A tracking number has digits only."),
    "zeros_lost": _("The zeros at the front are lost: this carrier's numbers have {other} digits."),
    "wrong_length": _("This carrier's tracking numbers have {other} digits."),
    "bad_reference": _("This is not one of our order numbers."),
    "number_twice": _("The tracking number {other} stands on several rows of this file."),
    "parcel_twice": _("This parcel stands on several rows of this file."),
    "unknown_parcel": _("No parcel has this order number."),
    "has_other_number": _("This parcel already has the tracking number {other}."),
    "parcel_over": _("This parcel is no longer under way ({other})."),
    "other_carrier": _("This parcel was packed for {other}."),
    "number_taken": _("Another parcel already has this tracking number."),
    "unknown_progress": _("“{other}” is not a state of a parcel that we know."),
    "bad_moment": _("“{other}” is not a moment."),
    "from_the_future": _("{other} lies in the future."),
    "unknown_number": _("No parcel has this tracking number."),
}


def why_refused(item: Item) -> str:
    """Say in a sentence what is wrong with a row."""
    return str(PROBLEMS[item.problem]).format(other=item.other) if item.problem else ""
