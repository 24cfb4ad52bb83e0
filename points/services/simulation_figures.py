"""What a simulation came to: people better and worse off, by place and age, and the money."""

from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Sum, Value, When
from django.db.models.functions import TruncMonth

from points.models import SimulatedPerson, Simulation

# Each bar of the histogram begins here; nobody's difference is lost between two of them.
EDGES = (-50_000, -20_000, -10_000, -5_000, -2_000, -1_000, 0, 1, 1_001, 2_001, 5_001, 10_001,
         20_001, 50_001)  # fmt: skip
WINNERS, LOSERS, UNCHANGED = Q(difference__gt=0), Q(difference__lt=0), Q(difference=0)
Rows = QuerySet[SimulatedPerson]


def figures_of(simulation: Simulation) -> dict[str, Any]:
    """Count a simulation whose every range is done."""
    people = SimulatedPerson.objects.filter(simulation=simulation)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE points_simulatedperson")
    return {
        "people": people.aggregate(**sums()),
        "months": months_of(simulation),
        "districts": grouped(people, "district"),
        "ages": grouped(people, "is_senior"),
        "histogram": histogram(people),
        "capped_before": capped(people, "capped_before"),
        "capped_after": capped(people, "capped_after"),
        "off_the_book": people.exclude(before=F("booked")).count(),
    }


def sums() -> dict[str, Any]:
    return {
        "all": Count("pk"),
        "winners": Count("pk", filter=WINNERS),
        "losers": Count("pk", filter=LOSERS),
        "unchanged": Count("pk", filter=UNCHANGED),
        "before": Sum("before", default=0),
        "after": Sum("after", default=0),
        "booked": Sum("booked", default=0),
    }


def grouped(people: Rows, name: str) -> list[dict[str, Any]]:
    rows = people.values(name).annotate(**{f"{key}_": value for key, value in sums().items()})
    return [
        {"group": row[name], **{key: row[f"{key}_"] for key in sums()}}
        for row in rows.order_by(name)
    ]


def months_of(simulation: Simulation) -> list[dict[str, Any]]:
    found: dict[str, dict[str, int]] = {}
    for months in simulation.chunks.values_list("months", flat=True):
        add_up(found, months.items())
    return [{"month": month, **found[month]} for month in sorted(found)]


def add_up(found: dict[str, dict[str, int]], told: Iterable[tuple[str, dict[str, int]]]) -> None:
    for month, values in told:
        known = found.setdefault(month, {"before": 0, "after": 0, "booked": 0})
        for key, value in values.items():
            known[key] += value


def histogram(people: Rows) -> list[dict[str, Any]]:
    """Count people by how much more or less they would have earned."""
    cases = [When(difference__lt=edge, then=Value(place)) for place, edge in enumerate(EDGES)]
    place = Case(*cases, default=Value(len(EDGES)), output_field=IntegerField())
    counted = dict(people.annotate(place=place).values_list("place").annotate(count=Count("pk")))
    bounds = [None, *EDGES, None]
    return [
        {
            "from": bounds[place],
            "to": None if (above := bounds[place + 1]) is None else above - 1,
            "people": counted.get(place, 0),
        }
        for place in range(len(EDGES) + 1)
    ]


def capped(people: Rows, name: str) -> list[dict[str, Any]]:
    """Count people by the month in which a limit first cut something."""
    cut = people.exclude(**{name: None}).annotate(month=TruncMonth(name))
    rows = cut.values_list("month").annotate(count=Count("pk")).order_by("month")
    return [{"month": f"{month:%Y-%m}", "people": count} for month, count in rows]
