"""How an application, a paper, a consent or a part in a round is refused."""

from collections.abc import Sequence
from typing import Protocol

from django.utils.translation import gettext_lazy as _

from seoul_health.core.errors import Conflict, DomainError


class Reason(Protocol):
    """A rule that was not met: a code for machines, and its sentence as text."""

    @property
    def code(self) -> str: ...


class AssertionRefused(DomainError):
    """The identity provider does not vouch for the caller."""

    code = "assertion_refused"
    message = _("Your identity could not be confirmed. Please start again.")


class NotEligible(DomainError):
    """Rules of the round were not met; the sentences say which."""

    code = "not_eligible"
    message = _("You do not meet these conditions of the round: {reasons}")

    def __init__(self, failures: Sequence[Reason]) -> None:
        sentences = [str(failure) for failure in failures]
        self.failures, self.fields = failures, {"eligibility": sentences}
        super().__init__(reasons=" ".join(sentences))


class OutsideWindow(DomainError):
    """Too early, too late, or another age group's day."""

    message = "{why}"

    def __init__(self, failure: Reason) -> None:
        super().__init__(why=failure)
        self.code = failure.code


class RoundNotOpen(DomainError):
    code = "round_not_open"
    message = _("This round does not take applications.")


class NoRuleInForce(DomainError):
    code = "no_rule_in_force"
    message = _("This round has no eligibility rule that is in force today.")


class ConsentNeeded(DomainError):
    code = "consent_needed"
    message = _("Please agree to the use of your health data; the programme cannot run without.")


class ConsentKept(DomainError):
    code = "consent_kept"
    message = _("You cannot take part without this consent. Please leave the programme first.")


class UnknownConsentText(DomainError):
    code = "unknown_consent_text"
    message = _("There are no words of the version “{version}” to agree to. Please update the app.")


class ReleasedAlready(Conflict):
    code = "released_already"
    message = _("“{text}” was already released; a change needs a new version.")


class ReleasedTooLate(DomainError):
    code = "released_too_late"
    message = _("“{text}” would be in force since a day in the past. Please choose a later day.")


class AlreadyApplied(Conflict):
    code = "already_applied"
    message = _("You have already applied to this round.")


class AlreadyTakingPart(Conflict):
    code = "already_taking_part"
    message = _("This person is already taking part in a round.")


class BreakTooLong(DomainError):
    code = "break_too_long"
    message = _("A break must end on a day from today until before {day}.")


class NothingToGoOnFrom(DomainError):
    code = "nothing_to_go_on_from"
    message = _("Only who takes part in the round before, or has completed it, can go on.")


class NoRoundToGoOnTo(DomainError):
    code = "no_round_to_go_on_to"
    message = _("The round “{round}” does not follow another round.")


class DraftOnly(Conflict):
    code = "already_submitted"
    message = _("This application was already submitted and can no longer be changed.")


class EvidenceFrozen(Conflict):
    code = "evidence_frozen"
    message = _("The documents of this application can no longer be changed.")


class TooManyDocuments(Conflict):
    code = "too_many_documents"
    message = _("At most {limit} documents can be attached to one application.")


class UnknownQuota(DomainError):
    code = "unknown_quota"
    message = _("This lane has no seats of the kind “{quota}”.")


class UnknownLane(DomainError):
    code = "unknown_lane"
    message = _("There is no round “{round}” with a lane “{lane}”.")
