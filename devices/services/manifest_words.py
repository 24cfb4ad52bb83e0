"""What is wrong with a row of a supplier's list, as a sentence that says what to do."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: dict[str, Promise] = {
    "blank": _("The serial number is missing."),
    "too_long": _("The serial number is longer than 32 signs."),
    "strange_sign": _("A serial number has only A–Z, 0–9 and hyphens."),
    "rounded": _("The spreadsheet has rounded this number. Format the column as text."),
    "zeros_lost": _("Shorter than {other} digits: leading zeros were lost. Format it as text."),
    "wrong_length": _("Serial numbers of this model have {other} signs."),
    "twice": _("This serial number, or one that looks like it, is already in row {other}."),
    "known": _("Already in the register; left as it is."),
    "other_lot": _("This watch belongs to lot {other}."),
    "looks_like": _("This serial number looks like {other} in the register."),
    "announced": _("This watch is already announced in another delivery."),
    "unknown_site": _("There is no site “{other}”."),
    "wrong_lot": _("The row names lot {other}, not the one this delivery belongs to."),
    "bad_imei": _("“{other}” is no IMEI: 15 digits whose last one checks the others."),
    "bad_mac": _("“{other}” is no MAC address: 12 signs 0–9 and A–F."),
    "bad_cell": _("The cell “{other}” is too long or holds signs that cannot be printed."),
    "asset_no_twice": _("The same asset number is already in row {other}."),
    "imei_twice": _("The same IMEI is already in row {other}."),
    "mac_twice": _("The same MAC address is already in row {other}."),
    "asset_no_taken": _("Watch {other} already has this asset number."),
    "imei_taken": _("Watch {other} already has this IMEI."),
    "mac_taken": _("Watch {other} already has this MAC address."),
}


def sentence(problem: str, other: str) -> str:
    return str(WORDS[problem]).format(other=other) if problem else ""
