from django.utils.translation import gettext_lazy as _

from seoul_health.core.errors import Conflict, DomainError


class NotEnoughPoints(DomainError):
    code = "not_enough_points"
    message = _("There are not {amount} points in this purse.")


class PostingKeyReused(Conflict):
    code = "posting_key_reused"
    message = _("The posting key {key} already stands for another transfer.")


class NotVerified(DomainError):
    code = "not_verified"
    message = _("Points are paid out once your identity has been verified.")


class BelowMinimum(DomainError):
    code = "below_minimum"
    message = _("Points are paid out from {minimum} points on.")


class CompensationUndecided(DomainError):
    code = "compensation_undecided"
    message = _("Points are paid out once the compensation for your watch is settled.")


class WatchNotReturned(DomainError):
    code = "watch_not_returned"
    message = _("Points are paid out once the watch that is due has come back.")


class RuleStartsTooSoon(DomainError):
    code = "rule_starts_too_soon"
    message = _("A rule can only be released for days after {day}.")


class RulesOverlap(Conflict):
    code = "rules_overlap"
    message = _("Another released rule covers some of these days.")


class SamePerson(DomainError):
    code = "same_person"
    message = _("The person who drafted it cannot release it.")


class SettlementRunning(Conflict):
    code = "settlement_running"
    message = _("A settlement of this period is already running.")


class PeriodNotOver(DomainError):
    code = "period_not_over"
    message = _("This period is not over yet.")


class FileContradicts(DomainError):
    code = "file_contradicts"
    message = _("The partner's file contradicts itself ({why}); nothing was compared.")


class ShareIncomplete(DomainError):
    code = "share_incomplete"
    message = _("A cost share needs at least one party with its weight.")


class ShareStartsTooSoon(DomainError):
    code = "share_starts_too_soon"
    message = _("A cost share can only be released from {day} on: the months before are closed.")


class SharesOverlap(Conflict):
    code = "shares_overlap"
    message = _("Another released cost share covers some of these days.")


class MonthNotOver(DomainError):
    code = "month_not_over"
    message = _("The month {month} is not over yet.")


class MonthStillOpen(DomainError):
    code = "month_still_open"
    message = _("{count} payouts of {month} or earlier are not resolved yet.")


class NoCostShare(DomainError):
    code = "no_cost_share"
    message = _("{amount} won of {month} fall on days without a released cost share.")


class StatementExists(Conflict):
    code = "statement_exists"
    message = _("The month {month} is closed already.")


class AboveLimit(DomainError):
    code = "above_limit"
    message = _("You may adjust at most {limit} points at a time.")


class NotYours(DomainError):
    code = "not_yours"
    message = _("Take this difference on before you resolve it.")


class FileUnreadable(DomainError):
    code = "file_unreadable"
    message = _("The file cannot be read; nothing was compared. {why}")


class PointsDisputed(DomainError):
    code = "points_disputed"
    message = _(
        "{disputed} points are being checked and cannot be paid out yet; {free} points can be."
    )


class DaysHeldAlready(Conflict):
    code = "days_held_already"
    message = _("These days are on hold for the same reason already.")


class NotTakingPart(DomainError):
    code = "not_taking_part"
    message = _("The participant does not take part on all of these days.")


class HoldTooLong(DomainError):
    code = "hold_too_long"
    message = _("A hold covers at most 92 days, the earlier day first.")


class AppealWaits(Conflict):
    code = "appeal_waits"
    message = _("The citizen has objected: decide on the objection instead.")


class NothingToObjectTo(Conflict):
    code = "nothing_to_appeal"
    message = _("There is nothing here that can be objected to.")


class ObjectedAlready(Conflict):
    code = "objected_already"
    message = _("An objection was filed already; one is possible.")


class ObjectionTooLate(DomainError):
    code = "objection_too_late"
    message = _("Objections were possible until {day}.")


class SomebodyElseMustDecide(Conflict):
    code = "somebody_else_decides"
    message = _("Somebody who has not decided in this case before must decide this.")


class NothingToTakeBack(DomainError):
    code = "nothing_to_take_back"
    message = _("Choose open down-revisions of one person.")


class NothingLost(DomainError):
    code = "nothing_lost"
    message = _("The award is not higher than what it should be.")


class ReviewedAlready(Conflict):
    code = "reviewed_already"
    message = _("This award has been reviewed before.")


class NotTheirJob(DomainError):
    code = "not_their_job"
    message = _("This person does not resolve payment differences.")


class OperatorNotConfigured(DomainError):
    code = "operator_not_configured"
    message = _("The settings name no wallet operator {code}.")


class OperatorClosed(Conflict):
    code = "operator_closed"
    message = _("The wallet operator {code} takes no payouts any more.")


class OperatorUsed(DomainError):
    code = "operator_used"
    message = _("The wallet operator {code} has been in force already.")


class OperatorsOverlap(Conflict):
    code = "operators_overlap"
    message = _("Another change of operator covers some of this time.")


class ChangeTooSoon(DomainError):
    code = "change_too_soon"
    message = _("A change is announced at least one hour ahead, and the new operator starts last.")


class PartnerIsDown(Conflict):
    code = "partner_is_down"
    message = _("Nothing expires while the partner pays nobody out.")


class ExpiryNotDue(DomainError):
    code = "expiry_not_due"
    message = _("Points that expire on {day} cannot expire before that day.")


class ExtensionTooShort(DomainError):
    code = "extension_too_short"
    message = _("Choose a day after {day}.")


class ExtensionTooLong(DomainError):
    code = "extension_too_long"
    message = _("Points can be extended until {day} at most: what is earned today expires then.")


class NobodyExtended(DomainError):
    code = "nobody_extended"
    message = _("None of these people have points that would expire before {day}.")


class RuleNotDraft(Conflict):
    code = "rule_not_draft"
    message = _("A released rule is not changed and not simulated; draft a new one.")


class RuleUnfit(DomainError):
    code = "rule_unfit"
    message = _("This draft cannot come into force: {reasons}")


class SimulationMissing(DomainError):
    code = "simulation_missing"
    message = _("Simulate exactly this draft first: there is no finished simulation of it.")


class SimulationRuns(Conflict):
    code = "simulation_running"
    message = _("A simulation of this draft is already running.")


class SpanNotOver(DomainError):
    code = "span_not_over"
    message = _("Simulate days until {day}: for later ones records may still arrive.")


class SpanTooLong(DomainError):
    code = "span_too_long"
    message = _("Simulate at least a day and at most a year, the earlier day first.")


class CampaignFull(Conflict):
    code = "campaign_full"
    message = _("All places of this campaign are taken.")


class BudgetSpent(CampaignFull):
    code = "budget_spent"
    message = _("The budget of this campaign is spent.")


class CampaignStartsTooSoon(DomainError):
    code = "campaign_starts_too_soon"
    message = _("A campaign can only be released for days from {day} on.")


class BudgetsOverlap(Conflict):
    code = "budgets_overlap"
    message = _("Another budget covers some of these days.")


class BudgetKeepsItsDays(DomainError):
    code = "budget_keeps_its_days"
    message = _("A new version keeps the days of the budget, {first} to {last}.")


class CeilingBelowSpent(DomainError):
    code = "ceiling_below_spent"
    message = _("{spent} points have been awarded already; the ceiling cannot be lower.")


class RuleCodeTaken(Conflict):
    code = "rule_code_taken"
    message = _("There is another rule with the code {code}.")


class CorrectionTooLarge(DomainError):
    code = "correction_too_large"
    message = _("{amount} won are more than this party was charged for the month.")
