import pytest
from django.db import IntegrityError, transaction

from devices.errors import AnswersMissing, DraftWaits, EmptyChecklist, GradeNeedsNote
from devices.models import CheckAnswer, CheckItem, Checklist, Device, DeviceModel, Inspection
from devices.rules.grading import grade_of
from devices.services import checklists
from tests.conftest import JOB

from .builders import make_lot, returned_loan


@pytest.fixture
def shipped(db):
    return Checklist.objects.in_force().get(model=None)


@pytest.fixture
def watch(walker):
    return returned_loan(walker).device


def fine(checklist, **changed):
    found = {item.pk: "fine" for item in checklist.items.all()}
    for fault, verdict in changed.items():
        found[checklist.items.get(fault=fault).pk] = verdict
    return found


@pytest.mark.parametrize(
    ("failed", "grade"),
    [([], "A"), (["B"], "B"), (["B", "C"], "C"), (["D", "B"], "D"), (["A"], "A")],
    ids=["nothing", "one", "worst", "order", "harmless"],
)
def test_the_worst_finding_gives_the_grade(failed, grade):
    assert grade_of(failed) == grade


def test_findings_by_the_list_give_grade_and_faults(shipped, watch):
    verdicts = fine(shipped, strap="fault", casing="fault", water="skipped")

    checklists.inspect_by(shipped, watch, verdicts=verdicts, by=JOB)

    found = Inspection.objects.get()
    assert (found.grade, found.faults, found.checklist) == ("C", ["casing", "strap"], shipped)
    assert CheckAnswer.objects.filter(inspection=found).count() == 9
    assert CheckAnswer.objects.get(item__fault="water").verdict == "skipped"
    assert Device.objects.get().grade == "C"


def test_every_thing_on_the_list_is_answered(shipped, watch):
    verdicts = fine(shipped)
    verdicts.popitem()

    with pytest.raises(AnswersMissing) as refused:
        checklists.inspect_by(shipped, watch, verdicts=verdicts, by=JOB)

    assert refused.value.params == {"count": 1}
    assert not Inspection.objects.exists()


def test_another_grade_needs_a_word_why(shipped, watch):
    with pytest.raises(GradeNeedsNote):
        checklists.inspect_by(shipped, watch, verdicts=fine(shipped), grade="D", by=JOB)
    assert not Inspection.objects.exists()

    checklists.inspect_by(
        shipped, watch, verdicts=fine(shipped), grade="D", note="Smells burnt", by=JOB
    )

    assert (Inspection.objects.get().grade, Inspection.objects.get().faults) == ("D", [])


def test_a_model_without_its_own_list_is_looked_at_by_the_common_one(shipped):
    model = make_lot().model

    assert Checklist.objects.for_model(model) == shipped


def test_a_new_version_replaces_the_one_before_and_keeps_it(shipped, watch):
    checklists.inspect_by(shipped, watch, verdicts=fine(shipped), by=JOB)
    model = watch.lot.model

    first = checklists.draft_next(model, by=JOB)
    checklists.release(first, by=JOB)
    second = checklists.draft_next(model, by=JOB)
    second.items.filter(fault="charger").delete()
    checklists.release(second, by=JOB)

    assert Checklist.objects.for_model(model) == second
    assert (second.version, second.items.count(), first.items.count()) == (2, 8, 9)
    assert Checklist.objects.get(pk=first.pk).status == "replaced"
    assert Inspection.objects.get().checklist == shipped


def test_there_is_one_draft_at_a_time(shipped):
    checklists.draft_next(None, by=JOB)

    with pytest.raises(DraftWaits):
        checklists.draft_next(None, by=JOB)

    assert Checklist.objects.filter(model=None).count() == 2


def test_an_empty_list_is_not_put_into_force(shipped):
    draft = checklists.draft_next(None, by=JOB)
    draft.items.all().delete()

    with pytest.raises(EmptyChecklist):
        checklists.release(draft, by=JOB)

    assert Checklist.objects.for_model(make_lot().model) == shipped


@pytest.mark.parametrize("change", ["add", "change", "delete"])
def test_a_released_checklist_stays(shipped, change):
    item = shipped.items.first()
    changes = {
        "add": lambda: CheckItem.objects.create(
            checklist=shipped, position=99, question="?", fault="strap", grade_at_best="B"
        ),
        "change": lambda: shipped.items.filter(pk=item.pk).update(grade_at_best="A"),
        "delete": item.delete,
    }

    with pytest.raises(IntegrityError, match="a_released_checklist_stays"), transaction.atomic():
        changes[change]()

    assert shipped.items.count() == 9


@pytest.mark.parametrize(
    ("name", "terms"),
    [
        ("one_checklist_per_model_and_version", {"version": 1}),
        ("one_checklist_in_force_per_model",
            {"version": 7, "status": "in_force", "released_at": "2026-01-01T00:00Z"}),
        ("a_released_checklist_says_when", {"version": 7, "status": "replaced"}),
    ],
)  # fmt: skip
def test_versions_of_a_list_tell_the_truth(shipped, name, terms):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Checklist.objects.create(model=None, **terms)


def test_things_to_check_have_a_place_and_a_grade(shipped):
    draft = checklists.draft_next(None, by=JOB)
    terms = {"checklist": draft, "question": "?", "fault": "strap"}

    with (
        pytest.raises(IntegrityError, match="one_thing_to_check_per_position"),
        transaction.atomic(),
    ):
        CheckItem.objects.create(position=1, grade_at_best="B", **terms)
    with (
        pytest.raises(IntegrityError, match="a_thing_to_check_grades_a_to_d"),
        transaction.atomic(),
    ):
        CheckItem.objects.create(position=90, grade_at_best="E", **terms)


def test_a_thing_is_found_once_per_inspection(shipped, watch):
    checklists.inspect_by(shipped, watch, verdicts=fine(shipped), by=JOB)
    answer = CheckAnswer.objects.first()

    with pytest.raises(IntegrityError, match="one_finding_per_inspection_and_thing"):
        CheckAnswer.objects.create(inspection=answer.inspection, item=answer.item, verdict="fault")


def test_a_list_is_written_and_released_by_buttons(client_of, shipped):
    officer = client_of("device_officer")
    model = DeviceModel.objects.create(code="band-9", name="Band 9", maker="Maker")

    officer.post("/admin/devices/checklist/add/", {"model": model.pk})
    draft = Checklist.objects.get(model=model)
    page = officer.get(f"/admin/devices/checklist/{draft.pk}/change/")
    officer.post(f"/admin/devices/checklist/{draft.pk}/act/release/")

    assert page.status_code == 200
    assert Checklist.objects.for_model(model) == draft
    again = officer.post("/admin/devices/checklist/add/", {"model": model.pk})
    assert (again.status_code, Checklist.objects.filter(model=model).count()) == (302, 2)
    twice = officer.post("/admin/devices/checklist/add/", {"model": model.pk})
    assert (twice.status_code, Checklist.objects.filter(model=model).count()) == (200, 2)
