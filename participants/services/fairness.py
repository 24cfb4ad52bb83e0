"""Who applied to a round and who got a seat, beside what a lottery would have given."""

from collections import defaultdict
from typing import Any

from django.db import transaction

from participants.errors import CountGoesOn
from participants.models import Application, FairnessLine, FairnessReport, Lane, RecruitmentRound
from participants.rules.bands import age_band, arrival_band
from participants.rules.eligibility import age_on
from participants.services.round_counts import Applicant, run
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.db import constraint
from seoul_health.core.models import StaffUser
from seoul_health.core.tasks import enqueue

Status = Application.Status
Dimension = FairnessLine.Dimension
REFUSED = (Status.REJECTED, Status.WITHDRAWN)
SEATED = (Status.SELECTED, Status.CONFIRMED, Status.DECLINED, Status.LAPSED)
HUNDREDTHS = 100


@transaction.atomic
def plan_report(round_: RecruitmentRound, *, by: StaffUser) -> FairnessReport:
    """Ask for the applicants of a round to be counted as they are now."""
    with constraint("one_count_of_a_round_at_a_time", CountGoesOn()):
        report = FairnessReport.objects.create(round=round_, asked_by=by)
    audit.record("planned", report, by=by, round=round_.code)
    enqueue("participants.run_fairness_report", report.pk)
    return report


def run_report(report: FairnessReport, *, by: Actor) -> None:
    """Count to the end; birth dates are read a chunk at a time and never kept."""
    lanes = {lane.pk: lane for lane in Lane.objects.filter(round=report.round_id)}
    day = clock.seoul_day(min(lane.opens_at for lane in lanes.values())) if lanes else clock.today()

    def count(row: FairnessReport, chunk: list[Applicant]) -> None:
        for one in chunk:
            groups = (
                (Dimension.DISTRICT, one.district or "–"),
                (Dimension.AGE_BAND, age_band(age_on(one.born, day))),
                (Dimension.LANE, lanes[one.lane].kind),
                (Dimension.WAITED, arrival_band(lanes[one.lane].opens_at, one.submitted_at)),
            )
            for dimension, value in groups:
                tally(row.counts, f"{one.lane}|{one.quota}|{dimension}|{value}", one.status)

    run(report, count, write_lines, [report.round_id], by=by)


def tally(counts: dict[str, Any], cell: str, status: str) -> None:
    """Count one applicant into applied, not refused and seated."""
    numbers = counts.setdefault(cell, [0, 0, 0])
    numbers[0] += 1
    numbers[1] += status not in REFUSED
    numbers[2] += status in SEATED


def write_lines(report: FairnessReport) -> None:
    """Sum the quotas of a lane up; each quota's seats would have been drawn among its own."""
    pools = pools_of(report.counts)
    lines: dict[tuple[str, str, str], list[float]] = defaultdict(lambda: [0, 0, 0, 0.0])
    for cell, (applied, eligible, seated) in report.counts.items():
        lane, quota, dimension, value = cell.split("|")
        pool_eligible, pool_seated = pools[lane, quota]
        line = lines[lane, dimension, value]
        line[0] += applied
        line[1] += eligible
        line[2] += seated
        line[3] += pool_seated * eligible / pool_eligible if pool_eligible else 0
    FairnessLine.objects.bulk_create(
        FairnessLine(
            report=report,
            lane_id=int(lane),
            dimension=dimension,
            value=value,
            applied=int(applied),
            eligible=int(eligible),
            seated=int(seated),
            by_lot=round(by_lot * HUNDREDTHS),
        )
        for (lane, dimension, value), (applied, eligible, seated, by_lot) in lines.items()
    )


def pools_of(counts: dict[str, Any]) -> dict[tuple[str, str], tuple[int, int]]:
    """Give, for each quota, who could have been drawn and how many seats were given."""
    pools: dict[tuple[str, str], tuple[int, int]] = {}
    for cell, (_applied, eligible, seated) in counts.items():
        lane, quota, dimension, _value = cell.split("|")
        if dimension == Dimension.LANE:
            pools[lane, quota] = eligible, seated
    return pools
