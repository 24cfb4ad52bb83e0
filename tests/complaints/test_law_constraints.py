"""What the database itself refuses about the law's steps and the channels."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from complaints.models import (
    AnswerDraft,
    Category,
    ClockEvent,
    Consultation,
    Contact,
    ContactRefusal,
    DunningNotice,
    HolidayChange,
    InboundCategory,
    InboundRecord,
    Message,
    OutboundAnswer,
    RepeatClosure,
    SupplementDemand,
    Transferral,
)
from seoul_health.core.db import violated
from tests.complaints.builders import MONDAY, receive_one

pytestmark = pytest.mark.django_db
SIGNED = {"author": "staff", "department": "과", "signed_by": "이", "contact": "02", "actor": "a"}


def refused(make):
    """Say which constraint a row breaks."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        make()
    return violated(caught.value)


def message(complaint, **changes):
    terms = {"purpose": "supplement", "text": "자료", **SIGNED}
    return Message.objects.create(complaint=complaint, **(terms | changes))


def demand(complaint, **changes):
    terms = {"message": message(complaint), "until": date(2026, 12, 1)}
    return SupplementDemand.objects.create(complaint=complaint, **(terms | changes))


def consultation(complaint, **changes):
    terms = {"department": "과", "question": "문의", "asked_by": "a", "reply_by": MONDAY}
    return Consultation.objects.create(complaint=complaint, **(terms | changes))


def draft(complaint, by, **changes):
    terms = {"purpose": "answer", "text": "초안", "requested_by": by}
    return AnswerDraft.objects.create(complaint=complaint, **(terms | changes))


def dunning(complaint, **changes):
    terms = {"number": 1, "due_at": MONDAY, "issued_at": MONDAY}
    return DunningNotice.objects.create(complaint=complaint, **(terms | changes))


def record(**changes):
    terms = {
        "source": "eungdapso",
        "reference": "1",
        "kind": "added",
        "sequence": 1,
        "occurred_at": MONDAY,
        "content_hash": "0",
        "outcome": "waiting",
    }
    return InboundRecord.objects.create(**(terms | changes))


def holiday(by, **changes):
    terms = {"day": date(2026, 11, 26), "change": "added", "name": "임시", "reason": "공고"}
    return HolidayChange.objects.create(declared_by=by, **(terms | changes))


def test_demands(complaint):
    demand(complaint)
    assert refused(lambda: demand(complaint)) == "one_open_demand_per_complaint"
    over = {"ended_at": MONDAY}
    assert refused(lambda: demand(complaint, number=3, **over)) == "a_supplement_is_demanded_twice"
    assert (
        refused(lambda: demand(complaint, extended=3, **over))
        == "a_demand_is_extended_at_most_twice"
    )


def test_consultations(complaint):
    consultation(complaint)
    assert refused(lambda: consultation(complaint)) == "one_open_consultation_per_complaint"
    assert refused(lambda: consultation(complaint, replied_at=MONDAY)) == "a_reply_says_when"
    assert (
        refused(lambda: consultation(complaint, question="", replied_at=MONDAY, reply="네"))
        == "a_consultation_asks_somebody"
    )


def test_transferrals(complaint):
    terms = {"recipient": "agency", "sent_by": "a", "sent_at": MONDAY, "send_by": MONDAY}
    assert (
        refused(
            lambda: Transferral.objects.create(complaint=complaint, name="", reason="", **terms)
        )
        == "a_transferral_says_where_and_why"
    )


def test_repeat_closures(walker, complaint):
    first, second = receive_one(walker), receive_one(walker)
    terms = {"complaint": complaint, "closed_by": "a"}

    def close(**more):
        return RepeatClosure.objects.create(**(terms | more))

    assert (
        refused(lambda: close(first=first, second=first, sameness="같음"))
        == "a_repeat_has_two_earlier_results"
    )
    assert refused(lambda: close(first=first, second=second, sameness="")) == "a_repeat_is_judged"


def test_drafts(complaint, agent, supervisor):
    draft(complaint, agent)
    assert refused(lambda: draft(complaint, agent)) == "one_open_draft_per_complaint"
    over = {"status": "approved", "decided_at": MONDAY, "decided_by": supervisor}
    assert (
        refused(lambda: draft(complaint, agent, purpose="refusal", **over))
        == "a_drafted_refusal_is_complete"
    )
    assert (
        refused(lambda: draft(complaint, agent, **(over | {"status": "sent_back"})))
        == "a_draft_sent_back_says_why"
    )
    assert (
        refused(lambda: draft(complaint, agent, **(over | {"decided_by": agent})))
        == "answerdraft_needs_two_people"
    )
    assert (
        refused(lambda: draft(complaint, agent, **(over | {"decided_at": None})))
        == "answerdraft_decision_says_when"
    )


def test_reminders(complaint):
    dunning(complaint)
    assert refused(lambda: dunning(complaint)) == "each_reminder_goes_out_once"
    assert (
        refused(lambda: dunning(complaint, number=2, explanation="사유"))
        == "an_explanation_says_when_and_by_whom"
    )


def test_holiday_changes(complaint, supervisor):
    change = holiday(supervisor)
    assert refused(lambda: holiday(supervisor, reason="")) == "a_holiday_change_says_why"
    assert refused(lambda: holiday(supervisor, status="done")) == "a_computed_holiday_says_when"

    def moved():
        return ClockEvent.objects.create(
            complaint=complaint, kind="holiday", at=MONDAY, actor="a", due_after=MONDAY,
            holiday_change=change,
        )  # fmt: skip

    moved()
    assert refused(moved) == "a_holiday_moves_a_clock_once"


def test_messages(complaint):
    assert (
        refused(lambda: message(complaint, purpose="transfer"))
        == "an_end_without_answer_has_a_reason"
    )
    assert (
        refused(lambda: message(complaint, purpose="progress", contact=""))
        == "a_notice_names_department_agent_and_contact"
    )


def test_inbound_records(complaint):
    record()
    assert refused(record) == "each_inbound_record_counts_once"
    filed = {"kind": "filed", "outcome": "applied", "complaint": complaint}
    record(sequence=0, **filed)
    assert refused(lambda: record(sequence=9, **filed)) == "one_filing_per_inbound_reference"
    assert (
        refused(lambda: record(sequence=2, outcome="applied"))
        == "what_was_taken_in_names_its_complaint"
    )
    assert refused(lambda: record(reference="")) == "an_inbound_record_has_a_reference"


def test_words_and_answers(complaint):
    meaning = {"source": "eungdapso", "name": "기타", "category": Category.objects.all()[0]}
    InboundCategory.objects.create(**meaning)
    assert (
        refused(lambda: InboundCategory.objects.create(**meaning))
        == "one_meaning_per_inbound_category"
    )
    said = message(complaint)
    assert (
        refused(
            lambda: OutboundAnswer.objects.create(source="eungdapso", reference="", message=said)
        )
        == "an_outbound_answer_has_a_reference"
    )


def test_ended_contacts(agent):
    contact = Contact.objects.create(agent=agent)
    terms = {"contact": contact, "ground": "threat", "agent": agent, "ended_at": MONDAY}

    def end(**more):
        return ContactRefusal.objects.create(**(terms | more))

    late = MONDAY + timedelta(minutes=1)
    assert (
        refused(lambda: end(told="종료", told_at=late, note="협박"))
        == "a_contact_ends_after_its_reason_was_told"
    )
    assert (
        refused(lambda: end(told="종료", told_at=MONDAY, note=""))
        == "an_ended_contact_is_described"
    )
