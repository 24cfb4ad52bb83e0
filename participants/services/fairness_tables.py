"""The lines of a fairness report as tables and as a file."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from participants.models import FairnessLine, FairnessReport, Lane
from participants.rules.bands import by_first_number
from participants.services.fairness import HUNDREDTHS
from seoul_health.core.spreadsheets import write_csv, write_xlsx

HEADER: tuple[str | Promise, ...] = (
    gettext_lazy("Lane"),
    gettext_lazy("By"),
    gettext_lazy("Group"),
    gettext_lazy("Applied"),
    gettext_lazy("Not refused"),
    gettext_lazy("Got a seat"),
    gettext_lazy("Seats for each hundred"),
    gettext_lazy("Seats by lot"),
    gettext_lazy("More or fewer than by lot"),
)
MEDIA = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


@dataclass(frozen=True)
class Row:
    """One group of a lane, with what it would have had by lot."""

    name: str
    applied: int
    eligible: int
    seated: int
    by_lot: float

    @property
    def share(self) -> float:
        return round(100 * self.seated / self.eligible, 1) if self.eligible else 0.0

    @property
    def more(self) -> float:
        return round(self.seated - self.by_lot, 1)

    def cells(self) -> list[Any]:
        return [self.name, self.applied, self.eligible, self.seated, self.share, self.by_lot,
                self.more]  # fmt: skip


def tables(report: FairnessReport) -> Iterator[dict[str, Any]]:
    """Give a table for each lane and each way to group its applicants."""
    found: dict[tuple[int, str], list[FairnessLine]] = {}
    lines = report.lines.select_related("lane")
    for line in lines:
        found.setdefault((line.lane_id, line.dimension), []).append(line)
    order = list(FairnessLine.Dimension.values)
    for _key, group in sorted(found.items(), key=lambda one: (one[0][0], order.index(one[0][1]))):
        group.sort(key=lambda line: by_first_number(line.value))
        yield {
            "lane": group[0].lane.get_kind_display(),
            "by": group[0].get_dimension_display(),
            "rows": [row_of(line) for line in group],
        }


def row_of(line: FairnessLine) -> Row:
    by_lot = round(line.by_lot / HUNDREDTHS, 1)
    return Row(name_of(line), line.applied, line.eligible, line.seated, by_lot)


def name_of(line: FairnessLine) -> str:
    """Say a group's name as people read it."""
    if line.dimension == FairnessLine.Dimension.LANE:
        return str(Lane.Kind(line.value).label)
    if line.dimension == FairnessLine.Dimension.WAITED:
        return _("{minutes} minutes").format(minutes=line.value)
    return line.value


def as_file(report: FairnessReport, kind: str) -> tuple[bytes, str]:
    """Write all lines as XLSX or CSV; nothing in them can become a formula."""
    header = [str(name) for name in HEADER]
    rows = [
        [table["lane"], table["by"], *row.cells()]
        for table in tables(report)
        for row in table["rows"]
    ]
    write = write_xlsx if kind == "xlsx" else write_csv
    return write(header, rows), MEDIA[kind]
