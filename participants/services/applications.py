from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.db import transaction

from participants.errors import AlreadyApplied, ConsentNeeded, DraftOnly
from participants.models import (
    Application,
    Consent,
    Decision,
    Lane,
    Offer,
    Participant,
    Quota,
    ReasonCode,
)
from participants.rules.promises import working_days_after
from participants.services import consents as consent_book
from participants.services import offers
from participants.services.decisions import sentence_of, write_decision
from participants.services.judging import (
    applicant_of,
    check_round,
    check_rules,
    check_window,
    judge,
    rule_in_force,
    rule_of,
)
from participants.services.notices import tell_applicant
from participants.services.numbers import draw_from, new_receipt_no, receipt_no_of
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.db import constraint
from seoul_health.core.errors import IllegalMove

Status = Application.Status
Yes = Mapping[str, Any]  # purpose and version


@transaction.atomic
def apply(
    participant: Participant,
    *,
    lane: Lane,
    quota: Quota | None = None,
    basis: str,
    consents: Iterable[Yes] = (),
    submit: bool,
) -> Application:
    """Write one application to a round, as a draft or at once submitted."""
    check_round(lane, now=clock.now())
    for consent in consents:
        consent_book.give(participant, **consent, by=participant)
    if not submit:
        return draft(participant, lane=lane, quota=quota, basis=basis)
    return hand_in(participant, lane=lane, quota=quota or general_seats(lane), basis=basis)


def draft(
    participant: Participant, *, lane: Lane, quota: Quota | None, basis: str, **more: Any
) -> Application:
    receipt_no = more.pop("receipt_no", "") or new_receipt_no()
    with constraint("one_application_per_person_and_round", AlreadyApplied()):
        return Application.objects.create(
            receipt_no=receipt_no,
            participant=participant,
            round=lane.round,
            lane=lane,
            quota=quota or general_seats(lane),
            basis=basis,
            created_at=clock.now(),
            **more,
        )


def hand_in(
    participant: Participant, *, lane: Lane, quota: Quota | None, basis: str
) -> Application:
    """Write and submit at once: what is new in the rush of an opening is written only once."""
    wish = Application(
        participant=participant, round=lane.round, lane=lane, quota=quota, basis=basis
    )
    check_window(lane, participant, quota=quota, now=clock.now())
    wish.facts = applicant_of(wish)
    check_entitled(wish)
    place = new_place()
    application = draft(
        participant,
        lane=lane,
        quota=quota,
        basis=basis,
        status=Status.SUBMITTED,
        receipt_no=receipt_no_of(place["sequence"]),
        **place,
    )
    application.facts = wish.facts
    audit.record(Status.SUBMITTED, application, by=participant, why="", before="")
    tell_applicant(application, "application_received")
    return application


def general_seats(lane: Lane) -> Quota | None:
    """Give the seats for everybody, which who names no quota applies for: of the present wave."""
    general = (quota for quota in lane.quotas.all() if quota.group == Quota.Group.GENERAL)
    waves = sorted(general, key=lambda quota: (quota.spill_order, quota.pk))
    now = clock.now()
    to_come = (wave for wave in waves if wave.closes_at is None or wave.closes_at > now)
    return next(to_come, waves[0] if waves else None)


@transaction.atomic
def edit(application: Application, *, lane: Lane, quota: Quota | None, basis: str) -> None:
    """Change a draft; what was submitted stays as it was."""
    check_round(lane, now=clock.now())
    seats = quota or general_seats(lane)
    drafts = Application.objects.filter(pk=application.pk, status=Status.DRAFT)
    if not drafts.update(lane=lane, quota=seats, basis=basis):
        raise DraftOnly
    audit.record("edited", application, by=application.participant)
    application.lane, application.quota, application.basis = lane, seats, basis


@transaction.atomic
def submit_application(application: Application, *, by: Actor) -> None:
    """Hand an application in: inside the window, eligible, with consent; then it has its place."""
    now = clock.now()
    if application.status != Status.DRAFT:
        raise DraftOnly
    check_window(application.lane, application.participant, quota=application.quota, now=now)
    enlist(application, by=by)


