"""A signal that was wrong about many: its holds are released together, by two people."""

from datetime import date

from django.db import transaction
from django.db.models import F

from points.models import Hold, HoldAppeal, HoldRelease
from points.services.hold_appeals import uphold_appeal
from points.services.holding import release_hold
from seoul_health.core import audit
from seoul_health.core.audit import Actor
from seoul_health.core.errors import ReasonNeeded
from seoul_health.core.models import StaffUser
from seoul_health.core.tasks import enqueue

Status = HoldRelease.Status


@transaction.atomic
def request_release(
    *, signal: str, raised_from: date, raised_to: date, most_score: int, why: str, by: StaffUser
) -> HoldRelease:
    """Ask for every open hold of a cause to be released."""
    if not why.strip():
        raise ReasonNeeded
    release = HoldRelease.objects.create(
        signal=signal,
        raised_from=raised_from,
        raised_to=raised_to,
        most_score=most_score,
        why=why.strip(),
        requested_by=by,
    )
    release.refresh_from_db()
    audit.record("requested", release, by=by, holds=release.holds().count())
    return release


@transaction.atomic
def approve_release(release: HoldRelease, *, by: StaffUser) -> None:
    """Agree; the holds are worked off by a job."""
    release.move(Status.APPROVED, by=by, **release.decided(by))
    enqueue("points.release_holds", release.pk)


def decline_release(release: HoldRelease, *, why: str, by: StaffUser) -> None:
    release.move(Status.DECLINED, by=by, why=why, **release.decided(by))


def work_off(release: HoldRelease, *, by: Actor) -> int:
    """Release hold after hold, each on its own; whatever a kill leaves, the next run finds."""
    approver = release.decided_by
    if release.status != Status.APPROVED or approver is None:
        return 0
    done = 0
    # One that its approver had raised by hand is left to somebody else.
    for pk in (
        release.holds().exclude(raised_by=approver).order_by("pk").values_list("pk", flat=True)
    ):
        done += release_one(release, pk, by=approver)
    release.move(Status.DONE, by=by)
    return done


@transaction.atomic
def release_one(release: HoldRelease, pk: int, *, by: StaffUser) -> bool:
    """Release one hold, unless somebody decided on it meanwhile."""
    hold = Hold.objects.open().select_related("participant").filter(pk=pk).first()
    if hold is None:
        return False
    appeal = HoldAppeal.objects.waiting().filter(hold=hold).first()
    if appeal is None:
        release_hold(hold, why=release.why, by=by)
    else:
        uphold_appeal(appeal, answer=release.why, by=by)
    HoldRelease.objects.filter(pk=release.pk).update(released=F("released") + 1)
    return True
