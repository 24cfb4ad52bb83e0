"""Every way the recruitment side of the programme says no."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from participants.rules.eligibility import Failure
from seoul_health.core.errors import Conflict, DomainError, Malformed


class AssertionRefused(DomainError):
    """The identity provider does not vouch for the caller."""

    code = "assertion_refused"
    message = _("Your identity could not be confirmed. Please start again.")


class NotEligible(DomainError):
    """Rules of the round were not met; the sentences say which."""

    code = "not_eligible"
    message = _("You cannot apply to this round: {reasons}")

    def __init__(self, failures: Sequence[Failure]) -> None:
        self.failures = failures
        super().__init__(reasons=" ".join(str(failure) for failure in failures))

    @property
    def fields(self) -> dict[str, list[str]]:
        return {"eligibility": [str(failure) for failure in self.failures]}


class OutsideWindow(NotEligible):
    """Too early, too late, or another age group's day."""

    code = "outside_window"


class ConsentNeeded(DomainError):
    code = "consent_needed"
    message = _("Please agree to the use of your health data; the programme cannot run without.")


class UnknownChoice(Malformed):
    """A lane or quota that the round does not have."""


class AlreadyApplied(Conflict):
    code = "already_applied"
    message = _("You have already applied to this round.")


class AlreadyTakingPart(Conflict):
    code = "already_taking_part"
    message = _("This person is already taking part in a round.")


class DraftOnly(Conflict):
    code = "already_submitted"
    message = _("Only a draft can be changed.")


class EvidenceFrozen(Conflict):
    code = "evidence_frozen"
    message = _("The documents of this application can no longer be changed.")


class TooManyDocuments(Conflict):
    code = "too_many_documents"
    message = _("At most {limit} documents can be attached to one application.")


class NothingToFreeze(DomainError):
    """Approval needs the papers of the basis and a rule that is in force."""

    code = "evidence_missing"
    message = _("This application cannot be approved yet: {reasons}")


class OfferLapsed(Conflict):
    code = "offer_lapsed"
    message = _("The round has ended, so this offer can no longer be accepted.")


class RoundIncomplete(DomainError):
    code = "round_incomplete"
    message = _("A round needs a lane with seats and an eligibility rule before it is announced.")


class NotSelectable(DomainError):
    code = "not_selectable"
    message = _("Seats of a lottery lane are given by the draw.")