def enlist(application: Application, *, by: Actor) -> None:
    """Give an eligible application its place in the order of arrival."""
    check_entitled(application)
    application.move(Status.SUBMITTED, by=by, **new_place())
    tell_applicant(application, "application_received")


def check_entitled(application: Application) -> None:
    if not consent_book.has_given(application.participant, Consent.Purpose.HEALTH):
        raise ConsentNeeded
    check_rules(application, with_papers=False)


def new_place() -> dict[str, Any]:
    """Draw the next place in the order of arrival, and promise a day for the decision."""
    return {
        "sequence": draw_from("participants_arrival"),
        "submitted_at": clock.now(),
        "promised_on": working_days_after(clock.today(), settings.REVIEW_WORKING_DAYS),
    }


submit = submit_application


@transaction.atomic
def withdraw(application: Application, *, by: Actor, why: str = "") -> None:
    """Take an application back while it is not yet a participation; a seat it held is free."""
    offers.close(application, Offer.Status.WITHDRAWN, by=by, why=why)
    application.move(
        Status.WITHDRAWN, by=by, why=why, decided_at=clock.now(), seat=None, seat_no=None
    )


def start_review(application: Application, *, by: Actor) -> None:
    refusal = IllegalMove(what=application, to=Status.UNDER_REVIEW.label)
    with constraint("only_an_appeal_reopens", refusal):
        application.move(Status.UNDER_REVIEW, by=by)


@transaction.atomic
def approve(application: Application, *, by: Actor) -> None:
    """Say yes and freeze what it rests on: the rule's version and the papers."""
    locked = lock(application)
    rule = check_rules(locked, with_papers=True)
    now = clock.now()
    cleared: dict[str, Any] = {"reason": "", "reason_code": None, "failed_rules": []}
    application.move(Status.APPROVED, by=by, decided_at=now, rule=rule, **cleared)
    write_decision(locked, Decision.Outcome.APPROVED, rule=rule, by=by, at=now)
    vouch(application.participant)
    tell_applicant(application, "application_approved")


def vouch(participant: Participant) -> None:
    """Count papers seen by staff as verification; a worker's home may be anywhere."""
    Participant.objects.filter(pk=participant.pk, verified_at=None).update(verified_at=clock.now())


@transaction.atomic
def reject(
    application: Application, *, by: Actor, reason: str = "", code: ReasonCode | None = None
) -> None:
    """Say no with a reason the citizen reads; the rules failed today are kept with it."""
    words = sentence_of(code, reason, use=ReasonCode.Use.REJECT)
    locked, now = lock(application), clock.now()
    rule = rule_of(locked.round)
    failed = [failure.code for failure in judge(locked, rule, with_papers=True)]
    why = {"reason": words, "reason_code": code, "failed_rules": failed}
    application.move(Status.REJECTED, by=by, why=words, decided_at=now, **why)
    decision = write_decision(
        locked, Decision.Outcome.REJECTED, rule=rule, failed=failed, by=by, at=now, code=code,
        reason=words,
    )  # fmt: skip
    tell_applicant(application, "application_rejected", key=f":{decision.pk}")


@transaction.atomic
def hold(
    application: Application, *, by: Actor, reason: str = "", code: ReasonCode | None = None
) -> None:
    """Wait for the citizen, who reads what is missing."""
    words = sentence_of(code, reason, use=ReasonCode.Use.HOLD)
    locked, now = lock(application), clock.now()
    application.move(Status.ON_HOLD, by=by, why=words, reason=words, reason_code=code)
    rule = rule_in_force(locked.round)
    write_decision(
        locked, Decision.Outcome.ON_HOLD, rule=rule, by=by, at=now, code=code, reason=words
    )
    tell_applicant(application, "evidence_needed", key=f":{now.isoformat()}")


def lock(application: Application) -> Application:
    """Keep papers from coming and going while an application is judged."""
    rows = Application.objects.select_for_update(of=("self",)).order_by("pk")
    whole = rows.select_related("round", "quota", "participant__profile")
    return whole.get(pk=application.pk)
