"""What staff see of people: masked, found by blind index, written down."""

import pytest
from django.urls import reverse

from participants.models import Application, EvidenceDocument, RecruitmentRound
from participants.services import evidence, rounds
from seoul_health.core.models import AccessLog
from tests.conftest import JOB
from tests.participants.papers import picture
from tests.participants.recruiting import add_lane, approved, draft_round, open_lane, submitted

pytestmark = pytest.mark.django_db
PNG = picture(kind="PNG")
PEOPLE = reverse("admin:participants_participant_changelist")
APPLICATIONS = reverse("admin:participants_application_changelist")


@pytest.fixture(autouse=True)
def private_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def officer(client_of):
    return client_of("recruitment_officer")


def page_of(row):
    return reverse(f"admin:participants_{row._meta.model_name}_change", args=[row.pk])


def act(browser, row, verb, **values):
    url = reverse(f"admin:participants_{row._meta.model_name}_act", args=[row.pk, verb])
    return browser.post(url, values, follow=True)


def shown(browser, text):
    return list(browser.get(PEOPLE, {"q": text}).context["cl"].result_list)


def test_a_list_of_people_is_masked_and_written_down(officer, make_participant):
    person = make_participant(name="남궁민수", phone="010-0987-6543")

    page = officer.get(PEOPLE).content.decode()

    assert "남**수" in page
    assert "010-****-6543" in page
    assert "남궁민수" not in page
    assert "0987" not in page
    log = AccessLog.objects.get()
    assert (log.actor, log.action) == (f"staff:{officer.user.username}", "list")
    assert log.subjects == [person.number]


@pytest.mark.parametrize("text", ["010-0987-6543", "01009876543", "6543", "남궁민수", " 남궁민수 "])
def test_people_are_found_by_whole_phone_tail_and_name(officer, make_participant, text):
    person = make_participant(name="남궁민수", phone="010-0987-6543")
    make_participant(name="김다른", phone="010-0111-2222")

    assert shown(officer, text) == [person]


def test_people_are_found_by_number(officer, make_participant):
    person, _other = make_participant(), make_participant()

    assert shown(officer, person.number.lower()) == [person]


@pytest.mark.parametrize("text", ["%", "_", "남궁", "\\", "a" * 5000, "'; --", "𝟎𝟏𝟎", "\u200b"])
def test_a_search_for_nobody_finds_nobody(officer, make_participant, text):
    make_participant(name="남궁민수")

    assert shown(officer, text) == []


def test_unmasking_needs_a_reason_and_leaves_it(officer, make_participant):
    person = make_participant(name="남궁민수")

    refused = act(officer, person, "unmask", reason="")
    assert "남궁민수" not in refused.content.decode()
    assert not AccessLog.objects.filter(action="unmask").exists()

    page = act(officer, person, "unmask", reason="배송 주소 확인 전화")

    assert "남궁민수" in page.content.decode()
    log = AccessLog.objects.get(action="unmask")
    assert (log.subjects, log.reason) == ([person.number], "배송 주소 확인 전화")
    assert "남궁민수" not in officer.get(page_of(person)).content.decode()


def test_who_may_not_unmask_has_no_button(client_of, make_participant):
    person = make_participant(name="남궁민수")

    answer = act(client_of("auditor"), person, "unmask", reason="궁금해서 봅니다")

    assert answer.status_code == 403
    assert not AccessLog.objects.filter(action="unmask").exists()


def test_staff_of_a_district_see_its_people_only(client_of, make_participant):
    mine = make_participant(district="은평구")
    other = make_participant(district="종로구")
    browser = client_of("recruitment_officer", scope="district", district="은평구")

    assert list(browser.get(PEOPLE).context["cl"].result_list) == [mine]
    assert browser.get(page_of(other)).status_code in {302, 404}
    assert act(browser, other, "unmask", reason="다른 구 사람입니다").status_code == 404


def test_an_application_is_approved_and_rejected_from_its_page(officer, make_participant):
    lane = open_lane()
    yes = submitted(make_participant(is_resident=True), lane)
    no = submitted(make_participant(is_resident=True), lane)

    act(officer, yes, "approve")
    act(officer, no, "reject", reason="재직증명서가 오래되었습니다.")

    assert Application.objects.get(pk=yes.pk).status == "approved"
    refused = Application.objects.get(pk=no.pk)
    assert (refused.status, refused.reason) == ("rejected", "재직증명서가 오래되었습니다.")


def test_a_rejection_without_a_reason_is_not_made(officer, make_participant):
    application = submitted(make_participant(is_resident=True), open_lane())

    act(officer, application, "reject", reason=" ")

    assert Application.objects.get().status == "submitted"


def test_a_worker_without_papers_is_not_approved(officer, make_participant):
    application = submitted(make_participant(), open_lane(), basis="worker")

    page = act(officer, application, "approve")

    assert Application.objects.get().status == "submitted"
    assert [message.level_tag for message in page.context["messages"]] == ["error"]


def test_ticked_applications_are_approved_and_refusals_told_one_by_one(officer, make_participant):
    lane = open_lane()
    good = submitted(make_participant(is_resident=True), lane)
    bad = submitted(make_participant(), lane, basis="worker")
    ticked = {"action": "approve_ticked", "_selected_action": [good.pk, bad.pk]}

    page = officer.post(APPLICATIONS, ticked, follow=True)

    levels = sorted(message.level_tag for message in page.context["messages"])
    assert levels == ["error", "success"]
    assert Application.objects.get(pk=good.pk).status == "approved"
    assert Application.objects.get(pk=bad.pk).status == "submitted"


