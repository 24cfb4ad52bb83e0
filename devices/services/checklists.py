"""What is looked at when a watch comes back: lists in versions, and inspections by them."""

from collections.abc import Mapping

from django.db import transaction

from devices.errors import (
    AnswersMissing,
    DraftWaits,
    EmptyChecklist,
    GradeNeedsNote,
)
from devices.models import (
    CheckAnswer,
    CheckItem,
    Checklist,
    Device,
    DeviceModel,
    Inspection,
)
from devices.rules.grading import grade_of
from devices.services.inspections import inspect
from seoul_health.core import audit, clock
from seoul_health.core.audit import Actor
from seoul_health.core.db import constraint

Verdict = CheckAnswer.Verdict
KEPT = ("position", "question", "hint", "fault", "grade_at_best")


@transaction.atomic
def draft_next(model: DeviceModel | None, *, by: Actor) -> Checklist:
    """Begin the next version of a model's list with what is in force now."""
    own = Checklist.objects.filter(model=model)
    if own.filter(status=Checklist.Status.DRAFT).exists():
        raise DraftWaits
    newest = own.order_by("-version").first()
    with constraint("one_checklist_per_model_and_version", DraftWaits()):
        draft = Checklist.objects.create(model=model, version=newest.version + 1 if newest else 1)
    current = own.in_force().first() or Checklist.objects.in_force().filter(model=None).first()
    items = current.items.values(*KEPT) if current else []
    CheckItem.objects.bulk_create(CheckItem(checklist=draft, **item) for item in items)
    audit.record("drafted", draft, by=by)
    return draft


@transaction.atomic
def release(checklist: Checklist, *, by: Actor) -> None:
    """Put a draft into force; the one before it is kept with the inspections made by it."""
    if not checklist.items.exists():
        raise EmptyChecklist
    before = Checklist.objects.in_force().filter(model=checklist.model)
    for one in before.select_for_update(of=("self",)):
        one.move(Checklist.Status.REPLACED, by=by)
    checklist.move(
        Checklist.Status.IN_FORCE, by=by, released_at=clock.now(), released_by=by.actor_name
    )


@transaction.atomic
def inspect_by(
    checklist: Checklist,
    device: Device,
    *,
    verdicts: Mapping[int, str],
    grade: str = "",
    note: str = "",
    by: Actor,
) -> Inspection:
    """Inspect a watch by a list; the findings give the grade unless somebody says why not."""
    items = list(checklist.items.all())
    still_open = [item for item in items if verdicts.get(item.pk) not in Verdict.values]
    if still_open:
        raise AnswersMissing(count=len(still_open))
    failed = [item for item in items if verdicts[item.pk] == Verdict.FAULT]
    found = grade_of(item.grade_at_best for item in failed)
    if grade and grade != found and not note.strip():
        raise GradeNeedsNote(grade=found)
    inspection = inspect(
        device,
        grade=grade or found,
        faults=list(dict.fromkeys(item.fault for item in failed)),
        note=note,
        checklist=checklist,
        by=by,
    )
    CheckAnswer.objects.bulk_create(
        CheckAnswer(inspection=inspection, item=item, verdict=verdicts[item.pk]) for item in items
    )
    return inspection
