import pytest
from django.db import DatabaseError, IntegrityError, transaction

from complaints.models import Category, ClockEvent, Complaint, Holiday, Message, ReplyTemplate
from complaints.services import desk
from seoul_health.core.db import violated
from tests.complaints.builders import at

pytestmark = pytest.mark.django_db
SIGNED = {"department": "건강관리과", "signed_by": "이상담", "contact": "02-1811-9988"}


def broken(act) -> str:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        act()
    return violated(refused.value)


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"due_at": None}, "a_received_complaint_has_a_due_time"),
        ({"received_at": at(2020, 1, 1)}, "receipt_follows_arrival"),
        (
            {"received_at": None, "due_at": None, "article": ""},
            "only_received_complaints_are_worked_on",
        ),
        ({"status": "in_progress"}, "work_on_a_complaint_has_an_agent"),
        ({"status": "answered"}, "an_answered_complaint_says_when"),
        ({"kind": "statutory"}, "only_statutory_complaints_have_published_days"),
        ({"published_days": 7}, "only_statutory_complaints_have_published_days"),
        ({"satisfaction": 6}, "satisfaction_is_one_to_five"),
        ({"title": ""}, "a_complaint_has_a_title"),
    ],
)
def test_the_database_refuses_an_impossible_complaint(complaint, values, name):
    assert broken(lambda: Complaint.objects.update(**values)) == name


@pytest.mark.parametrize(
    ("values", "name"),
    [
        (
            {"author": "staff", "purpose": "refusal", "text": "불가", "reason": "사유"} | SIGNED,
            "a_refusal_has_a_reason_and_a_remedy",
        ),
        (
            {"author": "staff", "purpose": "answer", "text": "답"},
            "a_notice_names_department_agent_and_contact",
        ),
        ({"author": "citizen", "text": ""}, "a_message_says_something"),
    ],
)
def test_the_database_refuses_an_unlawful_message(complaint, values, name):
    assert broken(lambda: Message.objects.create(complaint=complaint, **values)) == name


def test_the_database_refuses_a_longer_wait_without_a_reason(complaint):
    event = ClockEvent(
        complaint=complaint, kind="extended", at=at(2026, 11, 24), due_after=at(2026, 12, 2)
    )
    assert broken(event.save) == "a_longer_wait_has_a_reason"


def test_a_statutory_category_has_its_days():
    rows = Category.objects.filter(code="application")
    assert broken(lambda: rows.update(default_kind="statutory")) == (
        "a_statutory_category_has_its_days"
    )


def test_a_template_has_its_title_once():
    first = ReplyTemplate.objects.filter(category=None).first()
    again = ReplyTemplate(title=first.title, text="다시")
    assert broken(again.save) == "one_template_per_category_and_title"


def test_a_holiday_has_a_name_and_a_day_once():
    Holiday.objects.create(day="2026-11-25", name="임시공휴일")
    assert broken(lambda: Holiday.objects.create(day="2026-11-26", name="")) == (
        "a_holiday_has_a_name"
    )
    assert "day" in broken(lambda: Holiday.objects.create(day="2026-11-25", name="또"))


@pytest.mark.parametrize("model", [ClockEvent, Message])
def test_what_was_said_and_counted_is_never_changed(taken, agent, model):
    desk.add_note(taken, "메모", by=agent)
    with pytest.raises(DatabaseError), transaction.atomic():
        model.objects.update(actor="nobody")
    with pytest.raises(DatabaseError), transaction.atomic():
        model.objects.all().delete()
