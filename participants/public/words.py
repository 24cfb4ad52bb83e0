"""Rounds said to citizens: windows, seats and methods as short sentences."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from participants.models import EligibilityRule, Lane, Quota, RecruitmentRound, RoundChange
from participants.rules.eligibility import BASES, WEEKDAYS, WEEKDAYS_BY_DECADE, AnyOf
from participants.rules.words import in_words
from participants.services.judging import TAKING
from seoul_health.core import clock

METHODS: Mapping[str, Promise] = {
    Lane.Method.FIRST_COME: gettext_lazy(
        "Seats are given in order of arrival. The moment you submit counts."
    ),
    Lane.Method.WEEKDAY_BY_BIRTH_YEAR: gettext_lazy(
        "Each age group applies on its own weekday. Seats are given in order of arrival."
    ),
    Lane.Method.LOTTERY: gettext_lazy(
        "Seats are drawn by lot among everybody who applies in time. An early application has no"
        " advantage, and anybody can check the draw afterwards."
    ),
    Lane.Method.ROLLING: gettext_lazy(
        "Applications are decided as they come, for as long as there are seats."
    ),
}
LEFT: Mapping[str, tuple[Promise, str]] = {
    "plenty": (gettext_lazy("Plenty of seats left"), "ok"),
    "some": (gettext_lazy("Some seats left"), "info"),
    "few": (gettext_lazy("Few seats left"), "warn"),
    "none": (gettext_lazy("All seats are spoken for"), "neutral"),
}


@dataclass(frozen=True, slots=True)
class Window:
    """Where a window stands now: a word, its tone, and the sentence beside it."""

    word: str
    tone: str
    sentence: str
    opens_at: datetime
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class Seats:
    label: str
    seats: int
    left: str
    tone: str
    wave: Window | None


@dataclass(frozen=True, slots=True)
class Way:
    """One lane as a citizen reads it."""

    lane: Lane
    window: Window
    method: str
    weekdays: list[tuple[str, str]]
    quotas: list[Seats]
    spill_over: str


@dataclass(frozen=True, slots=True)
class BasisNeeds:
    name: str
    paper: str


def window_of(opens_at: datetime, closes_at: datetime, *, is_taking: bool) -> Window:
    """Say whether a window is still closed, open or over, and how long that lasts."""
    now = clock.now()
    if now < opens_at:
        sentence = _("Opens in {time}.").format(time=span_in_words(opens_at - now))
        return Window(_("Not open yet"), "info", sentence, opens_at, closes_at)
    if now < closes_at and is_taking:
        sentence = _("Closes in {time}.").format(time=span_in_words(closes_at - now))
        return Window(_("Open"), "ok", sentence, opens_at, closes_at)
    return Window(_("Closed"), "neutral", _("Applications are closed."), opens_at, closes_at)


def span_in_words(span: timedelta) -> str:
    """Say a span in its largest whole unit, never more than it is."""
    minutes = max(1, int(span.total_seconds() // 60))
    if minutes < 60:
        return _("{count} min").format(count=minutes)
    if minutes < 48 * 60:
        return _("{count} h").format(count=minutes // 60)
    return _("{count} days").format(count=minutes // (24 * 60))


def ways_of(row: RecruitmentRound, left: Mapping[int, str]) -> list[Way]:
    """Tell every lane of a round; `left` says coarsely how many seats a quota has."""
    return [way_of(lane, left, is_taking=row.status in TAKING) for lane in row.lanes.all()]


def way_of(lane: Lane, left: Mapping[int, str], *, is_taking: bool) -> Way:
    window = window_of(lane.opens_at, lane.closes_at, is_taking=is_taking)
    quotas = list(lane.quotas.all())
    return Way(
        lane=lane,
        window=window,
        method=str(METHODS[lane.method]),
        weekdays=weekdays_of(lane),
        quotas=[seats_of(quota, lane, left, is_taking=is_taking) for quota in quotas],
        spill_over=spill_over(quotas),
    )


def seats_of(quota: Quota, lane: Lane, left: Mapping[int, str], *, is_taking: bool) -> Seats:
    word, tone = LEFT[left[quota.pk]] if is_taking and quota.pk in left else ("", "")
    has_own = quota.opens_at or quota.closes_at
    wave = window_of(
        quota.opens_at or lane.opens_at, quota.closes_at or lane.closes_at, is_taking=is_taking
    )
    return Seats(label_of(quota), quota.seats, str(word), tone, wave if has_own else None)


def label_of(quota: Quota) -> str:
    """Name whose seats these are: 65 and older, people of 종로구, everybody."""
    name = quota.get_group_display()
    return f"{name} ({quota.value})" if quota.value else str(name)


def spill_over(quotas: Sequence[Quota]) -> str:
    if len(quotas) < 2:
        return ""
    order = " → ".join(dict.fromkeys(label_of(quota) for quota in quotas))
    return _("Seats nobody takes go on in this order: {order}.").format(order=order)


def weekdays_of(lane: Lane) -> list[tuple[str, str]]:
    """Give each age group its weekday, where a lane has them."""
    if lane.method != Lane.Method.WEEKDAY_BY_BIRTH_YEAR:
        return []
    own = {int(decade): int(day) for decade, day in dict(lane.weekdays).items()}
    decades = sorted((own or WEEKDAYS_BY_DECADE).items())
    last = decades[-1][0]
    return [
        (
            _("{decade} and older").format(decade=decade)
            if decade == last
            else _("{first}–{last} years old").format(first=decade, last=decade + 9),
            str(WEEKDAYS[day]),
        )
        for decade, day in decades
    ]


def rule_today(row: RecruitmentRound) -> EligibilityRule | None:
    """Give the rule in force, or before the first day the one to come; rules are prefetched."""
    today = clock.today()
    released = [rule for rule in row.rules.all() if rule.status == EligibilityRule.Status.RELEASED]
    versions = sorted(released, key=lambda rule: (rule.effective_from, rule.pk))
    in_force = [rule for rule in versions if rule.effective_from <= today]
    known = in_force or versions[:1]
    return known[-1] if known else None


def rules_in_words(row: RecruitmentRound) -> list[str]:
    rule = rule_today(row)
    return in_words(rule) if rule else []


def needs_of(rule: EligibilityRule) -> list[BasisNeeds]:
    """Tell each basis of a rule with the papers it asks for."""
    return [
        BasisNeeds(str(BASES.get(basis, basis)), paper_of(rule.evidence_needed.get(basis, ())))
        for basis in rule.bases
    ]


def paper_of(kinds: Iterable[str]) -> str:
    wanted = frozenset(kinds)
    return str(AnyOf(wanted)) if wanted else _("No paper is needed; the register is asked.")


def change_in_words(change: RoundChange) -> str:
    """Say what was changed after the round was announced."""
    if change.kind == RoundChange.Kind.WINDOW:
        assert change.closes_at, "the database keeps a changed window whole"
        assert change.closed_at_before, "the database keeps a changed window whole"
        assert change.lane, "the database keeps a changed window whole"
        sentence = _("{lane}: applications close at {after} instead of {before}.")
        return sentence.format(
            lane=change.lane.get_kind_display(),
            after=moment(change.closes_at),
            before=moment(change.closed_at_before),
        )
    assert change.rule, "the database keeps a changed rule whole"
    sentence = _("The conditions have a new version {version} from {day} on.")
    return sentence.format(version=change.rule.version, day=change.rule.effective_from)


def moment(at: datetime) -> str:
    return f"{at.astimezone(clock.KST):%Y-%m-%d %H:%M}"
