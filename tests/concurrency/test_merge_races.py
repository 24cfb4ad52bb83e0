from itertools import cycle

import pytest

from complaints.models import BulkItem, BulkJob, Complaint, Merge, Message
from complaints.services import bulk, citizens, desk, families, merging
from complaints.services.bulk import Order
from tests.complaints.builders import AGENT, receive_one
from tests.complaints.groups import PURPOSE, crowd, merged
from tests.conftest import JOB
from tests.race import race

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def agents(make_staff):
    return [make_staff("agent", **AGENT), make_staff("agent", **AGENT)]


def again(complaints):
    return [Complaint.objects.get(pk=complaint.pk) for complaint in complaints]


def in_turn(*acts):
    """Give every runner the next act."""
    turn = cycle(acts)
    return lambda: next(turn)()


def test_two_agents_merge_the_same_group_once(make_participant, agents):
    group, hands = crowd(make_participant), iter(agents)

    def merge():
        lead, *children = again(group)
        merging.merge(lead, children, purpose=PURPOSE, by=next(hands))

    assert race(merge) == ["AlreadyMerged", "ok"]
    assert Merge.objects.live().count() == 4


def test_two_complaints_never_swallow_each_other(make_participant, agents):
    group = crowd(make_participant)

    def there():
        merging.merge(again(group)[0], again(group)[1:], purpose=PURPOSE, by=agents[0])

    def back():
        merging.merge(again(group)[4], again(group)[:4], purpose=PURPOSE, by=agents[1])

    outcome = race(in_turn(there, back))
    assert outcome[1] == "ok"
    assert outcome[0] in {"AlreadyMerged", "CannotLead"}
    assert Merge.objects.live().values("lead").distinct().count() == 1
    assert not Merge.objects.live().filter(lead__status="merged").exists()


def test_an_answer_never_misses_who_was_merged_meanwhile(make_participant, agents):
    group = crowd(make_participant)
    desk.take(group[0], by=agents[0])
    version = group[0].version

    def answer():
        desk.answer(Complaint.objects.get(pk=group[0].pk), text="답", version=version, by=agents[0])

    def merge():
        lead, *children = again(group)
        merging.merge(lead, children, purpose=PURPOSE, by=agents[1])

    assert race(in_turn(answer, merge)) in (["CannotLead", "ok"], ["OutdatedVersion", "ok"])
    answered = Message.objects.filter(purpose="answer").exists()
    assert answered != Merge.objects.live().exists()


def test_an_answer_never_overlooks_what_a_merged_citizen_writes(make_participant, agents):
    lead = merged(crowd(make_participant), by=agents[0])
    desk.take(lead, by=agents[0])
    version, child = lead.version, Merge.objects.into(lead)[0].child

    def answer():
        desk.answer(Complaint.objects.get(pk=lead.pk), text="답", version=version, by=agents[0])

    def write():
        mine = Complaint.objects.select_related("participant").get(pk=child.pk)
        citizens.write(mine, "더 있습니다.", by=mine.participant)

    assert race(in_turn(answer, write)) in (["OutdatedVersion", "ok"], ["ok", "ok"])
    assert Message.objects.filter(complaint=child, author="citizen").count() == 1


def test_merged_complaints_are_answered_once_by_two_jobs(make_participant, agents):
    lead = merged(crowd(make_participant, 12), by=agents[0])
    desk.take(lead, by=agents[0])
    desk.answer(lead, text="답", version=lead.version, by=agents[0])

    assert race(lambda: families.answer_merged(by=JOB), runners=3) == ["ok"] * 3
    families.answer_merged(by=JOB)
    assert Message.objects.filter(purpose="answer").count() == 12
    assert Complaint.objects.filter(status="answered").count() == 12


def test_a_complaint_is_taken_out_or_answered_never_both(make_participant, agents):
    lead = merged(crowd(make_participant), by=agents[0])
    desk.take(lead, by=agents[0])
    desk.answer(lead, text="답", version=lead.version, by=agents[0])
    child = Merge.objects.into(lead)[0].child

    def take_out():
        merging.unmerge(Complaint.objects.get(pk=child.pk), why="다른 문제", by=agents[1])

    outcome = race(in_turn(take_out, lambda: families.answer_merged(by=JOB)))
    child.refresh_from_db()
    told = child.messages.filter(purpose="answer").count()
    assert (child.status, told) == (
        ("answered", 1) if outcome == ["NotMerged", "ok"] else ("received", 0)
    )


def test_two_workers_take_every_complaint_of_a_bulk_step_once(make_participant, agents):
    group = crowd(make_participant, 20)
    job = bulk.start(Order("note", text="확인 중"), group, by=agents[0])

    assert race(lambda: bulk.work_off(job), runners=3) == ["ok"] * 3
    assert Message.objects.filter(author="note").count() == 20
    assert BulkItem.objects.filter(outcome="done").count() == 20
    assert BulkJob.objects.get().status == "done"


def test_a_bulk_answer_does_not_run_over_a_citizen(make_participant, agents):
    complaint = receive_one(make_participant())
    job = bulk.start(Order("answer", text="답"), [complaint], by=agents[0])

    def write():
        mine = Complaint.objects.select_related("participant").get()
        citizens.write(mine, "잠깐만요.", by=mine.participant)

    outcome = race(in_turn(write, lambda: bulk.work_off(job)))
    item = BulkItem.objects.get()
    if outcome == ["ok", "ok"]:
        assert item.outcome == "refused"
        assert not Message.objects.filter(purpose="answer").exists()
    else:
        assert (outcome, item.outcome) == (["ComplaintClosed", "ok"], "done")
