"""What a person had at a past moment, as the application would have told it then."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, Sum

from participants.models import Participant
from points.models import Account, Award, Payout
from points.rules.earning import cap_window, rule_on
from points.services.as_of import balance_at, is_final
from points.services.earnings import Earned
from points.services.rulebook import read_rulebook
from points.services.statements import CapUse
from seoul_health.core import clock


@dataclass(frozen=True, slots=True)
class PurseAt:
    as_of: datetime
    final: bool
    balance: int
    payable: int
    pending: int
    earned_this_period: int
    caps: list[CapUse]


def purse_at(participant: Participant, moment: datetime) -> PurseAt:
    """Say what a person had at a moment; holds are told only as they stand today."""
    final = is_final(moment)
    purse = Account.objects.filter(participant=participant).first()
    balance = balance_at(purse, moment) if purse else 0
    verified = participant.verified_at is not None and participant.verified_at <= moment
    caps, earned = caps_at(participant, moment)
    return PurseAt(
        as_of=moment,
        final=final,
        balance=balance,
        payable=balance if verified else 0,
        pending=pending_at(participant, moment),
        earned_this_period=earned,
        caps=caps,
    )


def pending_at(participant: Participant, moment: datetime) -> int:
    """Add up the payouts that had been asked for by a moment and had not ended."""
    ended = Q(paid_at__lte=moment) | Q(transfer__reversals__at__lte=moment)
    asked = Payout.objects.filter(participant=participant, transfer__at__lte=moment)
    return asked.exclude(ended).aggregate(sum=Sum("amount"))["sum"] or 0


def caps_at(participant: Participant, moment: datetime) -> tuple[list[CapUse], int]:
    """Give how far each limit in force was used up, and what its period had earned."""
    day = clock.seoul_day(moment)
    rule = rule_on(read_rulebook().rules, day)
    if rule is None:
        return [], 0
    firsts = [cap_window(rule, cap, day)[0] for cap in rule.caps]
    first = min(firsts, default=date(day.year, 1, 1))
    judged = Award.objects.filter(participant=participant, period__gte=first, judged_at__lte=moment)
    earned = Earned(list(judged.values_list("item", "period", "points")))
    used = earned.used(rule, day)
    caps = [CapUse(cap.group, used[cap.group], cap.amount) for cap in rule.caps]
    return caps, sum(points for _item, _period, points in earned.rows)
