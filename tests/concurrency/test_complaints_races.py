import pytest
import time_machine

from complaints.models import Complaint, Message
from complaints.services import contacts, desk
from tests.complaints.builders import AGENT, MONDAY, category, receive_one
from tests.race import race

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def agents(make_staff):
    return [make_staff("agent", **AGENT), make_staff("agent", **AGENT)]


def test_two_agents_never_take_one_complaint(walker, agents):
    receive_one(walker)
    hands = iter(agents)

    def take():
        if desk.take_next(by=next(hands)) is None:
            raise LookupError

    assert race(take) == ["LookupError", "ok"]
    assert Complaint.objects.get().status == "in_progress"


def test_two_agents_never_answer_one_complaint_twice(walker, agents):
    complaint = receive_one(walker)
    desk.take(complaint, by=agents[0])
    version = complaint.version
    hands = iter(agents)

    def answer():
        mine = Complaint.objects.get()
        desk.answer(mine, text="답변", version=version, by=next(hands))

    assert race(answer) == ["OutdatedVersion", "ok"]
    assert Message.objects.filter(purpose="answer").count() == 1


def test_a_call_becomes_one_complaint(walker, agents):
    with time_machine.travel(MONDAY, tick=False):
        contact = contacts.open_contact(walker, by=agents[0])

    def promote():
        mine = type(contact).objects.get()
        contacts.promote(mine, category=category(), title="제목", text="내용", by=agents[0])

    assert race(promote) == ["AlreadyPromoted", "ok"]
    assert Complaint.objects.count() == 1
