import pytest
import time_machine

from complaints.errors import ComplaintClosed, OutdatedVersion, TextNeeded
from complaints.models import Complaint, Split
from complaints.services import attachments, citizens, desk, splitting
from complaints.services.intake import Guest, fits
from seoul_health.core.errors import ReasonNeeded
from tests.complaints.builders import MONDAY, at, category, receive_one
from tests.complaints.test_attachments import photo

pytestmark = pytest.mark.django_db
LATER = at(2026, 11, 24, 15)
TERMS = {"title": "로그인", "text": "로그인도 안 됩니다.", "reason": "두 가지 문의"}


def split(origin: Complaint, agent, **terms):
    values = {"category": category("sign_in"), "version": origin.version, **TERMS, **terms}
    with time_machine.travel(LATER, tick=False):
        return splitting.split(origin, by=agent, **values)


def test_the_second_matter_gets_a_number_and_a_clock_from_the_same_day(taken, agent):
    part = split(taken, agent).complaint

    assert part.receipt_no != taken.receipt_no
    assert (part.arrived_at, part.received_at) == (MONDAY, MONDAY)
    assert (part.status, part.handler, part.participant) == ("received", None, taken.participant)
    assert part.due_at == receive_one(taken.participant, code="sign_in").due_at
    assert Split.objects.get().origin == taken


def test_the_first_complaint_goes_on_as_it_was(taken, agent):
    due_at, status = taken.due_at, taken.status
    split(taken, agent)

    taken.refresh_from_db()
    assert (taken.due_at, taken.status, taken.handler) == (due_at, status, agent)


def test_the_citizen_is_told_both_numbers(taken, agent):
    slip = split(taken, agent)

    told = taken.messages.get(author="staff")
    assert slip.complaint.receipt_no in told.text
    assert "로그인" in told.text
    assert told.signed_by == "이상담"


def test_a_guest_can_look_up_the_second_matter(agent):
    origin = receive_one(None, guest=Guest("홍길동", "010-1111-2222"))
    slip = split(origin, agent)

    part = Complaint.objects.get(pk=slip.complaint.pk)
    assert fits(part, slip.secret)
    assert (part.guest_name, part.guest_phone) == ("홍길동", "010-1111-2222")


def test_chosen_attachments_stand_with_both(taken, agent, walker, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    kept = attachments.send(taken, photo(), by=walker)
    attachments.send(taken, photo("other"), by=walker)
    taken.refresh_from_db()
    part = split(taken, agent, attachments=[kept]).complaint

    assert part.attachments.get().file.name == kept.file.name
    assert taken.attachments.count() == 2


def test_both_matters_are_answered_for_themselves(taken, agent):
    part = split(taken, agent).complaint
    taken.refresh_from_db()
    desk.answer(taken, text="답", version=taken.version, by=agent)

    part.refresh_from_db()
    assert part.status == "received"


@pytest.mark.parametrize(
    ("terms", "refusal"),
    [
        ({"reason": " "}, ReasonNeeded),
        ({"text": " "}, TextNeeded),
        ({"title": ""}, TextNeeded),
        ({"version": 1}, OutdatedVersion),
    ],
)
def test_a_split_that_is_not_right_changes_nothing(taken, agent, terms, refusal):
    version = taken.version
    with pytest.raises(refusal):
        split(taken, agent, **terms)

    assert Complaint.objects.get().version == version
    assert not taken.messages.exists()


def test_a_closed_complaint_is_not_split(complaint, agent, walker):
    citizens.withdraw(complaint, by=walker)
    with pytest.raises(ComplaintClosed):
        split(complaint, agent)

    assert Complaint.objects.count() == 1
