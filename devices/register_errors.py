"""Refusals around deliveries, stocktakes and labels."""

from django.utils.translation import gettext_lazy as _

from seoul_health.core.errors import Conflict, DomainError


class WrongManifestColumns(DomainError):
    code = "wrong_columns"
    message = _("The file needs a column for the serial number; it has: {columns}.")


class NoSuchLot(DomainError):
    code = "no_such_lot"
    message = _("Choose the lot this delivery belongs to.")


class FaultyRows(DomainError):
    code = "faulty_rows"
    message = _("{count} rows are at fault, so nothing was entered. Mend the file and send it.")


class NothingNew(DomainError):
    code = "nothing_new"
    message = _("Every row of this file is already in the register. Nothing was entered.")


class DraftLost(Conflict):
    code = "draft_lost"
    message = _("The rows of this file are no longer there. Please send the file again.")


class ManifestEntered(Conflict):
    code = "manifest_entered"
    message = _("This very file has already been entered for this lot.")


class RegisterChanged(Conflict):
    code = "register_changed"
    message = _("The register changed while the file was being entered. Please look at it again.")


class WatchesInUse(Conflict):
    code = "watches_in_use"
    message = _("{count} watches of this delivery are already in use ({what}); nothing was undone.")


class NotArriving(Conflict):
    code = "not_arriving"
    message = _("Delivery {number} is not being received ({status}).")


class QuestionsOpen(Conflict):
    code = "questions_open"
    message = _("Decide about the {count} watches first that nobody had announced.")


class NoSuchQuestion(Conflict):
    code = "no_such_question"
    message = _("This has already been decided, or the scan was undone.")


class StocktakeOpen(Conflict):
    code = "stocktake_open"
    message = _("A stocktake is already open at this site.")


class NotCounting(Conflict):
    code = "not_counting"
    message = _("Stocktake {number} is not being counted ({status}).")


class NotSettling(Conflict):
    code = "not_settling"
    message = _("The differences of stocktake {number} cannot be decided now ({status}).")


class DifferencesOpen(Conflict):
    code = "differences_open"
    message = _("Decide about the remaining {count} differences first.")


class UnfitDecision(DomainError):
    code = "unfit_decision"
    message = _("This cannot be decided about watch {serial} ({status}).")


class NothingToPrint(DomainError):
    code = "nothing_to_print"
    message = _("No watch fits this choice, so there is no label to print.")


class TooManyLabels(DomainError):
    code = "too_many_labels"
    message = _("At most {limit} labels are printed at once; this choice has {count}.")
