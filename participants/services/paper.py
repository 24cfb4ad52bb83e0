"""Applications on paper, taken at a counter and typed in later."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from participants.errors import (
    OtherDistrict,
    OutsideWindow,
    PaperTaken,
    RoundNotOpen,
    UnknownLane,
    UnknownQuota,
)
from participants.models import Application, Consent, Lane, Quota
from participants.rules.eligibility import window_failure
from participants.services import consents
from participants.services.applications import draft, enlist
from participants.services.identity import birth_date_of, meet_at_counter
from participants.services.judging import TAKING
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.models import StaffUser
from seoul_health.core.models.staff import Scope
from seoul_health.core.tasks import enqueue

CONSENT_VERSION = "paper"
NEEDED = (Consent.Purpose.SERVICE, Consent.Purpose.HEALTH)


@dataclass(frozen=True, slots=True)
class PaperForm:
    """What stands on one sheet of paper."""

    paper_no: str
    name: str
    phone: str
    birth_date: date
    address: str
    district: str
    round: str
    lane: str
    basis: str
    consented_on: date
    quota: str = ""
    # What was agreed to besides what the programme cannot run without.
    also_agreed: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"PaperForm({self.paper_no})"


@transaction.atomic
def file_paper(form: PaperForm, *, by: Actor) -> Application:
    """Hand in what a citizen wrote on paper; the same sheet twice is one application."""
    filed = Application.objects.filter(paper_no=form.paper_no).first()
    if filed is not None:
        return same_person(filed, form)
    lane = lane_of(form)
    check_day(lane, form.consented_on)
    participant = meet_at_counter(form, by=by)
    for purpose in (*NEEDED, *form.also_agreed):
        consents.give(
            participant,
            purpose=purpose,
            version=CONSENT_VERSION,
            by=by,
            paper_no=form.paper_no,
            signed_on=form.consented_on,
        )
    application = draft(
        participant,
        lane=lane,
        quota=quota_of(lane, form.quota),
        basis=form.basis,
        paper_no=form.paper_no,
    )
    enlist(application, by=by)
    return application


@transaction.atomic
def apply_for(form: PaperForm, *, by: StaffUser) -> Application:
    """Apply for a citizen at a counter; what the register cannot say yet is asked later."""
    if by.scope != Scope.CITY and form.district != by.district:
        raise OtherDistrict(district=by.district or by.site_code)
    application = file_paper(form, by=by)
    unsigned = Application.objects.filter(pk=application.pk, assisted_by=None)
    if unsigned.update(assisted_by=by):
        audit.record("assisted", application, by=by)
    if application.participant.is_resident is None:
        enqueue("participants.recheck_residence")
    return application


def same_person(filed: Application, form: PaperForm) -> Application:
    """Give what was filed from a sheet, unless its number was used for somebody else."""
    participant = filed.participant
    if participant.profile.name.strip() != form.name.strip():
        raise PaperTaken(paper_no=form.paper_no)
    if birth_date_of(participant) != form.birth_date:
        raise PaperTaken(paper_no=form.paper_no)
    return filed


def quota_of(lane: Lane, code: str) -> Quota | None:
    if not code:
        return None
    quota = lane.quotas.filter(code=code).first()
    if quota is None:
        raise UnknownQuota(quota=code)
    return quota


def lane_of(form: PaperForm) -> Lane:
    lane = (
        Lane.objects.select_related("round").filter(round__code=form.round, kind=form.lane).first()
    )
    if lane is None:
        raise UnknownLane(round=form.round, lane=form.lane)
    return lane


def check_day(lane: Lane, day: date) -> None:
    """Hold paper to the days of the window; its hour is not written on it."""
    if lane.round.status not in TAKING:
        raise RoundNotOpen
    opens = clock.day_starts(clock.seoul_day(lane.opens_at))
    failure = window_failure(clock.day_starts(day), opens, lane.closes_at)
    if failure:
        raise OutsideWindow(failure)
