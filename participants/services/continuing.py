"""From one round into the next: basis and watch go along, the rules are asked again."""

from django.db import transaction

from participants.errors import NoRoundToGoOnTo, NothingToGoOnFrom
from participants.models import Application, Lane, Participant, Participation, RecruitmentRound
from participants.services import applications, participations
from seoul_health.core.audit import Actor, System
from seoul_health.core.errors import Conflict

JUDGE = System("participants.go_on")
FROM = (*Participation.LIVE, Participation.Status.COMPLETED)
BATCH = 500


@transaction.atomic
def go_on(participant: Participant, *, into: RecruitmentRound, by: Actor) -> Application:
    """Apply for the round after one's own with one tap; asking twice is asking once."""
    person = Participant.objects.select_for_update(no_key=True).get(pk=participant.pk)
    earlier = participation_before(person, into)
    known = Application.objects.filter(participant=person, round=into).first()
    if known is not None and known.continues_id:
        return known
    lane = lane_after(earlier, into)
    application = applications.draft(person, lane=lane, quota=None, basis=earlier.basis)
    Application.objects.filter(pk=application.pk).update(continues=earlier)
    application.continues = earlier
    applications.submit_application(application, by=by)
    applications.approve(application, by=JUDGE)
    return application


def participation_before(person: Participant, into: RecruitmentRound) -> Participation:
    """Give the participation that goes on, locked against the sweep that completes it."""
    if into.follows_id is None:
        raise NoRoundToGoOnTo(round=into.name)
    rows = Participation.objects.select_for_update(of=("self",)).filter(participant=person)
    found = rows.filter(round=into.follows_id, status__in=FROM).first()
    if found is None:
        raise NothingToGoOnFrom
    return found


def lane_after(earlier: Participation, into: RecruitmentRound) -> Lane:
    """Choose the lane like the one before; a kept watch needs none of the new ones."""
    lanes = {lane.kind: lane for lane in into.lanes.select_related("round").order_by("pk")}
    wished = Lane.Kind.NEEDS_WATCH if earlier.needs_watch else Lane.Kind.OWN_DEVICE
    lane = lanes.get(wished) or next(iter(lanes.values()), None)
    assert lane is not None, "a round is not announced without a lane"
    return lane


def confirm_selected(*, by: Actor) -> int:
    """Take the seats for those who asked to go on; they need not accept once more."""
    given = Application.objects.filter(
        status=Application.Status.SELECTED, continues__isnull=False
    ).select_related("round", "lane", "rule", "participant", "continues")
    return sum(take_seat(application, by=by) for application in given.order_by("pk")[:BATCH])


def take_seat(application: Application, *, by: Actor) -> bool:
    """Tell whether the seat was taken now; the citizen may have accepted or declined it."""
    try:
        participations.confirm(application, by=by)
    except Conflict:
        return False
    return True
