import uuid

import pytest
import time_machine
from rest_framework.test import APIClient

from complaints.models import Complaint, Message
from complaints.services import desk, intake
from tests.complaints.builders import MONDAY, category, file_one, receive_one

pytestmark = pytest.mark.django_db
BODY = {
    "category": "points_missing",
    "title": "어제 걸음이 0으로 나옵니다",
    "text": "분명히 걸었습니다.",
    "about": {"date": "2026-11-22"},
}


@pytest.fixture
def app(walker) -> APIClient:
    client = APIClient()
    client.force_authenticate(walker)
    return client


def write(app, path, body, key=None):
    return app.post(path, body, headers={"Idempotency-Key": key or str(uuid.uuid4())})


def test_the_categories_are_public():
    found = APIClient().get("/api/v1/complaint-categories/", headers={"Accept-Language": "ko"})

    assert len(found.data) == 21
    assert found.data[0] == {"code": "step_mismatch", "name": "걸음수 불일치", "kind": "grievance"}


@time_machine.travel(MONDAY, tick=False)
def test_filing_answers_with_slip_and_clock(app):
    answer = write(app, "/api/v1/me/complaints/", BODY)

    assert answer.status_code == 201
    assert set(answer.data) == {"receipt_no", "secret", "status", "due_at", "clock"}
    assert answer.data["status"] == "pending_intake"
    assert answer.data["due_at"] == "2026-12-01T18:00:00+09:00"
    assert set(answer.data["clock"]) == {"article", "working", "skipped"}
    assert answer.data["clock"]["skipped"][0]["day"] == "2026-11-28"
    assert Complaint.objects.get().about_date.isoformat() == "2026-11-22"


def test_filing_twice_with_one_key_files_once(app):
    key = str(uuid.uuid4())
    first = write(app, "/api/v1/me/complaints/", BODY, key)
    again = write(app, "/api/v1/me/complaints/", BODY, key)

    assert again.data["receipt_no"] == first.data["receipt_no"]
    assert again["Idempotency-Replayed"] == "true"
    assert Complaint.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"category": "nonsense"},
        {"category": 7},
        {"title": ""},
        {"title": "가" * 101},
        {"title": "\u200b\u200b"},
        {"text": None},
        {"text": ["a"]},
        {"about": {"date": "2026-02-30"}},
        {"about": {"date": "２０２６-０１-０１"}},
        {"about": {"loan": "x"}},
        {"about": []},
    ],
)
def test_a_malformed_filing_is_refused_and_nothing_is_written(app, wrong):
    answer = write(app, "/api/v1/me/complaints/", BODY | wrong)

    assert answer.status_code == 400
    assert answer.data["code"] == "invalid"
    assert not Complaint.objects.exists()


@pytest.mark.parametrize("about", [{"loan": str(uuid.uuid4())}, {"transfer": "someone-elses"}])
def test_unknown_subjects_are_not_found(app, about):
    assert write(app, "/api/v1/me/complaints/", BODY | {"about": about}).status_code == 404
    assert not Complaint.objects.exists()


def test_own_complaints_are_listed_and_others_do_not_exist(app, walker, make_participant):
    mine = receive_one(walker)
    foreign = receive_one(make_participant())
    listed = app.get("/api/v1/me/complaints/")

    assert [row["receipt_no"] for row in listed.data["results"]] == [mine.receipt_no]
    assert set(listed.data) == {"next", "previous", "results"}
    assert app.get(f"/api/v1/me/complaints/{foreign.receipt_no}/").status_code == 404
    assert app.get("/api/v1/me/complaints/C-0000-NOBODY/").status_code == 404


def test_notes_stay_among_staff(app, taken, agent):
    desk.add_note(taken, "내부 메모", by=agent)
    desk.answer(taken, text="답변입니다", version=taken.version, by=agent)
    shown = app.get(f"/api/v1/me/complaints/{taken.receipt_no}/").data

    assert [said["purpose"] for said in shown["messages"]] == ["answer"]
    assert shown["messages"][0]["contact"] == "02-1811-9988"
    assert shown["agent"] == {
        "department": "건강관리과",
        "name": "이상담",
        "contact": "02-1811-9988",
    }


def test_a_citizen_writes_withdraws_and_is_then_done(app, walker):
    address = f"/api/v1/me/complaints/{receive_one(walker).receipt_no}/"

    assert write(app, f"{address}messages/", {"text": "추가합니다"}).status_code == 201
    assert write(app, f"{address}withdraw/", {}).data["status"] == "withdrawn"
    assert write(app, f"{address}messages/", {"text": "하나 더"}).status_code == 409
    assert Message.objects.count() == 1


@pytest.mark.parametrize("score", [0, 6, "5", 4.0, True, None])
def test_a_score_is_a_whole_number_from_one_to_five(app, taken, agent, score):
    desk.answer(taken, text="답변", version=taken.version, by=agent)
    address = f"/api/v1/me/complaints/{taken.receipt_no}/satisfaction/"

    assert write(app, address, {"score": score}).status_code == 400
    assert Complaint.objects.get().satisfaction is None


def test_satisfaction_and_a_further_answer(app, taken, agent):
    address = f"/api/v1/me/complaints/{taken.receipt_no}/satisfaction/"
    assert write(app, address, {"score": 5}).status_code == 409
    desk.answer(taken, text="답변", version=taken.version, by=agent)

    assert write(app, address, {"score": 1, "reopen": True}).status_code == 422
    again = write(app, address, {"score": 1, "reopen": True, "comment": "아직입니다"})
    assert (again.data["status"], again.data["satisfaction"]) == ("reopened", 1)


def test_writes_need_a_key(app):
    assert app.post("/api/v1/me/complaints/", BODY).status_code == 400


def test_strangers_are_asked_who_they_are():
    assert APIClient().get("/api/v1/me/complaints/").status_code == 401


def look_up(receipt_no, secret):
    body = {"receipt_no": receipt_no, "secret": secret}
    return APIClient().post("/api/v1/complaints/lookup/", body)


def test_a_guest_looks_up_with_number_and_secret():
    slip = file_one(None, channel="web", guest=intake.Guest("김손님", "010-2222-3333"))
    dashed = "-".join(slip.secret[i : i + 4] for i in range(0, 16, 4)).lower()
    found = look_up(slip.complaint.receipt_no.lower(), dashed)

    assert found.status_code == 200
    assert found.data["status"] == "pending_intake"
    assert "김손님" not in str(found.data)


def test_an_unknown_number_and_a_wrong_secret_get_the_same_answer(walker):
    slip = file_one(walker)
    wrong = look_up(slip.complaint.receipt_no, "AAAA-BBBB-CCCC-DDDD")
    unknown = look_up("C-2611-AAAAAA", slip.secret)

    assert (wrong.status_code, unknown.status_code) == (404, 404)
    assert wrong.data == unknown.data


def test_guessing_is_throttled(settings):
    settings.THROTTLE_RATES = {"guest": "3/min"}
    answers = [look_up("C-2611-AAAAAA", "x" * 16).status_code for _ in range(4)]

    assert answers == [404, 404, 404, 429]


def test_a_category_out_of_use_is_not_offered(app):
    row = category("challenge")
    row.is_active = False
    row.save(update_fields=["is_active"])

    assert write(app, "/api/v1/me/complaints/", BODY | {"category": "challenge"}).status_code == 400
