from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction

from participants.errors import (
    AppealedAlready,
    AppealTooLate,
    NothingToAppeal,
    SomebodyElseDecides,
)
from participants.models import Appeal, Application, Decision, Notification, ReasonCode
from participants.services import appeals, applications
from seoul_health.core import clock
from seoul_health.core.errors import IllegalMove, ReasonNeeded
from tests.conftest import JOB
from tests.participants.builders import App
from tests.participants.recruiting import open_lane, submitted

pytestmark = pytest.mark.django_db
TEXT = "재직증명서는 이번 달에 발급받은 것입니다."


@pytest.fixture
def first(make_staff):
    return make_staff("recruitment_officer", username="first")


@pytest.fixture
def second(make_staff):
    return make_staff("recruitment_officer", username="second")


@pytest.fixture
def rejected(walker, first):
    walker.is_resident = True
    walker.save()
    application = submitted(walker, open_lane())
    code = ReasonCode.objects.get(code="expired_certificate")
    applications.reject(application, by=first, code=code)
    return application


@pytest.fixture
def appeal(rejected):
    return appeals.file_appeal(rejected, text=TEXT, by=rejected.participant)


def test_an_appeal_is_about_the_decision_and_its_frozen_facts(appeal, rejected, first):
    decision = appeal.decision

    assert (decision.application, decision.outcome) == (rejected, "rejected")
    assert decision.decided_by == first.actor_name
    assert decision.reason == decision.reason_code.sentence == rejected.reason
    assert (decision.basis, decision.district, decision.is_resident) == ("resident", "종로구", True)
    assert decision.age == 46
    assert Notification.objects.filter(key__startswith="appeal_received:").count() == 1


def test_an_upheld_appeal_brings_the_application_back_to_its_place(appeal, rejected, second):
    before = Application.objects.get().sequence
    appeals.take(appeal, by=second)

    appeals.uphold(appeal, by=second, note="발급일을 다시 확인했습니다.")

    row = Application.objects.get()
    assert (row.status, row.sequence) == ("under_review", before)
    assert (row.reason, row.reason_code, row.failed_rules, row.decided_at) == ("", None, [], None)
    applications.approve(row, by=second)
    assert list(Decision.objects.order_by("pk").values_list("outcome", flat=True)) == [
        "rejected",
        "approved",
    ]


def test_a_dismissed_appeal_changes_nothing_but_itself(appeal, second):
    appeals.take(appeal, by=second)

    appeals.dismiss(
        appeal, by=second, code=ReasonCode.objects.get(code="appeal_no_ground"), note="8월 발급."
    )

    assert Application.objects.get().status == "rejected"
    row = Appeal.objects.get()
    assert row.status == "dismissed"
    assert row.answer == "처음 결정의 사유가 그대로여서 결정을 바꾸지 않습니다. 8월 발급."


def test_who_decided_does_not_judge_the_appeal(appeal, first, second):
    with pytest.raises(SomebodyElseDecides):
        appeals.take(appeal, by=first)
    appeals.take(appeal, by=second)

    for act in (appeals.uphold, appeals.dismiss):
        with pytest.raises(SomebodyElseDecides):
            act(appeal, by=first, note="제가 한 결정입니다.")

    assert Appeal.objects.get().status == "under_review"
    assert Application.objects.get().status == "rejected"


def test_the_database_itself_keeps_the_two_apart(appeal, first):
    with pytest.raises(IntegrityError, match="somebody_else_decides_an_appeal"):
        Appeal.objects.update(
            status="dismissed", answer="x", decided_by=first.actor_name, decided_at=clock.now()
        )


def test_only_an_upheld_appeal_leads_back_from_a_rejection(rejected):
    with pytest.raises(IllegalMove):
        applications.start_review(rejected, by=JOB)
    with pytest.raises(IntegrityError, match="only_an_appeal_reopens"), transaction.atomic():
        Application.objects.update(status="under_review")

    assert Application.objects.get().status == "rejected"


def test_a_second_rejection_needs_an_appeal_of_its_own(appeal, rejected, first, second):
    appeals.take(appeal, by=second)
    appeals.uphold(appeal, by=second, note="다시 심사합니다.")
    row = Application.objects.get()
    applications.reject(row, by=first, reason="기준에 맞지 않습니다.")

    with pytest.raises(IllegalMove):
        applications.start_review(row, by=first)
    appeals.file_appeal(row, text=TEXT, by=row.participant)

    assert Appeal.objects.count() == 2
    assert Notification.objects.filter(key__startswith="application_rejected:").count() == 2


def test_a_decision_is_appealed_once(appeal, rejected):
    with pytest.raises(AppealedAlready):
        appeals.file_appeal(rejected, text=TEXT, by=rejected.participant)

    assert Appeal.objects.count() == 1


def test_thirty_days_are_the_last_day(rejected):
    last = clock.day_starts(clock.today() + timedelta(days=31))

    with time_machine.travel(last, tick=False), pytest.raises(AppealTooLate):
        appeals.file_appeal(rejected, text=TEXT, by=rejected.participant)
    with time_machine.travel(last - timedelta(seconds=1), tick=False):
        appeals.file_appeal(rejected, text=TEXT, by=rejected.participant)

    assert Appeal.objects.count() == 1


def test_only_a_rejection_can_be_appealed(walker):
    application = submitted(walker, open_lane())

    with pytest.raises(NothingToAppeal):
        appeals.file_appeal(application, text=TEXT, by=walker)

    applications.hold(application, by=JOB, reason="서류를 보내 주세요.")
    with pytest.raises(NothingToAppeal):
        appeals.file_appeal(application, text=TEXT, by=walker)


def test_an_answer_is_never_empty(appeal, second):
    appeals.take(appeal, by=second)

    with pytest.raises(ReasonNeeded):
        appeals.dismiss(appeal, by=second, note="  ")

    assert Appeal.objects.get().status == "under_review"


def test_the_app_sees_why_and_until_when_and_files_once(rejected):
    app, path = App(rejected.participant), f"me/applications/{rejected.public_id}/"
    before = app.get(path).json()
    assert before["reason_code"] == "expired_certificate"
    assert before["appeal_until"] == str(clock.today() + timedelta(days=30))
    key = "6f5a2a34-09a6-4c2b-8a55-0d9b6a7e1c22"

    answers = [app.post(f"{path}appeal/", {"text": TEXT}, key=key) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["appeal"]["status"] == "filed"
    assert answers[0].json()["appeal_until"] is None
    assert Appeal.objects.count() == 1
    assert app.post(f"{path}appeal/", {"text": TEXT}).json()["code"] == "appealed_already"


@pytest.mark.parametrize("text", ["", "   ", "가" * 2001, None, 5, ["x"]])
def test_an_appeal_says_why_in_at_most_two_thousand_letters(rejected, text):
    path = f"me/applications/{rejected.public_id}/appeal/"

    answer = App(rejected.participant).post(path, {"text": text}, format="json")

    assert answer.status_code == 400
    assert not Appeal.objects.exists()


def test_somebody_elses_rejection_is_nowhere(rejected, make_participant):
    path = f"me/applications/{rejected.public_id}/appeal/"

    assert App(make_participant()).post(path, {"text": TEXT}).status_code == 404
    assert not Appeal.objects.exists()
