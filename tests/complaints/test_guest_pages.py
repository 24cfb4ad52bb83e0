import re
import uuid

import pytest
from django.test import Client

from complaints.models import Complaint, Message
from complaints.services import desk, intake
from tests.conftest import JOB

pytestmark = pytest.mark.django_db
TYPED = {
    "category": "points_missing",
    "title": "포인트가 없습니다",
    "text": "어제 걸었는데 <b>없습니다</b> {{7*7}}",
    "name": "홍길동",
    "phone": "010-0000-1234",
    "website": "",
}


def write(client, **changes):
    return client.post("/complaints/new/", {"once": str(uuid.uuid4()), **TYPED, **changes})


def keys_of(response):
    complaint = Complaint.objects.get()
    return {"receipt_no": complaint.receipt_no, "secret": intake.secret_of(complaint)}


@pytest.fixture
def guest():
    return Client()


@pytest.fixture
def filed(guest):
    return keys_of(write(guest))


def test_the_form_is_open_to_everybody(guest):
    page = guest.get("/complaints/new/")

    assert page.status_code == 200
    assert page["Cache-Control"] == "no-store"
    assert "걸음수 불일치" in page.content.decode()


def test_a_guest_files_a_complaint_and_gets_number_and_secret(guest):
    page = write(guest)

    row = Complaint.objects.get()
    told = re.sub(r"\s+", "", page.content.decode())
    secret = intake.secret_of(row)
    assert page.status_code == 201
    assert row.receipt_no in told
    assert "-".join(secret[at : at + 4] for at in range(0, 16, 4)) in told
    assert (row.channel, row.guest_name, row.status) == ("web", "홍길동", "pending_intake")


def test_the_same_form_sent_twice_is_one_complaint(guest):
    token = str(uuid.uuid4())
    first, second = write(guest, once=token), write(guest, once=token)

    assert (first.status_code, second.status_code) == (201, 201)
    assert Complaint.objects.count() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"phone": "전화"},
        {"category": "nothing"},
        {"title": ""},
        {"text": "가" * 10_001},
        {"name": ""},
        {"once": "x"},
        {"website": "http://spam"},
        {"about_date": "어제"},
    ],
    ids=["phone", "category", "title", "long", "name", "token", "program", "day"],
)
def test_what_is_wrong_is_said_and_nothing_is_filed(guest, changes):
    assert write(guest, **changes).status_code == 400
    assert not Complaint.objects.exists()


def test_number_and_secret_open_the_complaint(guest, filed):
    page = guest.post("/complaints/", filed)

    text = page.content.decode()
    assert page.status_code == 200
    assert "&lt;b&gt;없습니다&lt;/b&gt; {{7*7}}" in text
    assert "포인트가 없습니다" in text


@pytest.mark.parametrize("field", ["secret", "receipt_no"])
def test_a_wrong_key_opens_nothing(guest, filed, field):
    page = guest.post("/complaints/", filed | {field: "C-2611-AAAAAA"})

    assert page.status_code == 404
    assert "홍길동" not in page.content.decode()


def test_a_number_is_not_tried_for_ever(guest, filed):
    answers = [
        guest.post("/complaints/", filed | {"secret": f"wrong{turn}"}).status_code
        for turn in range(12)
    ]

    assert answers == [404] * 10 + [429] * 2
    assert guest.post("/complaints/", filed).status_code == 429


def test_a_guest_adds_to_a_complaint(guest, filed):
    page = guest.post("/complaints/", filed | {"step": "say", "text": "덧붙입니다"})

    assert page.status_code == 200
    assert Message.objects.get().text == "덧붙입니다"


def test_a_guest_withdraws(guest, filed):
    guest.post("/complaints/", filed | {"step": "withdraw"})

    assert Complaint.objects.get().status == "withdrawn"


@pytest.fixture
def answered(filed, agent):
    complaint = Complaint.objects.get()
    intake.receive(complaint, by=JOB)
    desk.take(complaint, by=agent)
    desk.answer(complaint, text="확인했습니다", version=complaint.version, by=agent)
    return filed


def test_a_guest_reads_the_answer_and_who_gave_it(guest, answered):
    text = guest.post("/complaints/", answered).content.decode()

    assert "확인했습니다" in text
    assert "건강관리과 이상담 02-1811-9988" in text


def test_a_guest_is_not_satisfied_and_gets_a_further_answer(guest, answered):
    wish = {"step": "rate", "score": "1", "comment": "이유가 없습니다", "reopen": "on"}
    assert guest.post("/complaints/", answered | wish).status_code == 200

    row = Complaint.objects.get()
    assert (row.status, row.satisfaction, row.reopen_count) == ("reopened", 1, 1)


def test_reopening_without_a_word_is_refused(guest, answered):
    wish = {"step": "rate", "score": "1", "comment": "", "reopen": "on"}
    assert guest.post("/complaints/", answered | wish).status_code == 422

    row = Complaint.objects.get()
    assert (row.status, row.satisfaction) == ("answered", None)


def test_an_internal_note_is_never_shown(guest, answered, agent):
    desk.add_note(Complaint.objects.get(), "비밀 메모", by=agent)

    assert "비밀 메모" not in guest.post("/complaints/", answered).content.decode()
