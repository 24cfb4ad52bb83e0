from django.utils.translation import gettext_lazy as _

from seoul_health.core.errors import Conflict, DomainError


class NoWatchInStock(DomainError):
    code = "no_watch_in_stock"
    message = _("There is no watch in stock. The next one that comes is reserved by itself.")


class AlreadyHoldsWatch(Conflict):
    code = "already_holds_watch"
    message = _("Participant {number} already holds a watch.")


class ParticipationOver(Conflict):
    code = "participation_over"
    message = _("This participation is over, or it needs no watch.")


class ParcelExists(Conflict):
    code = "parcel_exists"
    message = _("A parcel in this direction is already on its way for this loan.")


class TrackingNumberTaken(Conflict):
    code = "tracking_number_taken"
    message = _("The courier gave a tracking number that belongs to another parcel.")


class NotWiped(Conflict):
    code = "not_wiped"
    message = _("Watch {serial} still holds personal data. Record the wipe first.")


class NotInspected(Conflict):
    code = "not_inspected"
    message = _("Watch {serial} has not been inspected since it came back.")


class NotInHouse(Conflict):
    code = "not_in_house"
    message = _("Watch {serial} is not in our hands ({status}).")


class NotAwaitingInspection(Conflict):
    code = "not_awaiting_inspection"
    message = _("Watch {serial} does not wait for inspection ({status}).")


class ScanRefused(Conflict):
    """A watch that cannot be taken in; nothing has changed."""


class UnreadableSerial(ScanRefused):
    code = "unreadable_serial"
    message = _("“{text}” is not a serial number. Scan the label again.")


class UnknownSerial(ScanRefused):
    code = "unknown_serial"
    message = _("No watch has the serial number {serial}.")


class LooksLikeAnother(ScanRefused):
    code = "looks_like_another"
    message = _("No watch has the serial number {serial}. Is it {other}? Scan the label again.")


class DisposedWatch(ScanRefused):
    code = "disposed"
    message = _("Watch {serial} has been disposed of.")


class AlreadyIn(ScanRefused):
    code = "already_in"
    message = _("Watch {serial} has already been taken in.")


class NotLent(ScanRefused):
    code = "not_lent"
    message = _("Watch {serial} is not lent to anybody.")


class NothingToUndo(Conflict):
    code = "nothing_to_undo"
    message = _("There is no scan to undo.")


class TooLateToUndo(Conflict):
    code = "too_late_to_undo"
    message = _("Something has happened to watch {serial} since; the scan can no longer be undone.")


class BatchReused(Conflict):
    code = "batch_reused"
    message = _("This batch number was already used for other records.")
