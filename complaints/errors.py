from django.utils.translation import gettext_lazy as _

from seoul_health.core.errors import Conflict, DomainError


class OutdatedVersion(Conflict):
    code = "outdated_version"
    message = _(
        "Complaint {complaint} was changed after you opened it: you have read version {mine}, "
        "it is now version {theirs}. Your text is kept; read the changes and send it again."
    )


class AgentUnnamed(DomainError):
    code = "agent_unnamed"
    message = _(
        "A notice to a citizen names department, agent and contact. "
        "Please have your name, department and office phone completed first."
    )


class RefusalIncomplete(DomainError):
    code = "refusal_incomplete"
    message = _("A refusal needs both its reason and the remedy that is open to the citizen.")


class TextNeeded(DomainError):
    code = "text_needed"
    message = _("Please write the text first.")


class ConsentNeeded(DomainError):
    code = "consent_needed"
    message = _("A second extension needs the citizen's consent.")


class ExtendedTwice(DomainError):
    code = "extended_twice"
    message = _("Complaint {complaint} has been extended twice; it cannot be extended again.")


class ClockNotRunning(Conflict):
    code = "clock_not_running"
    message = _("The clock of complaint {complaint} is not running; there is nothing to extend.")


class TooLateToExtend(DomainError):
    code = "too_late_to_extend"
    message = _("Complaint {complaint} is overdue; an extension cannot change that.")


class LongerThanThePeriod(DomainError):
    code = "longer_than_the_period"
    message = _("An extension is at most as long as the period itself.")


class ComplaintClosed(Conflict):
    code = "complaint_closed"
    message = _("Complaint {complaint} is closed; please file a new one.")


class NotAnsweredYet(Conflict):
    code = "not_answered_yet"
    message = _("Complaint {complaint} has not been answered yet.")


class ContactClosed(Conflict):
    code = "contact_closed"
    message = _("This contact has already been closed.")


class AlreadyPromoted(Conflict):
    code = "already_promoted"
    message = _("This contact has already become complaint {complaint}.")


class UnknownSubject(DomainError):
    code = "unknown_subject"
    message = _("The loan or transfer this is about could not be found.")


class NothingChosen(DomainError):
    code = "nothing_chosen"
    message = _("Please choose at least one complaint.")


class TooManyChosen(DomainError):
    code = "too_many_chosen"
    message = _("At most {limit} complaints can be worked on at once; please narrow the list.")


class MergedWithItself(DomainError):
    code = "merged_with_itself"
    message = _("Complaint {complaint} cannot be merged into itself.")


class OtherPurpose(DomainError):
    code = "other_purpose"
    message = _("Only complaints of the same category have the same purpose.")


class TooFewToMerge(DomainError):
    code = "too_few_to_merge"
    message = _(
        "Complaints of different people are merged from {needed} people on; these are {people}."
    )


class CannotLead(Conflict):
    code = "cannot_lead"
    message = _("Complaint {complaint} is “{state}”; nothing can be merged into it.")


class LeadsOthers(Conflict):
    code = "leads_others"
    message = _("Others are merged into complaint {complaint}; take them out first.")


class AlreadyMerged(Conflict):
    code = "already_merged"
    message = _("Complaint {complaint} is already merged into another one.")


class NotMerged(Conflict):
    code = "not_merged"
    message = _("Complaint {complaint} is not merged into another one.")


class AttachmentTooMany(DomainError):
    code = "too_many_attachments"
    message = _("A complaint has at most {limit} attachments.")


class AgentCannotWork(DomainError):
    code = "agent_cannot_work"
    message = _("This person is not an agent of the desk, or no longer works here.")


class OnlyGrievances(DomainError):
    code = "only_grievances"
    message = _("Only a grievance is inspected on site; the law knows no inspection for others.")


class InspectionExtendedOnce(DomainError):
    code = "inspection_extended_once"
    message = _("This inspection has already been extended; seven more days are all there are.")


class ReplyAfterTheDueTime(DomainError):
    code = "reply_after_the_due_time"
    message = _("The reply must come before the complaint is due: {due}.")


class ConsultationExtendedOnce(DomainError):
    code = "consultation_extended_once"
    message = _("The reply date has already been moved once; it cannot be moved again.")


class NothingAsked(Conflict):
    code = "nothing_asked"
    message = _("Nothing is asked of complaint {complaint} just now.")


class DemandTooLong(DomainError):
    code = "demand_too_long"
    message = _("A demand gives {least} to {most} days.")


class DemandExtendedTwice(DomainError):
    code = "demand_extended_twice"
    message = _("This demand has been extended twice; it cannot be extended again.")


class DemandStillRuns(Conflict):
    code = "demand_still_runs"
    message = _("The citizen has time until {until}; that day must pass first.")


class DemandedOnce(DomainError):
    code = "demanded_once"
    message = _("What is missing must be demanded a second time before a complaint is returned.")


class NeverStatutory(DomainError):
    code = "never_statutory"
    message = _("A statutory procedure is decided; it is never closed as repeated.")


