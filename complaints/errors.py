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
