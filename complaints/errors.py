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
