"""What the database refuses of merges, splits, steps on many and attachments."""

import pytest
from django.db import IntegrityError, transaction

from complaints.models import Attachment, BulkItem, BulkJob, Complaint, Merge, Split
from seoul_health.core import clock
from seoul_health.core.db import violated
from tests.complaints.builders import receive_one

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(complaint, walker):
    return complaint, receive_one(walker)


def broken(act) -> str:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        act()
    return violated(refused.value)


def merge(lead: Complaint, child: Complaint, **values) -> Merge:
    terms = {"purpose": "같은 장애", "merged_by": "system:tests", "was_status": "received"}
    return Merge.objects.create(lead=lead, child=child, **(terms | values))


def test_a_complaint_has_one_live_merge(pair, walker):
    merge(*pair)

    assert broken(lambda: merge(receive_one(walker), pair[1])) == "one_live_merge_per_complaint"


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"purpose": ""}, "a_merge_says_why"),
        ({"outcome": "answered"}, "an_ended_merge_says_how"),
        ({"ended_at": clock.now}, "an_ended_merge_says_how"),
    ],
)
def test_the_database_refuses_an_impossible_merge(pair, values, name):
    given = {key: value() if callable(value) else value for key, value in values.items()}

    assert broken(lambda: merge(*pair, **given)) == name


def test_nothing_is_merged_into_or_split_from_itself(complaint):
    assert broken(lambda: merge(complaint, complaint)) == "a_complaint_is_not_merged_into_itself"
    itself = Split(origin=complaint, part=complaint, reason="두 가지", split_by="x")
    assert broken(itself.save) == "a_complaint_is_not_split_from_itself"


def test_a_split_has_its_reason(pair):
    row = Split(origin=pair[0], part=pair[1], reason="", split_by="x")

    assert broken(row.save) == "a_split_has_a_reason"


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"kind": "assign"}, "a_bulk_assignment_names_the_agent"),
        ({"kind": "merge", "text": "같은 장애"}, "a_bulk_merge_names_the_lead"),
        ({"kind": "note", "text": ""}, "a_bulk_step_has_its_text"),
        ({"kind": "note", "text": "x", "status": "done"}, "bulk_finished_at_tells_the_truth"),
        ({"kind": "note", "text": "x", "count": 501}, "a_bulk_step_has_its_limits"),
        ({"kind": "note", "text": "x", "count": 0}, "a_bulk_step_has_its_limits"),
    ],
)
def test_the_database_refuses_an_impossible_step(agent, values, name):
    job = BulkJob(started_by=agent, **({"count": 1} | values))

    assert broken(job.save) == name


def test_a_complaint_is_once_in_a_step_and_a_refusal_says_why(complaint, agent):
    job = BulkJob.objects.create(kind="note", text="x", count=1, started_by=agent)
    BulkItem.objects.create(job=job, complaint=complaint, version=1)
    twice = BulkItem(job=job, complaint=complaint, version=1)

    assert broken(twice.save) == "a_complaint_is_once_in_a_bulk_step"
    assert broken(lambda: job.items.update(outcome="refused")) == "a_refused_item_says_why"


def attachment(complaint: Complaint, **values) -> Attachment:
    terms = {"file": "complaints/x.jpg", "name": "x.jpg", "media_type": "image/jpeg", "size": 1}
    terms |= {"sha256": "0" * 64, "uploaded_by": "x"}
    return Attachment.objects.create(complaint=complaint, **(terms | values))


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({}, "one_attachment_per_complaint_and_file"),
        ({"sha256": "1" * 64, "name": ""}, "an_attachment_has_a_name"),
        ({"sha256": "1" * 64, "size": 0}, "an_attachment_is_not_empty"),
    ],
)
def test_the_database_refuses_an_impossible_attachment(complaint, values, name):
    attachment(complaint)

    assert broken(lambda: attachment(complaint, **values)) == name
