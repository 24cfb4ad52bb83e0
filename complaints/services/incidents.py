"""Incidents: opened, told about until they are over, and tied to the complaints they caused."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from complaints.errors import (
    BeganInTheFuture,
    LinkedElsewhere,
    NextUpdateNeeded,
    NothingChosen,
    NotLinked,
    TextNeeded,
)
from complaints.models import (
    BulkJob,
    Category,
    Complaint,
    Incident,
    IncidentLink,
    IncidentUpdate,
    ReplyTemplate,
)
from complaints.models.complaints import RUNNING, STOPPED, ComplaintQuerySet
from complaints.services import bulk, promises
from complaints.services.bulk import MOST, Order
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.db import constraint
from seoul_health.core.models import StaffUser

Status = Incident.Status


@dataclass(frozen=True, slots=True)
class Case:
    """What is known of an incident when it is opened."""

    title: str
    scope: str
    severity: str
    components: Sequence[str]
    started_at: datetime
    category: Category | None = None
    app_version: str = ""


@transaction.atomic
def open_incident(
    case: Case,
    *,
    text: str,
    next_at: datetime | None,
    by: StaffUser,
    about: Sequence[Complaint] = (),
) -> Incident:
    """Open an incident with its first public word, the promise of the next and its complaints."""
    if not (text.strip() and case.title.strip() and case.scope.strip()):
        raise TextNeeded
    if next_at is None:
        raise NextUpdateNeeded
    if case.started_at > clock.now():
        raise BeganInTheFuture
    incident = Incident.objects.create(
        title=case.title.strip(),
        scope=case.scope.strip(),
        severity=case.severity,
        components=list(case.components),
        category=case.category,
        app_version=case.app_version.strip(),
        started_at=case.started_at,
        opened_by=by,
        owner=by,
    )
    audit.record("opened", incident, by=by, severity=incident.severity)
    say(incident, text, by=by)
    promises.promise_update(incident, due_at=next_at, owner=by, by=by)
    if about:
        link_many(incident, about, by=by)
    return incident


@transaction.atomic
def tell(
    incident: Incident, *, status: str, text: str, next_at: datetime | None, by: StaffUser
) -> IncidentUpdate:
    """Publish how an incident stands; that keeps the promised update and promises the next."""
    if not text.strip():
        raise TextNeeded
    hold(incident)
    goes_on = status not in {Status.RESOLVED, Status.DROPPED}
    if goes_on and next_at is None:
        raise NextUpdateNeeded
    over_at = clock.now() if status == Status.RESOLVED else None
    incident.move(status, by=by, resolved_at=over_at)
    said = say(incident, text, by=by)
    promises.settle_update(incident, by=by)
    if goes_on and next_at is not None:
        promises.promise_update(incident, due_at=next_at, owner=incident.owner, by=by)
    return said


@transaction.atomic
def note(incident: Incident, text: str, *, by: StaffUser) -> IncidentUpdate:
    """Leave a note that only staff see; it keeps no promise."""
    if not text.strip():
        raise TextNeeded
    return say(incident, text, by=by, is_public=False)


def say(incident: Incident, text: str, *, by: Actor, is_public: bool = True) -> IncidentUpdate:
    return IncidentUpdate.objects.create(
        incident=incident,
        status=incident.status,
        text=text.strip(),
        is_public=is_public,
        actor=by.actor_name,
    )


def hold(incident: Incident) -> None:
    """Lock an incident and see it as it is now."""
    incident.refresh_from_db(from_queryset=Incident.objects.select_for_update(of=("self",)))


@transaction.atomic
def hand_over(incident: Incident, *, to: StaffUser, by: StaffUser) -> None:
    """Make another person answer for an incident and for what it still promises."""
    hold(incident)
    Incident.objects.filter(pk=incident.pk).update(owner=to)
    incident.promises.open().update(owner=to)
    incident.owner = to
    audit.record("reassigned", incident, by=by, to=to.actor_name)


@transaction.atomic
def link(incident: Incident, complaint: Complaint, *, by: Actor) -> IncidentLink:
    """Say that a complaint is about an incident; the complaint itself stays as it is."""
    with constraint("a_complaint_is_of_one_incident", LinkedElsewhere(complaint=complaint)):
        made = IncidentLink.objects.create(
            incident=incident, complaint=complaint, linked_by=by.actor_name
        )
    audit.record("incident_linked", complaint, by=by, incident=incident.number)
    return made


@transaction.atomic
def link_many(incident: Incident, complaints: Iterable[Complaint], *, by: Actor) -> int:
    """Link all that belong to no incident yet; give how many."""
    chosen = list(complaints)
    taken = set(
        IncidentLink.objects.live()
        .filter(complaint__in=[row.pk for row in chosen])
        .values_list("complaint", flat=True)
    )
    free = [row for row in chosen if row.pk not in taken]
    if not free:
        raise NothingChosen
    for row in free:
        link(incident, row, by=by)
    return len(free)


@transaction.atomic
def unlink(incident: Incident, complaint: Complaint, *, by: Actor) -> None:
    """Take a complaint off an incident that it has nothing to do with."""
    live = IncidentLink.objects.live().filter(incident=incident, complaint=complaint)
    if not live.update(ended_at=clock.now(), ended_by=by.actor_name):
        raise NotLinked(complaint=complaint)
    audit.record("incident_unlinked", complaint, by=by, incident=incident.number)


def linked(incident: Incident) -> ComplaintQuerySet:
    rows = Complaint.objects.filter(pk__in=incident.links.live().values("complaint"))
    return rows.select_related("category", "participant__profile", "handler").order_by("pk")


def unanswered(incident: Incident, *, by: StaffUser) -> ComplaintQuerySet:
    """Give the linked complaints that still wait for an answer and that this person may answer."""
    return linked(incident).visible_to(by).filter(status__in=[*RUNNING, *STOPPED])


@transaction.atomic
def answer_linked(
    incident: Incident, *, text: str, by: StaffUser, template: ReplyTemplate | None = None
) -> list[BulkJob]:
    """Answer every linked complaint under its own number, in steps of a size that can be undone."""
    waiting = list(unanswered(incident, by=by))
    if not waiting:
        raise NothingChosen
    order = Order(BulkJob.Kind.ANSWER, template=template, text=text)
    return [
        bulk.start(order, waiting[first : first + MOST], by=by)
        for first in range(0, len(waiting), MOST)
    ]
