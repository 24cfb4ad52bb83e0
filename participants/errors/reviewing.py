"""How a decision, an appeal or a batch is refused."""

from django.utils.translation import gettext_lazy as _

from seoul_health.core.errors import Conflict, DomainError


class ReasonUnfit(DomainError):
    code = "reason_unfit"
    message = _("“{reason}” is not a reason for this, or it is no longer used.")


class HeldByAnother(Conflict):
    code = "held_by_another"
    message = _("{who} is reviewing “{application}” just now.")


class DecidedAlready(Conflict):
    code = "decided_already"
    message = _("“{application}” was already decided by {who}: {outcome}.")


class NothingToAppeal(Conflict):
    code = "nothing_to_appeal"
    message = _("Only a rejection can be appealed.")


class AppealedAlready(Conflict):
    code = "appealed_already"
    message = _("You have already appealed this decision.")


class AppealTooLate(DomainError):
    code = "appeal_too_late"
    message = _("This decision could be appealed until {day}.")


class SomebodyElseDecides(Conflict):
    code = "somebody_else_decides"
    message = _("You took this decision yourself, so somebody else must decide the appeal.")


class NobodyToApprove(DomainError):
    code = "nobody_to_approve"
    message = _("No waiting application meets every condition for an approval of many.")


class BatchVoid(Conflict):
    code = "batch_void"
    message = _("This batch no longer is what was proposed; it became void. Propose it again.")


class PaperTaken(Conflict):
    code = "paper_taken"
    message = _("The sheet “{paper_no}” already belongs to another person’s application.")


class OtherDistrict(DomainError):
    code = "other_district"
    message = _("You can apply only for people of your own district: {district}.")


class WrongForm(DomainError):
    code = "wrong_form"
    message = _("Please choose what to decide; a note has at most 150 letters.")


class NoReasonChosen(DomainError):
    code = "no_reason_chosen"
    message = _("Please choose the reason the citizen will read.")
