"""The desk where applications are reviewed: one item, one reviewer, one decision."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Min, Q, QuerySet

from participants.errors import DecidedAlready, HeldByAnother
from participants.models import Application, Decision, ReasonCode, ReviewClaim
from participants.services import applications
from seoul_health.core import clock
from seoul_health.core.errors import DomainError, IllegalMove
from seoul_health.core.models import StaffUser

Status = Application.Status
TO_REVIEW = (Status.SUBMITTED, Status.UNDER_REVIEW)
TO_DECIDE = (*TO_REVIEW, Status.ON_HOLD)
TRIES = 50

CLAIM = """
INSERT INTO participants_reviewclaim (application_id, reviewer_id, taken_at, expires_at)
VALUES (%(application)s, %(reviewer)s, %(now)s, %(until)s)
ON CONFLICT (application_id) DO UPDATE
    SET reviewer_id = EXCLUDED.reviewer_id, taken_at = EXCLUDED.taken_at,
        expires_at = EXCLUDED.expires_at
    WHERE participants_reviewclaim.reviewer_id = EXCLUDED.reviewer_id
        OR participants_reviewclaim.expires_at <= EXCLUDED.taken_at
RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of the queue a reviewer works on; empty means everything."""

    round: str = ""
    lane: str = ""
    basis: str = ""

    @property
    def terms(self) -> dict[str, str]:
        asked = {"round__code": self.round, "lane__kind": self.lane, "basis": self.basis}
        return {name: value for name, value in asked.items() if value}


@dataclass(frozen=True, slots=True)
class Counters:
    """How much waits, since when, and how much this person has done today."""

    waiting: int
    oldest: object
    near_breach: int
    mine_today: int


def queue(user: StaffUser, wanted: Wanted) -> QuerySet[Application]:
    """Give what waits for a decision inside a reviewer's scope, oldest first."""
    rows = Application.objects.visible_to(user).filter(status__in=TO_REVIEW, **wanted.terms)
    return rows.order_by("sequence")


def take_next(
    *, by: StaffUser, wanted: Wanted | None = None, after: Application | None = None
) -> Application | None:
    """Give the oldest item nobody else has; a skipped one comes again at the end."""
    if after is not None:
        release(after, by=by)
    lost: list[int] = []  # Somebody else was faster with these.
    while len(lost) < TRIES:
        found = oldest_free(by, wanted or Wanted(), after, lost)
        if found is None or start(found, by=by):
            return found
        lost.append(found.pk)
    return None


def oldest_free(
    by: StaffUser, wanted: Wanted, after: Application | None, lost: list[int]
) -> Application | None:
    rows = queue(by, wanted).exclude(pk__in=lost)
    # One's own open item is given back first, so that a closed window loses nothing.
    free = rows.filter(
        Q(claim=None) | Q(claim__expires_at__lte=clock.now()) | Q(claim__reviewer=by)
    )
    if after is None or after.sequence is None:
        return free.first()
    return free.filter(sequence__gt=after.sequence).first() or free.exclude(pk=after.pk).first()


@transaction.atomic
def start(application: Application, *, by: StaffUser) -> bool:
    """Put an item on one desk; tell whether it was still there to take."""
    rows = Application.objects.select_for_update(skip_locked=True, of=("self",))
    locked = rows.filter(pk=application.pk, status__in=TO_REVIEW).first()
    if locked is None or not claim(locked, by=by):
        return False
    if locked.status == Status.SUBMITTED:
        applications.start_review(locked, by=by)
    return True


def claim(application: Application, *, by: StaffUser) -> bool:
    now = clock.now()
    until = now + timedelta(minutes=settings.REVIEW_CLAIM_MINUTES)
    with connection.cursor() as cursor:
        cursor.execute(
            CLAIM, {"application": application.pk, "reviewer": by.pk, "now": now, "until": until}
        )
        return cursor.fetchone() is not None


def release(application: Application, *, by: StaffUser) -> None:
    ReviewClaim.objects.filter(application=application, reviewer=by).delete()


def held_by_another(application: Application, by: StaffUser) -> ReviewClaim | None:
    others = ReviewClaim.objects.filter(application=application, expires_at__gt=clock.now())
    return others.exclude(reviewer=by).select_related("reviewer").first()


@transaction.atomic
def decide(
    application: Application,
    outcome: str,
    *,
    by: StaffUser,
    code: ReasonCode | None = None,
    note: str = "",
) -> None:
    """Take one decision at the desk; whoever comes second is told who was first."""
    locked = applications.lock(application)
    if other := held_by_another(locked, by):
        raise HeldByAnother(who=name_of(other.reviewer), application=locked)
    if locked.status not in TO_DECIDE:
        raise already(locked, outcome)
    if outcome == Decision.Outcome.APPROVED:
        applications.approve(locked, by=by)
    elif outcome == Decision.Outcome.REJECTED:
        applications.reject(locked, by=by, code=code, reason=note)
    else:
        applications.hold(locked, by=by, code=code, reason=note)
    ReviewClaim.objects.filter(application=locked).delete()


def already(application: Application, outcome: str) -> DomainError:
    """Say who was faster, or that the application is simply no longer there to decide."""
    last = application.decisions.order_by("-pk").first()
    if last is None:
        return IllegalMove(what=application, to=Decision.Outcome(outcome).label)
    return DecidedAlready(
        application=application,
        who=last.decided_by.partition(":")[2],
        outcome=application.get_status_display(),
    )


def name_of(user: StaffUser) -> str:
    return f"{user.last_name}{user.first_name}" or user.username


def counters(user: StaffUser, wanted: Wanted) -> Counters:
    """Count the queue in one pass; what is promised by tomorrow is near its breach."""
    today = clock.today()
    found = queue(user, wanted).aggregate(
        waiting=Count("pk"),
        oldest=Min("submitted_at"),
        near_breach=Count("pk", filter=Q(promised_on__lte=today + timedelta(days=1))),
    )
    mine = Decision.objects.filter(
        decided_by=user.actor_name, decided_at__gte=clock.day_starts(today)
    )
    return Counters(mine_today=mine.count(), **found)
