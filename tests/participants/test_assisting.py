"""A clerk applies for somebody at a counter, and nobody is refused for a silent register."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from participants.errors import NotEligible
from participants.gateways.identity import Unreachable
from participants.models import Application, Consent, EvidenceDocument, Participant
from participants.services import applications, residence
from seoul_health.core import clock
from tests.conftest import JOB
from tests.participants.papers import picture
from tests.participants.recruiting import born, open_lane, submitted

pytestmark = pytest.mark.django_db
ASSIST = "/review/assist/"


@pytest.fixture
def lane():
    return open_lane()


@pytest.fixture
def clerk(client_of):
    return client_of("site_clerk", scope="district", district="종로구", username="clerk")


@pytest.fixture
def sheet(lane):
    return {
        "paper_no": "JN-2026-0001",
        "lane": f"{lane.round.code}:{lane.kind}",
        "quota": "",
        "basis": "resident",
        "name": "박어르신",
        "birth_date": "1950-03-02",
        "phone": "010-2222-3333",
        "address": "서울특별시 종로구 창경궁로 1",
        "district": "종로구",
        "consented_on": str(clock.today()),
        "service": "on",
        "health": "on",
        "kind": "residence",
    }


class Register:
    """A register with a fixed answer, or a fixed silence."""

    def __init__(self, answer):
        self.answer, self.asked = answer, 0

    def lives_in_seoul(self, **person):
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def test_a_sheet_becomes_an_application_with_its_consents(
    clerk, sheet, queued, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        answer = clerk.post(ASSIST, sheet)

    row = Application.objects.get()
    assert answer.headers["Location"] == reverse("review:slip", args=[row.receipt_no])
    assert (row.status, row.paper_no) == ("submitted", "JN-2026-0001")
    assert row.assisted_by == clerk.user
    assert list(
        Consent.objects.order_by("purpose").values_list(
            "purpose", "recorded_by", "paper_no", "signed_on"
        )
    ) == [
        ("health", "staff:clerk", "JN-2026-0001", clock.today()),
        ("service", "staff:clerk", "JN-2026-0001", clock.today()),
    ]
    assert row.participant.is_resident is None
    assert ("participants.recheck_residence",) in queued


def test_the_slip_is_masked_and_names_the_receipt(clerk, sheet):
    clerk.post(ASSIST, sheet)
    row = Application.objects.get()

    page = clerk.get(reverse("review:slip", args=[row.receipt_no])).content.decode()

    assert row.receipt_no in page
    assert "박**신" in page
    assert "박어르신" not in page


def test_the_same_sheet_twice_is_one_application(clerk, sheet):
    first, second = (clerk.post(ASSIST, sheet) for _ in range(2))

    assert first.headers["Location"] == second.headers["Location"]
    assert Application.objects.count() == 1


def test_a_sheet_of_somebody_else_is_not_taken_over(clerk, sheet):
    clerk.post(ASSIST, sheet)

    answer = clerk.post(ASSIST, {**sheet, "name": "최다른"})

    assert answer.status_code == 422
    assert Application.objects.count() == Participant.objects.count() == 1


def test_a_refusal_names_each_rule_and_keeps_what_was_typed(clerk, sheet):
    child = {**sheet, "birth_date": str(born(12)), "name": "박어린"}

    answer = clerk.post(ASSIST, child)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "박어린" in page
    assert "19" in page
    assert not Application.objects.exists()
    assert not Consent.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"service": ""},
        {"health": ""},
        {"phone": "12"},
        {"birth_date": "2999-01-01"},
        {"birth_date": "어제"},
        {"consented_on": ""},
        {"paper_no": "../../etc"},
        {"name": ""},
        {"lane": "nowhere:own_device"},
        {"basis": "tourist"},
        {"district": "강남구"},
    ],
)
def test_a_sheet_that_is_not_right_is_not_filed(clerk, sheet, change):
    answer = clerk.post(ASSIST, {**sheet, **change})

    assert answer.status_code == 422
    assert not Participant.objects.exists()


def test_a_scan_comes_with_the_sheet_or_neither(clerk, sheet, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    broken = SimpleUploadedFile("a.jpg", picture()[:200], content_type="image/jpeg")
    assert clerk.post(ASSIST, {**sheet, "scan": broken}).status_code == 422
    assert not Application.objects.exists()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]

    sound = SimpleUploadedFile("a.jpg", picture(), content_type="image/jpeg")
    assert clerk.post(ASSIST, {**sheet, "scan": sound}).status_code == 302

    assert EvidenceDocument.objects.get().kind == "residence"


def test_the_form_never_holds_the_clerk_s_own_name(clerk):
    page = clerk.get(ASSIST).content.decode()

    assert 'name="name"' in page
    assert 'autocomplete="off"' in page
    assert f'value="{clerk.user.username}"' not in page


@pytest.mark.parametrize("role", ["recruitment_officer", "agent", "auditor"])
def test_the_counter_is_for_clerks(client_of, sheet, role):
    assert client_of(role).post(ASSIST, sheet).status_code == 403
    assert not Application.objects.exists()


def test_silence_of_the_register_refuses_nobody_and_approves_nobody(make_participant, lane):
    application = submitted(make_participant(is_resident=None, verified=False), lane)
    register = Register(Unreachable("dark"))

    assert residence.recheck_all(register=register, by=JOB) == 0

    assert Application.objects.get().status == "submitted"
    with pytest.raises(NotEligible) as refusal:
        applications.approve(application, by=JOB)
    assert [failure.code for failure in refusal.value.failures] == ["residence_unconfirmed"]


def test_the_first_silence_ends_the_round_of_questions(make_participant, lane):
    for _ in range(3):
        submitted(make_participant(is_resident=None), lane)
    register = Register(Unreachable("dark"))

    residence.recheck_all(register=register, by=JOB)

    assert register.asked == 1


@pytest.mark.parametrize(("answer", "code"), [(True, None), (False, "not_resident")])
def test_a_late_answer_decides(make_participant, lane, answer, code):
    application = submitted(make_participant(is_resident=None, verified=False), lane)

    assert residence.recheck_all(register=Register(answer), by=JOB) == 1
    assert residence.recheck_all(register=Register(answer), by=JOB) == 0

    assert Participant.objects.get().is_resident is answer
    if code is None:
        applications.approve(application, by=JOB)
        assert Application.objects.get().status == "approved"
        return
    with pytest.raises(NotEligible) as refusal:
        applications.approve(application, by=JOB)
    assert [failure.code for failure in refusal.value.failures] == [code]


def test_a_register_that_cannot_say_is_asked_again_later(make_participant, lane, monkeypatch):
    submitted(make_participant(is_resident=None), lane)
    register = Register(None)
    residence.recheck_all(register=register, by=JOB)
    residence.recheck_all(register=register, by=JOB)
    assert register.asked == 1

    later = clock.now() + timedelta(minutes=31)
    monkeypatch.setattr(clock, "now", lambda: later)
    residence.recheck_all(register=register, by=JOB)

    assert register.asked == 2


def test_a_paper_of_residence_is_as_good_as_the_register(make_participant, lane):
    application = submitted(make_participant(is_resident=None), lane)
    applications_paper(application)

    applications.approve(application, by=JOB)

    assert Application.objects.get().status == "approved"


def applications_paper(application):
    EvidenceDocument.objects.create(
        application=application,
        kind="residence",
        media_type="image/jpeg",
        size=1,
        sha256="0" * 64,
        file="evidence/x.jpg",
    )
