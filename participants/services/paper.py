"""Applications on paper, taken at a counter and typed in later."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from participants.errors import OutsideWindow, RoundNotOpen, UnknownLane
from participants.models import Application, Consent, Lane
from participants.rules.eligibility import window_failure
from participants.services import consents
from participants.services.applications import draft, enlist
from participants.services.identity import meet_at_counter
from participants.services.judging import TAKING
from seoul_health.core import clock
from seoul_health.core.audit import Actor

CONSENT_VERSION = "paper"


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

    def __repr__(self) -> str:
        return f"PaperForm({self.paper_no})"


@transaction.atomic
def file_paper(form: PaperForm, *, by: Actor) -> Application:
    """Hand in what a citizen wrote on paper; the same sheet twice is one application."""
    filed = Application.objects.filter(paper_no=form.paper_no).first()
    if filed is not None:
        return filed
    lane = lane_of(form)
    check_day(lane, form.consented_on)
    participant = meet_at_counter(form, by=by)
    for purpose in (Consent.Purpose.SERVICE, Consent.Purpose.HEALTH):
        consents.give(participant, purpose=purpose, version=CONSENT_VERSION, by=by)
    application = draft(
        participant, lane=lane, quota=None, basis=form.basis, paper_no=form.paper_no
    )
    enlist(application, by=by)
    return application


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
