"""Decisions behind the demo's rejections, an appeal, and a list that waits for its approver."""

from contextlib import suppress

from participants.errors import NobodyToApprove
from participants.models import Application, Decision, ReasonCode
from participants.services import appeals, batches, decisions
from participants.services.judging import rule_of
from seoul_health.core import clock
from seoul_health.core.models import StaffUser

from .plans import World

MOST = 40
REASONS = {
    "not_resident": "address_outside",
    "evidence_missing": "no_evidence",
    "watch_not_returned": "duplicate",
}
OBJECTION = "재직증명서는 신청할 때 함께 올렸습니다. 다시 확인해 주시기 바랍니다."


def load_reviews(world: World) -> int:
    """Write down why the newest rejections were made; let one citizen object; propose a list."""
    officer = StaffUser.objects.get(username="recruit")
    rejected = Application.objects.filter(
        round=world.rounds.open.round, status=Application.Status.REJECTED
    )
    rows = list(
        rejected.select_related("round", "quota", "participant__profile").order_by("-pk")[:MOST]
    )
    for row in rows:
        write(row, officer)
    object_to(rows)
    propose_list(world, officer)
    return len(rows)


def write(row: Application, officer: StaffUser) -> None:
    code = ReasonCode.objects.get(code=REASONS.get((row.failed_rules or [""])[0], "wrong_kind"))
    Application.objects.filter(pk=row.pk).update(reason_code=code)
    decisions.write_decision(
        row,
        Decision.Outcome.REJECTED,
        rule=rule_of(row.round),
        failed=row.failed_rules,
        by=officer,
        at=row.decided_at or clock.now(),
        code=code,
        reason=row.reason,
    )


def object_to(rows: list[Application]) -> None:
    """Let the applicant of the newest rejection that is young enough object."""
    for row in rows:
        if appeals.can_appeal_until(row):
            appeals.file_appeal(row, text=OBJECTION, by=row.participant)
            return


def propose_list(world: World, officer: StaffUser) -> None:
    """Propose the residents of the open round whom nobody needs to look at, if there are any."""
    with suppress(NobodyToApprove):
        batches.propose(world.rounds.open.round, by=officer)
