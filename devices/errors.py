from datetime import datetime

from django.utils.translation import gettext_lazy as _

from seoul_health.core import clock
from seoul_health.core.errors import Conflict, DomainError, Malformed


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


class NotOpenYet(DomainError):
    code = "not_open_yet"
    message = _("This time can be reserved from {moment}.")

    def __init__(self, *, opens_at: datetime) -> None:
        super().__init__(moment=spoken(opens_at))
        self.fields = {"opens_at": [opens_at.astimezone(clock.KST).isoformat()]}


class SlotOver(DomainError):
    code = "slot_over"
    message = _("This time has begun; it can no longer be reserved or cancelled.")


class SlotClosed(Conflict):
    code = "slot_closed"
    message = _("The site has closed this time: {why}")


class SlotTaken(Conflict):
    code = "slot_taken"
    message = _(
        "All places of this time are taken; {waiting} people wait. You can join the waiting list."
    )


class PlaceFree(Conflict):
    code = "place_free"
    message = _("There is a free place at this time: reserve it instead of waiting for it.")


class WaitingListFull(Conflict):
    code = "waiting_list_full"
    message = _("The waiting list of this time is full ({limit} people).")


class WaitingListOver(DomainError):
    code = "waiting_list_over"
    message = _("The waiting list of this time is closed: nobody moves up so shortly before.")


class AlreadyReserved(Conflict):
    code = "already_reserved"
    message = _("You already have a reservation at this time.")


class AlreadyWaiting(Conflict):
    code = "already_waiting"
    message = _("You already wait for this time.")


class BookingPaused(DomainError):
    code = "booking_paused"
    message = _(
        "You missed {count} reservations within {days} days without cancelling. "
        "You can reserve again from {day}."
    )


class HealthConsentNeeded(DomainError):
    code = "health_consent_needed"
    message = _("Participant {number} has not agreed to the use of health data.")


class FileTakenIn(Conflict):
    code = "file_taken_in"
    message = _("This file has already been taken in for this site.")


class WrongColumns(DomainError):
    code = "wrong_columns"
    message = _("The file needs the columns {columns}; {missing} is missing.")


class NothingToTakeIn(DomainError):
    code = "nothing_to_take_in"
    message = _("No row of this file can be taken in.")


class NotTheCaller(Conflict):
    code = "not_the_caller"
    message = _("Somebody else is calling this person.")


class UnknownNumber(DomainError):
    code = "unknown_number"
    message = _("No participant has the number {number}.")


def spoken(moment: datetime) -> str:
    """Write a moment as screens and messages do: Seoul time, to the minute."""
    return f"{moment.astimezone(clock.KST):%Y-%m-%d %H:%M}"


class KeyAlreadyRevoked(Conflict):
    code = "key_already_revoked"
    message = _("The key {key} has already been revoked.")


QUARANTINED = _("This report was put into quarantine: {what}. It can be corrected there.")


class ReportQuarantined(DomainError):
    """A report that is not believed; it waits in quarantine for somebody to correct it."""

    message = QUARANTINED

    def __init__(self, *, reason: str, field: str, what: str) -> None:
        super().__init__(what=what)
        self.code, self.fields = reason, {field: [what]}


class UnreadableReport(Malformed):
    """A report without the documented shape; it waits in quarantine all the same."""

    message = QUARANTINED

    def __init__(self, *, reason: str, field: str, what: str) -> None:
        super().__init__({field: [what]}, what=what)
        self.code = reason


class StillWrong(DomainError):
    code = "still_wrong"
    message = _("The report stays in quarantine: {what}.")


class NoCompensationPolicy(DomainError):
    code = "no_compensation_policy"
    message = _("No compensation policy is in force for {cause}, grade {grade}, {months} months.")


class CaseUndecided(Conflict):
    code = "case_undecided"
    message = _("There is already an undecided compensation case for this loan.")


class NothingOwed(Conflict):
    code = "nothing_owed"
    message = _("The watch of this loan is neither overdue, lost nor damaged.")


class WaiverWaits(Conflict):
    code = "waiver_waits"
    message = _("A waiver of this case already waits for a decision.")


class PaidTooMuch(DomainError):
    code = "paid_too_much"
    message = _("Only {open} won are still open.")


class ReceiptUsed(Conflict):
    code = "receipt_used"
    message = _("A payment with the receipt number {number} is already recorded.")


class TooManyInstalments(DomainError):
    code = "too_many_instalments"
    message = _("The policy allows at most {most} instalments.")


class DueDayNotLater(DomainError):
    code = "due_day_not_later"
    message = _("The new due day must be after {day}.")


class NobodyToRecall(DomainError):
    code = "nobody_to_recall"
    message = _("No watch is in this cohort.")


class CampaignCodeTaken(Conflict):
    code = "campaign_code_taken"
    message = _("There is already a campaign with the code {code}.")


class NotWorthIt(Conflict):
    code = "not_worth_it"
    message = _(
        "The next wave would cost {cost} won for each watch that comes back, "
        "but a watch is worth {worth} won. Stop the campaign."
    )


class AllWavesSent(Conflict):
    code = "all_waves_sent"
    message = _("All {waves} waves have been sent.")


class NoLongerDraft(Conflict):
    code = "no_longer_draft"
    message = _("Only a draft can be changed. Begin a new version instead.")


class EmptyChecklist(DomainError):
    code = "empty_checklist"
    message = _("A checklist needs at least one thing to check.")


class DraftWaits(Conflict):
    code = "draft_waits"
    message = _("There is already a draft of this checklist. Finish that one.")


class AnswersMissing(DomainError):
    code = "answers_missing"
    message = _("Say for each thing on the list what was found; {count} are open.")


class GradeNeedsNote(DomainError):
    code = "grade_needs_note"
    message = _("The findings give grade {grade}. Write in the note why it is another.")


class ProofNeeded(DomainError):
    code = "proof_needed"
    message = _("Write down the number of the tool’s report or of the receipt; it is the proof.")


class TooManyPapers(DomainError):
    code = "too_many_papers"
    message = _("At most {limit} photos or papers are kept with one event.")


class AtTheWorkshop(Conflict):
    code = "at_the_workshop"
    message = _("Watch {serial} is at the workshop. Take it back through its repair first.")


class InDisposal(Conflict):
    code = "in_disposal"
    message = _("Watch {serial} stands in disposal {number}. Take it out there first.")


class DayAhead(DomainError):
    code = "day_ahead"
    message = _("{day} has not come yet.")


class DayGone(DomainError):
    code = "day_gone"
    message = _("{day} has already passed.")


class EmptyDisposal(DomainError):
    code = "empty_disposal"
    message = _("There is no watch in this disposal yet.")


class WatchesUnfit(DomainError):
    """Some watches of a list cannot be disposed of; none was put in."""

    code = "watches_unfit"
    message = _("{count} lines cannot be taken, so none was. {first}")


class WatchesMoved(Conflict):
    code = "watches_moved"
    message = _("{count} watches no longer stand where they were approved: {serials}")
