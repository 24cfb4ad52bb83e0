"""How a change to a round is refused."""

from django.utils.translation import gettext_lazy as _

from seoul_health.core.errors import Conflict, DomainError


class RoundIncomplete(DomainError):
    code = "round_incomplete"
    message = _("This round cannot be announced yet. Still missing: {missing}")


class RoundAnnounced(Conflict):
    code = "round_announced"
    message = _(
        "The round “{round}” was announced. Its lanes, seats, windows, days and rules stay as "
        "citizens were told; propose a change with its reason instead."
    )


class CodeTaken(Conflict):
    code = "code_taken"
    message = _("There is already a round “{round}”.")


class NotWhileDraft(Conflict):
    code = "not_while_draft"
    message = _("This round is still a draft: change it itself, nothing needs to be proposed.")


class SamePerson(Conflict):
    code = "same_person"
    message = _("Somebody else must decide this: you proposed it yourself.")


class NoRounds(DomainError):
    code = "no_rounds"
    message = _("Please choose at least one round whose applicants the rules are tried on.")


class CountGoesOn(Conflict):
    code = "count_goes_on"
    message = _("The applicants of this round are being counted already.")


class ChangeWaits(Conflict):
    code = "change_waits"
    message = _("A change of this lane is already waiting for its decision.")


class WindowOver(Conflict):
    code = "window_over"
    message = _("This lane takes no applications any more, so its window cannot become longer.")


class EndsNoLater(DomainError):
    code = "ends_no_later"
    message = _("The new end must be after {before} and not after {last}.")


class RuleTooEarly(DomainError):
    code = "rule_too_early"
    message = _("A new version of the rules must be in force from a day after {day}.")


class RuleUnfit(DomainError):
    code = "rule_unfit"
    message = _("This version of the rules does not hold together: {reasons}")