def test_ticked_applications_are_rejected_for_one_reason(officer, make_participant):
    lane = open_lane()
    filed = [submitted(make_participant(is_resident=True), lane) for _ in range(3)]
    ticked = {"action": "reject_ticked", "_selected_action": [row.pk for row in filed[:2]]}

    page = officer.post(APPLICATIONS, ticked).content.decode()
    assert page.count('name="_selected_action"') == 2
    assert not Application.objects.filter(status="rejected").exists()

    officer.post(APPLICATIONS, {**ticked, "reason": "정원 외 자격입니다."})

    refused = Application.objects.filter(status="rejected", reason="정원 외 자격입니다.")
    assert set(refused) == set(filed[:2])


@pytest.mark.parametrize("find", ["receipt_no", "number", "name", "phone"])
def test_applications_are_found_by_receipt_number_or_person(officer, make_participant, find):
    lane = open_lane()
    person = make_participant(name="남궁민수", phone="010-0987-6543", is_resident=True)
    application = submitted(person, lane)
    submitted(make_participant(name="김다른", phone="010-0111-2222", is_resident=True), lane)
    typed = {
        "receipt_no": application.receipt_no.lower(),
        "number": person.number,
        "name": "남궁민수",
        "phone": "010-0987-6543",
    }

    found = officer.get(APPLICATIONS, {"q": typed[find]}).context["cl"].result_list

    assert list(found) == [application]


def test_people_are_filtered_by_district(officer, make_participant):
    person = make_participant(district="은평구")
    make_participant(district="종로구")

    assert list(officer.get(PEOPLE, {"district": "은평구"}).context["cl"].result_list) == [person]


@pytest.mark.parametrize("role", ["agent", "auditor", "supervisor"])
def test_who_only_sees_applications_decides_none(client_of, make_participant, role):
    application = submitted(make_participant(is_resident=True), open_lane())
    browser = client_of(role)

    assert browser.get(page_of(application)).status_code == 200
    assert act(browser, application, "approve").status_code == 403
    assert Application.objects.get().status == "submitted"


def test_a_list_costs_the_same_for_many_applications(
    officer, make_participant, django_assert_max_num_queries
):
    lane = open_lane(seats=99)
    for _ in range(12):
        submitted(make_participant(is_resident=True), lane)

    with django_assert_max_num_queries(12):
        assert len(officer.get(APPLICATIONS).context["cl"].result_list) == 12


def download_of(document):
    return reverse("admin:participants_evidencedocument_download", args=[document.pk])


def paper(person):
    application = submitted(person, open_lane(), basis="worker")
    return evidence.attach(
        application, kind="employment", content=PNG, claimed_type="image/png", by=person
    )


def test_a_paper_leaves_as_an_attachment_and_is_written_down(officer, walker):
    document = paper(walker)

    refused = officer.post(download_of(document), {"reason": ""})
    assert "Content-Disposition" not in refused.headers
    assert not AccessLog.objects.filter(action="download").exists()

    answer = officer.post(download_of(document), {"reason": "재직 여부 확인"})

    assert b"".join(answer.streaming_content) == document.file.open("rb").read()
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    log = AccessLog.objects.get(action="download")
    assert (log.subjects, log.reason) == ([walker.number], "재직 여부 확인")


def test_a_paper_has_no_public_address(officer, walker):
    document = paper(walker)

    assert officer.get(f"/media/{document.file.name}").status_code == 404
    assert officer.get(document.file.url).status_code == 404


@pytest.mark.parametrize("role", ["agent", "device_officer", "finance_officer"])
def test_papers_are_for_reviewers(client_of, walker, role):
    document = paper(walker)

    answer = client_of(role).post(download_of(document), {"reason": "재직 여부 확인"})

    assert answer.status_code == 403
    assert EvidenceDocument.objects.count() == 1


def test_a_round_is_announced_opened_and_closed_from_its_page(officer):
    found = draft_round()
    add_lane(found)

    for verb in ("announce", "open", "close"):
        act(officer, found, verb)

    assert RecruitmentRound.objects.get().status == "closed"


def test_an_announced_round_is_no_longer_edited(officer):
    found = draft_round()
    add_lane(found)
    rounds.announce(found, by=JOB)

    officer.post(page_of(found), {"code": "changed", "name": "바뀐 이름"})

    assert RecruitmentRound.objects.get().code == found.code
    assert 'name="_save"' not in officer.get(page_of(found)).content.decode()


def test_seats_are_given_from_the_lanes_page(officer, make_participant):
    lane = open_lane(seats=1)
    approved(make_participant(is_resident=True), lane)

    act(officer, lane, "select_now")

    assert Application.objects.get().status == "selected"


def test_an_export_needs_a_reason_is_recorded_and_harmless(officer, make_participant):
    person = make_participant(is_resident=True)
    application = submitted(person, open_lane())
    Application.objects.update(reason="=cmd|' /C calc'!A0", paper_no="+1")
    url = reverse("admin:participants_application_export")

    assert officer.post(url, {"format": "1", "resource": ""}).status_code == 200
    assert not AccessLog.objects.filter(action="export").exists()

    answer = officer.post(url, {"format": "1", "resource": "", "reason": "월간 보고"})

    content = answer.content.decode("utf-8-sig")
    assert application.receipt_no in content
    assert "김걷기" not in content
    assert '"\'+1"' in content
    log = AccessLog.objects.get(action="export")
    assert (log.subjects, log.reason) == ([person.number], "월간 보고")
