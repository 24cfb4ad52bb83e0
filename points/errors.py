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
