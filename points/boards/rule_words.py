"""Rules and simulations in words, rows and charts for their pages."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from points.models import Award, EarningCap, EarningRule, Simulation
from points.rules.earning import Cap
from points.services.rule_drafts import Change
from seoul_health.core.charts import Datum, Series, bar_chart, figure, line_chart

FIELDS: dict[str, str | Promise] = {
    "code": gettext_lazy("Code"),
    "effective_from": gettext_lazy("In force from"),
    "goal": gettext_lazy("Goal in steps"),
    "senior_goal": gettext_lazy("Goal from the age of 70"),
    "daily_points": gettext_lazy("Points of a goal day"),
    "weekly_points": gettext_lazy("Points of the weekly bonus"),
    "weekly_days": gettext_lazy("Goal days it needs"),
    "weekly_needs_weekend": gettext_lazy("One of them on Saturday or Sunday"),
}
SIDES: dict[str, str | Promise] = {
    "winners": gettext_lazy("Earn more"),
    "losers": gettext_lazy("Earn less"),
    "unchanged": gettext_lazy("Earn the same"),
}
SHOWN_MONTHS = 12


def change_rows(changes: Iterable[Change]) -> list[dict[str, str]]:
    return [
        {
            "label": label_of(change.field),
            "before": said(change.before),
            "after": said(change.after),
        }
        for change in changes
        if change.field != "code"
    ]


def label_of(field: str) -> str:
    if field.startswith("cap:"):
        return _("Limit “{group}”").format(group=field.removeprefix("cap:"))
    return str(FIELDS[field])


def said(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, int):
        return figure(value)
    return cap_words(value) if isinstance(value, Cap) else str(value)


def cap_words(cap: Cap) -> str:
    items = ", ".join(str(Award.Item(item).label) for item in cap.items) or _("everything")
    period = EarningCap.Period(cap.period).label
    return f"{figure(cap.amount)}P · {period} · {items}"


def people_url(rule: EarningRule, **terms: object) -> str:
    page = reverse("boards:rule-people", args=[rule.code])
    wanted = {name: value for name, value in terms.items() if value not in (None, "")}
    return f"{page}?{urlencode(wanted)}"


def side_tiles(rule: EarningRule, people: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {
            "label": label,
            "people": people[side],
            "url": people_url(rule, side=side, order=first_of(side)),
        }
        for side, label in SIDES.items()
    ]


def first_of(side: str) -> str:
    return "losses" if side == "losers" else ""


def group_rows(rule: EarningRule, rows: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """Give each place or age with its figures and the people behind it."""
    found = []
    for row in rows:
        asked = row["group"] if name == "district" else int(row["group"])
        label = row["group"] or _("Not known")
        if name == "senior":
            label = _("70 or older") if row["group"] else _("Under 70")
        found.append(
            {
                **row,
                "label": label,
                "more": row["after"] - row["before"],
                "url": people_url(rule, **{name: asked}),
                "winners_url": people_url(rule, side="winners", **{name: asked}),
                "losers_url": people_url(rule, side="losers", order="losses", **{name: asked}),
            }
        )
    return found


def month_rows(figures: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**row, "more": row["after"] - row["before"]} for row in figures["months"]]


def month_chart(figures: dict[str, Any]) -> str:
    """Draw the points of each month by both rules."""
    rows = figures["months"]
    title = _("Points by month")
    before, after = _("Present"), _("Drafted")
    if len(rows) == 1:
        row = rows[0]
        return bar_chart(
            [Datum(before, row["before"]), Datum(after, row["after"])], title=title, unit="P"
        )
    series = [
        Series(before, tuple(row["before"] for row in rows)),
        Series(after, tuple(row["after"] for row in rows)),
    ]
    return line_chart([row["month"][2:].replace("-", ".") for row in rows], series, title=title)


def histogram(rule: EarningRule, figures: dict[str, Any]) -> str:
    """Draw how many people would earn how much more or less; each bar leads to its people."""
    bars = figures["histogram"]
    known = [place for place, bar in enumerate(bars) if bar["people"]]
    shown = bars[min(known) : max(known) + 1] if known else []
    data = [
        Datum(
            span_words(bar),
            bar["people"],
            people_url(rule, least=bar["from"], most=bar["to"]),
        )
        for bar in shown
    ]
    return (
        bar_chart(data, title=_("People by how much more or less they would earn")) if data else ""
    )


def span_words(bar: dict[str, Any]) -> str:
    low, high = bar["from"], bar["to"]
    if low == high:
        return figure(low)
    if low is None:
        return _("≤ {points}").format(points=figure(high))
    return _("≥ {points}").format(points=figure(low)) if high is None else f"{figure(low)}…"


def capped_rows(rule: EarningRule, figures: dict[str, Any]) -> list[dict[str, Any]]:
    """Give for each month how many people a limit first cut, now and by the draft."""
    before = {row["month"]: row["people"] for row in figures["capped_before"]}
    after = {row["month"]: row["people"] for row in figures["capped_after"]}
    return [
        {
            "month": month,
            "before": before.get(month, 0),
            "after": after.get(month, 0),
            "url": people_url(rule, capped=month),
        }
        for month in sorted({*before, *after})
    ]


def progress(simulation: Simulation) -> dict[str, int]:
    chunks = simulation.chunks.all()
    done = chunks.filter(done_at__isnull=False).count()
    total = chunks.count()
    return {"done": done, "total": total, "percent": 100 * done // max(1, total)}


def in_force(rule: EarningRule, today: date) -> str:
    """Say where a rule stands on the time line."""
    if rule.status == EarningRule.Status.DRAFT:
        return "draft"
    if rule.effective_from > today:
        return "ahead"
    over = rule.effective_to is not None and rule.effective_to < today
    return "past" if over else "now"
