"""Refusals of lending and shipping: allocation, parcel lists, courier files, terms, exchange."""

from django.utils.translation import gettext_lazy as _

from seoul_health.core.errors import Conflict, DomainError


class NobodyWaits(DomainError):
    code = "nobody_waits"
    message = _("Nobody in this lane waits for a watch.")


class NoWatchFits(DomainError):
    code = "no_watch_fits"
    message = _("No watch in stock fits this choice of lot and site.")


class AllocationRuns(Conflict):
    code = "allocation_runs"
    message = _("An allocation of this lane is still running. Wait until it has finished.")


class NewerAllocation(Conflict):
    code = "newer_allocation"
    message = _("{newer} is newer for this lane. Take that one back first.")


class NothingToPack(DomainError):
    code = "nothing_to_pack"
    message = _("No parcel of this choice waits to be packed.")


class PackingTaken(Conflict):
    code = "packing_taken"
    message = _("Some of these parcels have just been packed by somebody else. Look again.")


class NotThisCarrier(DomainError):
    code = "not_this_carrier"
    message = _("This carrier is no longer in use.")


class ReasonForList(DomainError):
    code = "reason_for_list"
    message = _("Write why the names and addresses are given out; it is kept with the record.")


class ListOver(Conflict):
    code = "list_over"
    message = _("The parcel list {number} has ended; names and addresses are no longer given out.")


class WrongCourierColumns(DomainError):
    code = "wrong_courier_columns"
    message = _(
        "The file needs the columns 주문번호 and 운송장번호, or 운송장번호 and 배송상태. "
        "It has: {columns}"
    )


class SwappedColumns(DomainError):
    code = "swapped_columns"
    message = _(
        "The columns 주문번호 and 운송장번호 are swapped: our references stand under the "
        "tracking numbers. Nothing was kept."
    )


class FileTakenInBefore(Conflict):
    code = "file_taken_in_before"
    message = _("This file has already been taken in.")


class NoRowToTakeIn(DomainError):
    code = "no_row_to_take_in"
    message = _("No row of this file can be taken in.")


class NumbersChanged(Conflict):
    code = "numbers_changed"
    message = _("Something has changed since the file was looked at. Look at it again.")


class UnknownTerms(DomainError):
    code = "unknown_terms"
    message = _("These terms are not in force. Read the terms of version {version} first.")


class NotExchangeable(Conflict):
    code = "not_exchangeable"
    message = _("Only a watch that is with its citizen can be exchanged ({status}).")


class ExchangeNeedsWatch(DomainError):
    code = "exchange_needs_watch"
    message = _("There is no watch in stock to exchange it for.")


class ParticipationEnded(Conflict):
    code = "participation_ended"
    message = _("This participation is over; ask for the watch back instead.")


class NobodySilent(DomainError):
    code = "nobody_silent"
    message = _("Nobody in this choice is still to be told.")
