from datetime import timedelta

import pytest
import time_machine

from complaints.errors import ChangedRecord, TextNeeded, TimeInTheFuture, TimeTooLongAgo
from complaints.models import Category, Complaint, InboundCategory, InboundRecord, OutboundAnswer
from complaints.rules.inbound import read_moment
from complaints.services import desk, inbound
from complaints.services.inbound import Told
from tests.complaints.builders import MONDAY, at
from tests.conftest import JOB

pytestmark = pytest.mark.django_db
FILED = {
    "reference": "20261120-000123",
    "sequence": 0,
    "kind": "filed",
    "occurred_at": at(2026, 11, 20, 15),
    "category": "포인트 미적립",
    "title": "포인트가 없습니다",
    "text": "어제 걸었는데 포인트가 없습니다.",
    "name": "홍길동",
    "phone": "010-0000-0000",
}
ADDED = {
    "reference": FILED["reference"],
    "sequence": 1,
    "kind": "added",
    "occurred_at": at(2026, 11, 20, 16),
    "text": "사진을 덧붙입니다.",
}
WITHDRAWN = ADDED | {"sequence": 2, "kind": "withdrawn", "text": "해결되었습니다"}


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel(MONDAY, tick=False) as clock:
        yield clock


def take(told, **changes):
    return inbound.take_in("eungdapso", Told(**(told | changes)), by=JOB)


def test_the_clock_starts_when_it_came_there():
    taken = take(FILED)
    row = Complaint.objects.get()

    assert (row.arrived_at, row.received_at) == (at(2026, 11, 20, 15), at(2026, 11, 20, 15))
    assert (row.due_at, row.channel, row.status) == (at(2026, 11, 30, 18), "eungdapso", "received")
    assert (row.category.code, taken.record.is_unmapped) == ("points_missing", False)
    assert row.guest_name == "홍길동"


def test_a_repeated_record_changes_nothing():
    first, second = take(FILED), take(FILED)

    assert (first.is_repeat, second.is_repeat, second.record) == (False, True, first.record)
    assert Complaint.objects.count() == 1


def test_a_changed_repetition_is_refused():
    take(FILED)

    with pytest.raises(ChangedRecord):
        take(FILED, text="다른 내용")

    assert Complaint.objects.get().text == FILED["text"]


def test_what_comes_before_its_complaint_waits_and_is_sealed():
    take(WITHDRAWN)
    take(ADDED)
    assert not Complaint.objects.exists()
    assert {row.outcome for row in InboundRecord.objects.all()} == {"waiting"}

    take(FILED)

    row = Complaint.objects.get()
    assert row.status == "withdrawn"
    assert [said.text for said in row.messages.all()] == ["사진을 덧붙입니다."]
    assert {each.outcome for each in InboundRecord.objects.all()} == {"applied"}
    assert not InboundRecord.objects.filter(text__isnull=False).exists()


def test_what_comes_after_the_answer_is_kept_and_changes_nothing(agent):
    take(FILED)
    complaint = Complaint.objects.get()
    desk.take(complaint, by=agent)
    desk.answer(complaint, text="답변", version=complaint.version, by=agent)

    assert take(WITHDRAWN).record.outcome == "too_late"
    assert Complaint.objects.get().status == "answered"


def test_an_unknown_category_is_filed_with_the_shorter_period_and_waits_for_its_meaning():
    taken = take(FILED, category="기타(건강)")
    complaint = Complaint.objects.get()
    assert (taken.record.is_unmapped, complaint.kind) == (True, "inquiry_procedure")

    meant = Category.objects.get(code="lost_record")
    inbound.say_what_it_means(taken.record, category=meant, remember=True, by=JOB)

    assert Complaint.objects.get().category == meant
    again = take(FILED, reference="other", category="기타(건강)")
    assert (again.record.complaint.category, again.record.is_unmapped) == (meant, False)
    assert InboundCategory.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"occurred_at": MONDAY + timedelta(minutes=6)}, TimeInTheFuture),
        ({"occurred_at": at(2020, 1, 1)}, TimeTooLongAgo),
        ({"title": " ", "text": ""}, TextNeeded),
    ],
    ids=["future", "long ago", "empty"],
)
def test_what_cannot_be_is_refused_and_leaves_nothing(changes, refusal):
    with pytest.raises(refusal):
        take(FILED, **changes)

    assert not InboundRecord.objects.exists()
    assert not Complaint.objects.exists()


def test_an_answer_goes_back_under_their_number(agent):
    take(FILED)
    complaint = Complaint.objects.get()
    desk.take(complaint, by=agent)
    desk.add_note(complaint, "메모", by=agent)
    desk.answer(complaint, text="답변", version=complaint.version, by=agent)

    sent = OutboundAnswer.objects.get()
    assert (sent.source, sent.reference, sent.message.text) == (
        "eungdapso",
        "20261120-000123",
        "답변",
    )


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-23 10:00", at(2026, 11, 23)),
        ("2026-11-23T10:00:00+09:00", at(2026, 11, 23)),
        ("2026-11-23T01:00:00Z", at(2026, 11, 23)),
        ("2026.11.23 10:00:00", at(2026, 11, 23)),
        ("2026. 11. 23. 오후 3:05", None),
        ("2026.11.23. 오후 3:05", at(2026, 11, 23, 15, 5)),
        ("2026/11/23 오전 12:00", at(2026, 11, 23, 0)),
        ("2026-11-23 12:30 ", at(2026, 11, 23, 12, 30)),
        ("20261123100000", at(2026, 11, 23)),
        ("202611231000", at(2026, 11, 23)),
        ("2026-11-23", None),
        ("20261123", None),
        ("2026-02-30 10:00", None),
        ("2026-11-23 25:00", None),
        ("어제 10시", None),
        ("", None),
    ],
)
def test_moments_as_offices_write_them(text, moment):
    assert read_moment(text) == moment
