"""Points asked back: proposed, approved by another person, announced, open to objection, reversed.

Nothing is taken before the notice's time is over, and never more than the purse holds: what is
not there is written down as outstanding. The award itself stays, so no sweep awards it again.
"""

from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.db import transaction

from participants.models import Participant
from participants.rules.messages import spoken_day
from participants.rules.promises import working_days_after
from participants.services.notices import notify
from points.errors import (
    NothingToObjectTo,
    NothingToTakeBack,
    ObjectedAlready,
    ObjectionTooLate,
    SomebodyElseMustDecide,
)
from points.models import AwardReview, Clawback, Pot, Reason
from points.services import ledger
from points.services.accounts import lock_purses, pot, purse_of
from points.services.holding import in_words
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.errors import ReasonNeeded
from seoul_health.core.models import StaffUser

Status = Clawback.Status


@transaction.atomic
def propose_clawback(reviews: Sequence[AwardReview], *, why: str, by: StaffUser) -> Clawback:
    """Propose to ask back what one person's open reviews found too much."""
    if not why.strip():
        raise ReasonNeeded
    if len({review.participant_id for review in reviews}) != 1:
        raise NothingToTakeBack
    clawback = Clawback.objects.create(
        participant=reviews[0].participant,
        amount=sum(review.difference for review in reviews),
        reason=why.strip(),
        requested_by=by,
    )
    stamps = {"closed_by": by.actor_name, "closed_at": clock.now(), "reason": why.strip()}
    for review in sorted(reviews, key=lambda one: one.pk):
        review.move(AwardReview.Status.PROPOSED, by=by, why=why, clawback=clawback, **stamps)
    audit.record("proposed", clawback, by=by, amount=clawback.amount)
    return clawback


@transaction.atomic
def approve_clawback(clawback: Clawback, *, by: StaffUser) -> None:
    """Give the citizen notice: amount, reason, time to object, and where to turn."""
    until = clock.today() + timedelta(days=settings.CLAWBACK_NOTICE_DAYS)
    clawback.move(
        Status.NOTIFIED,
        by=by,
        notified_at=clock.now(),
        objects_until=until,
        **clawback.decided(by),
    )
    values = {
        "amount": f"{clawback.amount:,}",
        "reason": clawback.reason,
        "until": spoken_day(until),
    }
    notify(clawback.participant, "clawback_notice", values, key=str(clawback.pk))


@transaction.atomic
def decline_clawback(clawback: Clawback, *, why: str, by: StaffUser) -> None:
    """Leave the points where they are; the citizen was never told of a proposal."""
    if not why.strip():
        raise ReasonNeeded
    clawback.move(Status.DECLINED, by=by, why=why, ended_at=clock.now(), **clawback.decided(by))
    keep_reviews(clawback, why=why, by=by)


def keep_reviews(clawback: Clawback, *, why: str, by: StaffUser) -> None:
    for review in clawback.reviews.order_by("pk"):
        review.move(AwardReview.Status.KEPT, by=by, why=why, reason=why.strip())


@transaction.atomic
def object_to(clawback: Clawback, *, text: str, by: Participant) -> None:
    """Stop a claw-back until somebody has decided on the objection."""
    held = Clawback.objects.select_for_update().get(pk=clawback.pk)
    if held.objected_at is not None:
        raise ObjectedAlready
    if held.status != Status.NOTIFIED or held.objects_until is None:
        raise NothingToObjectTo
    if clock.today() > held.objects_until:
        raise ObjectionTooLate(day=held.objects_until)
    promised = working_days_after(clock.today(), settings.HOLD_APPEAL_WORKING_DAYS)
    clawback.move(
        Status.OBJECTED,
        by=by,
        objection=text,
        objected_at=clock.now(),
        objection_promised_on=promised,
    )
    notify(by, "clawback_objection", {"until": spoken_day(promised)}, key=str(clawback.pk))


@transaction.atomic
def withdraw_clawback(clawback: Clawback, *, answer: str, by: StaffUser) -> None:
    """Agree with the citizen: nothing is taken."""
    answer_objection(clawback, Status.WITHDRAWN, answer=answer, by=by)
    Clawback.objects.filter(pk=clawback.pk).update(ended_at=clock.now())
    keep_reviews(clawback, why=answer, by=by)


@transaction.atomic
def uphold_clawback(clawback: Clawback, *, answer: str, by: StaffUser) -> None:
    """Stand by the claw-back, and say why; the next sweep takes the points."""
    answer_objection(clawback, Status.UPHELD, answer=answer, by=by)


def answer_objection(clawback: Clawback, to: str, *, answer: str, by: StaffUser) -> None:
    if not answer.strip():
        raise ReasonNeeded
    if by.pk in {clawback.requested_by_id, clawback.decided_by_id}:
        raise SomebodyElseMustDecide
    clawback.move(
        to,
        by=by,
        why=answer,
        objection_answer=answer.strip(),
        objection_decided_by=by,
        objection_decided_at=clock.now(),
    )
    values = {"result": in_words(Status(to).label), "answer": answer.strip()}
    notify(clawback.participant, "clawback_decided", values, key=str(clawback.pk))


def take_due(*, by: Actor) -> int:
    """Take back whatever is due by now, one person after the other; give how many."""
    due = list(Clawback.objects.due(clock.today()).values_list("pk", flat=True))
    return sum(take(pk, by=by) for pk in due)


@transaction.atomic
def take(clawback_id: int, *, by: Actor) -> bool:
    """Reverse what the purse still holds, award by award; write down what is outstanding."""
    row = Clawback.objects.due(clock.today()).select_related("participant").filter(pk=clawback_id)
    clawback = row.select_for_update(of=("self",)).first()
    if clawback is None:
        return False
    taken = sum(reverse_award(review) for review in reviews_of(clawback))
    clawback.move(
        Status.TAKEN,
        by=by,
        taken=taken,
        outstanding=clawback.amount - taken,
        ended_at=clock.now(),
    )
    values = {"amount": f"{taken:,}", "outstanding": f"{clawback.outstanding:,}"}
    notify(clawback.participant, "clawback_taken", values, key=str(clawback.pk))
    return True


def reviews_of(clawback: Clawback) -> list[AwardReview]:
    rows = clawback.reviews.select_related("award__transfer", "participant")
    return list(rows.order_by("award__period", "pk"))


def reverse_award(review: AwardReview) -> int:
    """Move one award's difference back to the fund, as far as the purse goes."""
    lock_purses([review.participant_id])
    purse = purse_of(review.participant)
    amount = min(review.difference, purse.balance)
    if not amount:
        return 0
    transfer = ledger.post(
        f"clawback:{review.pk}",
        source=purse,
        target=pot(Pot.FUND),
        amount=amount,
        reason=Reason.CLAWBACK,
        business_date=clock.today(),
        case=f"CB-{review.clawback_id}",
        reversal_of=review.award.transfer,
    )
    AwardReview.objects.filter(pk=review.pk).update(taken=amount, transfer=transfer)
    return amount