class NotThreeTimes(DomainError):
    code = "not_three_times"
    message = _(
        "A complaint is closed as repeated when two earlier ones of the same person were answered;"
        " of those you name, {answered} were."
    )


class NotTheSame(DomainError):
    code = "not_the_same"
    message = _("Complaint {other} is of somebody else or of another category: not the same.")


class RecipientNeeded(DomainError):
    code = "recipient_needed"
    message = _("Please name who is competent and why; the citizen reads both.")


class ApprovalNeeded(DomainError):
    code = "approval_needed"
    message = _("A statutory procedure is answered after a second person has approved the text.")


class ContactHasRefusal(Conflict):
    code = "contact_has_refusal"
    message = _("It is already written down why this contact was ended.")


class ReasonNotTold(DomainError):
    code = "reason_not_told"
    message = _("A contact is ended after the caller was told why; please write what you said.")


class HolidayKnown(DomainError):
    code = "holiday_known"
    message = _("{day} already counts like that; nothing would change.")


class HolidayOutOfReach(DomainError):
    code = "holiday_out_of_reach"
    message = _("Please choose a day from a year ago to two years ahead.")


class UnknownSource(DomainError):
    code = "unknown_source"
    message = _("There is no such system.")


class TimeUnreadable(DomainError):
    code = "time_unreadable"
    message = _("“{text}” is not a date with a time, such as 2026-11-23 10:00.")


class TimeInTheFuture(DomainError):
    code = "time_in_the_future"
    message = _("The time of receipt lies in the future.")


class TimeTooLongAgo(DomainError):
    code = "time_too_long_ago"
    message = _("The time of receipt is more than three years ago.")


class ChangedRecord(Conflict):
    code = "changed_record"
    message = _("This number and sequence came before with another content.")


class NotInUse(Conflict):
    code = "not_in_use"
    message = _("This version is no longer in use; please choose the one in force.")


class ChangedMeanwhile(Conflict):
    code = "changed_meanwhile"
    message = _("Somebody else has just changed this text; please read it and change it again.")


class UnusableRow(DomainError):
    code = "unusable_row"
    message = _("A row needs a number, a known kind, and a sequence if it follows a filing.")


class NextUpdateNeeded(DomainError):
    code = "next_update_needed"
    message = _("Please say when the next update comes; the public is never left without a time.")


class PromiseNotAhead(DomainError):
    code = "promise_not_ahead"
    message = _("A promise is for a moment ahead of now, and at most {days} days ahead.")


class IncidentNotOpen(Conflict):
    code = "incident_not_open"
    message = _("Incident {incident} is “{state}”; nothing more can be promised about it.")


class BeganInTheFuture(DomainError):
    code = "began_in_the_future"
    message = _("An incident has begun before it is opened.")


class LinkedElsewhere(Conflict):
    code = "linked_elsewhere"
    message = _("Complaint {complaint} already belongs to an incident.")


class NoSuchComplaint(DomainError):
    code = "no_such_complaint"
    message = _("There is no complaint with this receipt number.")


class NotLinked(Conflict):
    code = "not_linked"
    message = _("Complaint {complaint} does not belong to this incident.")


class CheckTooLong(DomainError):
    code = "check_too_long"
    message = _("Please choose at most {days} days, none of them ahead of today.")


class NobodyAffected(DomainError):
    code = "nobody_affected"
    message = _("Nobody was found who still has to be made good.")


class AboveMakeGoodBudget(DomainError):
    code = "above_make_good_budget"
    message = _("This gives {points} points; the budget you set is {budget}.")


class AlreadyMadeGood(Conflict):
    code = "already_made_good"
    message = _("Somebody has just asked for the same people; please look at the preview again.")


class MakeGoodListChanged(Conflict):
    code = "make_good_list_changed"
    message = _("The list is no longer the one that was asked for; please decline it and ask anew.")


class AlreadyTelling(Conflict):
    code = "already_telling"
    message = _("These people are already being told.")


class AlarmOver(Conflict):
    code = "alarm_over"
    message = _("This call for help is over; please raise a new one if you need help.")


class TooManyPhotos(DomainError):
    code = "too_many_photos"
    message = _("At most {limit} pictures are kept; the latest may say it in words.")


class NotYourAlarm(Conflict):
    code = "not_your_alarm"
    message = _("A colleague works on this alarm; take it over first.")


class HandOverIncomplete(DomainError):
    code = "hand_over_incomplete"
    message = _("Please name who took it over and what they were told.")


class AlreadyOnTheWay(Conflict):
    code = "already_on_the_way"
    message = _("A safe return is already under way; arrive first.")


class TripOver(Conflict):
    code = "trip_over"
    message = _("This safe return has ended; positions are no longer taken.")


class GuideIncomplete(DomainError):
    code = "guide_incomplete"
    message = _("A guide needs an address of its own, an owner, a title and its steps.")


class GuideDayWrong(DomainError):
    code = "guide_day_wrong"
    message = _("A guide is reviewed again after today, and within two years.")
