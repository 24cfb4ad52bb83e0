"""Every way the recruitment side of the programme says no."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from seoul_health.core.errors import Conflict, DomainError, Malformed


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


UNFIT: Mapping[str, Promise] = {
    "kind": _("Please send a JPEG, PNG or PDF file of at most 10 MB."),
    "broken": _("This file is damaged or incomplete. Please save or photograph it again."),
    "picture_too_large": _("This picture has more than 25 megapixels. Please send a smaller one."),
    "animated": _("This picture moves. Please send a still picture of the document."),
    "encrypted": _("This PDF is locked with a password. Please send it without one."),
    "active": _(
        "This PDF contains scripts, attachments or other active parts. Please print it to a new"
        " PDF, or send a photograph of it."
    ),
    "pages": _("Please send a PDF of 1 to 20 pages."),
    "mixed": _("Another file is hidden inside this PDF. Please save the document again."),
}


class UnreadableDocument(Malformed):
    """A file that is no paper we may keep; the sentence says what to do."""

    def __init__(self, why: str = "kind") -> None:
        super().__init__()
        self.why = why

    def __str__(self) -> str:
        return str(UNFIT.get(self.why, UNFIT["kind"]))


class OfferLapsed(Conflict):
    code = "offer_lapsed"
    message = _("The time to accept this seat is over, so it can no longer be taken.")


class OfferClosed(Conflict):
    code = "offer_closed"
    message = _("This offer is no longer open.")


class TooLateForOffer(DomainError):
    code = "offer_not_extended"
    message = _("The new end must be later than the present one and before the round starts.")


class RoundStarted(Conflict):
    code = "round_started"
    message = _("The round has started, so its seats are no longer given.")


class NobodyToOffer(Conflict):
    code = "nobody_to_offer"
    message = _("No seat is free, or nobody waits for one.")


class NoLaneToCarryTo(DomainError):
    code = "no_lane_to_carry_to"
    message = _("This lane names no other lane that still takes its waiting list.")


class StillDeciding(Conflict):
    code = "still_deciding"
    message = _("Applications of this lane are still open, so its waiting list is not final.")


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


class DrawnByLot(DomainError):
    code = "drawn_by_lot"
    message = _("The seats of this lane are given by lot, not in order of arrival.")


class UnknownQuota(DomainError):
    code = "unknown_quota"
    message = _("This lane has no seats of the kind “{quota}”.")


class UnknownLane(DomainError):
    code = "unknown_lane"
    message = _("There is no round “{round}” with a lane “{lane}”.")


class NoSuchTemplate(DomainError):
    code = "no_such_template"
    message = _("There is no released message template “{template}”.")


class ValuesMissing(DomainError):
    code = "values_missing"
    message = _("The message “{template}” cannot be planned without these values: {missing}.")


class NotALottery(DomainError):
    code = "not_a_lottery"
    message = _("The seats of this lane are not given by lot.")


class RoundNotClosed(Conflict):
    code = "round_not_closed"
    message = _("Close the round first: while people can still apply, the roster is not final.")


class ApplicationsUndecided(Conflict):
    code = "applications_undecided"
    message = _("{count} applications of this lane are not decided yet; decide them first.")


class NoQuotaChosen(Conflict):
    code = "no_quota_chosen"
    message = _("{count} approved applications of this lane belong to no quota; assign them first.")


class AlreadyFrozen(Conflict):
    code = "already_frozen"
    message = _("The roster of this lane is already frozen; a lane is drawn only once.")


class SeedTooSoon(DomainError):
    code = "seed_too_soon"
    message = _("The seed must become known on a later day than today, after the roster is out.")


class SeedNotKnownYet(Conflict):
    code = "seed_not_known_yet"
    message = _("The announced seed is not known before {day}.")


class SeedMisspelt(DomainError):
    code = "seed_misspelt"
    message = _("Please type the seed exactly as announced: {form}.")


class SeedsDiffer(Conflict):
    code = "seeds_differ"
    message = _(
        "This is not what the first person typed. Nothing was changed; please compare both"
        " entries with the announced source."
    )


class OnePersonTwice(Conflict):
    code = "one_person_twice"
    message = _("The second entry of the seed must come from another person.")


class DrawNotReady(Conflict):
    code = "draw_not_ready"
    message = _("This draw is not at this step, or it is already past it.")


class RosterChanged(Conflict):
    code = "roster_changed"
    message = _("The stored roster no longer has the published hash; the draw was stopped.")


class PlaceholderUnknown(DomainError):
    code = "placeholder_unknown"
    message = _("The text for “{channel}” names what nobody will fill in: {names}.")


class StrayBraces(DomainError):
    code = "stray_braces"
    message = _("The text for “{channel}” has a brace that belongs to no placeholder.")


class TooLongForChannel(DomainError):
    code = "too_long_for_channel"
    message = _("The text message is longer than {limit} bytes.")


class AudienceUnclear(DomainError):
    code = "audience_unclear"
    message = _("It is not clear who is to be told. {why}")


class NobodyToTell(DomainError):
    code = "nobody_to_tell"
    message = _("Nobody is on this list, so there is nothing to approve.")


class OwnRequest(DomainError):
    code = "own_request"
    message = _("Whoever asked for a bulk send cannot approve it. Please ask a second person.")


class ListChanged(Conflict):
    code = "list_changed"
    message = _(
        "The list has changed since. Please take it back to the draft and ask for approval anew."
    )


class LegalNoticesStay(DomainError):
    code = "legal_notices_stay"
    message = _("Legal notices cannot be turned off.")


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
