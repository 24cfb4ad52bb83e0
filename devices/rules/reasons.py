"""One plain sentence for what became of each item of an upload."""

from django.utils.translation import gettext_lazy as _

from devices.rules.steps import Item, ItemOutcome

OUTCOMES = {
    ItemOutcome.ACCEPTED: _("The steps were counted."),
    ItemOutcome.IGNORED_LOWER: _("More steps were already counted for this time."),
    ItemOutcome.DUPLICATE: _("The same steps had arrived before and count once."),
    ItemOutcome.LATE: _("The steps arrived after the period for late records had ended."),
    ItemOutcome.REJECTED: _("The record could not be counted."),
}
REASONS = {
    "not_an_object": _("The record does not have the form of a step record."),
    "missing_field": _("A part of the record is missing."),
    "bad_time": _("The record does not give a valid time."),
    "no_offset": _("The record does not say in which time zone its time is given."),
    "bad_offset": _("The record names a time zone that does not exist."),
    "bad_time_frame": _("The record does not say when the steps were walked."),
    "ends_before_start": _("The record ends before it starts."),
    "too_long": _("The record covers more than 24 hours."),
    "future": _("The record lies in the future; please check the clock of the device."),
    "negative_steps": _("The number of steps is below zero."),
    "not_a_number": _("The number of steps is not a whole number."),
    "bad_unit": _("The record uses a unit that cannot be counted."),
    "unknown_schema": _("The record is of a kind that is not accepted here."),
    "typed_in": _("The record was typed in by hand; only measured steps count."),
    "impossible_cadence": _("The record has more steps than a person can walk in its time."),
}


def sentence(item: Item) -> str:
    """Explain what became of an item, in the language in force."""
    return str(REASONS.get(item.reason, OUTCOMES[item.outcome]))
