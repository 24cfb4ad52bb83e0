"""Merges, splits and attachments on the page of a complaint."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from complaints.models import Attachment, Complaint, Merge, Split
from complaints.services import desk, merging
from seoul_health.core.models import AccessLog
from tests.complaints.builders import AGENT, receive_one
from tests.complaints.groups import PURPOSE, crowd, merged
from tests.participants.papers import pdf, picture

pytestmark = pytest.mark.django_db
FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def browser(client_of) -> Client:
    return client_of("agent", **AGENT)


@pytest.fixture
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return lambda: [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.fixture
def group(make_participant):
    return crowd(make_participant)


def at_desk(name: str, complaint: Complaint, *more: object) -> str:
    return reverse(f"desk:{name}", args=[complaint.receipt_no, *more])


def photo(name="화면.jpg", content=None, kind="image/jpeg"):
    return SimpleUploadedFile(name, content if content is not None else picture(), kind)


def send_merge(browser, lead, ticked, **terms):
    values = {"number": ticked, "purpose": PURPOSE, "version": lead.version} | terms
    return browser.post(at_desk("merge", lead), values, headers=FRAGMENT)


def test_ticked_complaints_are_merged_and_the_complaint_is_shown_again(browser, group):
    lead, *others = group
    answer = send_merge(browser, lead, [row.receipt_no for row in others])

    assert answer.headers["HX-Retarget"] == "#case-slot"
    assert answer.context["merged_count"] == 4
    assert Merge.objects.into(lead).count() == 4


def test_typed_numbers_count_like_ticked_ones(browser, group):
    lead, *others = group
    typed = ", ".join(row.receipt_no.lower() for row in others)
    answer = send_merge(browser, lead, [], numbers=typed)

    assert answer.status_code == 200
    assert Merge.objects.into(lead).count() == 4


def test_too_few_people_are_refused_with_the_ticks_kept(browser, group):
    lead, first, *_others = group
    answer = send_merge(browser, lead, [first.receipt_no])

    assert answer.status_code == 422
    assert f'value="{first.receipt_no}" checked' in answer.content.decode()
    assert not Merge.objects.exists()


def test_an_unknown_number_merges_nobody(browser, group):
    answer = send_merge(browser, group[0], [row.receipt_no for row in group[1:]], numbers="C-0-X")

    assert answer.status_code == 422
    assert not Merge.objects.exists()


def test_complaints_of_another_district_are_unknown(client_of, make_participant):
    near = crowd(make_participant, 4, title="우리 구")
    far = receive_one(make_participant(district="강남구"))
    clerk = client_of("agent", scope="district", district="종로구", **AGENT)
    answer = send_merge(clerk, near[0], [row.receipt_no for row in [*near[1:], far]])

    assert answer.status_code == 422
    assert not Merge.objects.exists()


def test_a_lead_shows_who_is_merged_and_who_has_written(browser, group):
    lead = merged(group, by=browser.user)
    page = browser.get(at_desk("merged", lead)).content.decode()

    assert all(row.receipt_no in page for row in group[1:])
    assert "김*기" in page
    assert "김걷기" not in page
    assert len(AccessLog.objects.get(what="desk:merged").subjects) == 4


def test_a_merged_complaint_shows_its_lead_and_can_be_taken_out(browser, group):
    lead = merged(group, by=browser.user)
    child = Complaint.objects.get(pk=group[1].pk)
    assert lead.receipt_no in browser.get(at_desk("case", child), headers=FRAGMENT).content.decode()

    address = at_desk("unmerge", child)
    assert browser.post(address, {"why": ""}, headers=FRAGMENT).status_code == 422
    assert browser.post(address, {"why": "다른 문제"}, headers=FRAGMENT).status_code == 200
    child.refresh_from_db()
    assert child.status == "received"


def test_the_merge_form_offers_the_same_category(browser, group, make_participant):
    other = receive_one(make_participant(), code="sign_in")
    page = browser.get(at_desk("merge", group[0])).content.decode()

    assert all(row.receipt_no in page for row in group[1:])
    assert other.receipt_no not in page
    assert f'value="{group[0].receipt_no}"' not in page


def test_a_split_from_the_screen_shows_the_slip(browser, complaint):
    values = {"category": "sign_in", "title": "로그인", "text": "로그인도 안 됩니다."}
    values |= {"reason": "두 가지 문의", "version": complaint.version}
    answer = browser.post(at_desk("split", complaint), values, headers=FRAGMENT)

    part = Split.objects.get().part
    assert answer.headers["HX-Retarget"] == "#case-slot"
    assert part.receipt_no in answer.content.decode()
    page = browser.get(at_desk("case", complaint), headers=FRAGMENT).content.decode()
    assert part.receipt_no in page


def test_a_split_that_is_not_complete_keeps_what_was_typed(browser, complaint):
    values = {"category": "sign_in", "title": "로그인", "text": "", "reason": "", "version": 2}
    answer = browser.post(at_desk("split", complaint), values, headers=FRAGMENT)

    assert answer.status_code == 422
    assert 'value="로그인"' in answer.content.decode()
    assert not Split.objects.exists()


def test_an_attachment_of_staff_is_shown_and_its_reading_written_down(
    browser, complaint, files, walker
):
    address = at_desk("attach", complaint)
    answer = browser.post(address, {"file": photo(), "is_internal": "on"}, headers=FRAGMENT)
    row = Attachment.objects.get()
    assert "화면.jpg" in answer.content.decode()
    assert (row.is_internal, row.uploaded_by) == (True, browser.user.actor_name)

    shown = browser.get(at_desk("attachment", complaint, row.public_id, 1))
    assert shown["Content-Type"] == "image/jpeg"
    assert shown["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert shown["X-Content-Type-Options"] == "nosniff"
    read = AccessLog.objects.get(what=f"desk:attachment:{row.pk}:1")
    assert (read.actor, read.subjects) == (browser.user.actor_name, [walker.number])


def test_a_pdf_is_shown_as_pictures_page_by_page(browser, complaint, files):
    sent = photo("서류.pdf", pdf(pages=2), "application/pdf")
    browser.post(at_desk("attach", complaint), {"file": sent}, headers=FRAGMENT)
    row = Attachment.objects.get()

    assert browser.get(at_desk("attachment", complaint, row.public_id, 2))["Content-Type"] == (
        "image/png"
    )
    assert browser.get(at_desk("attachment", complaint, row.public_id, 3)).status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "image/svg+xml"),
        ("a.html", b"<html><script>alert(1)</script></html>", "text/html"),
        ("a.jpg", b"", "image/jpeg"),
        ("a.jpg", b"\xff\xd8\xff<script>alert(1)</script>", "image/jpeg"),
        ("a.zip", b"PK\x03\x04", "application/zip"),
    ],
    ids=["svg", "html", "empty", "script in a jpeg", "zip"],
)
def test_what_is_no_honest_paper_is_refused_at_the_desk(
    browser, complaint, files, name, content, kind
):
    sent = photo(name, content, kind)
    answer = browser.post(at_desk("attach", complaint), {"file": sent}, headers=FRAGMENT)

    assert answer.status_code == 422
    assert not Attachment.objects.exists()
    assert files() == []


def test_an_attachment_is_only_found_with_its_complaint(browser, complaint, files, walker):
    browser.post(at_desk("attach", complaint), {"file": photo()}, headers=FRAGMENT)
    row, other = Attachment.objects.get(), receive_one(walker)

    assert browser.get(at_desk("attachment", other, row.public_id, 1)).status_code == 404


def test_an_attachment_of_another_district_does_not_exist(
    client_of, browser, make_participant, files
):
    far = receive_one(make_participant(district="강남구"))
    browser.post(at_desk("attach", far), {"file": photo()}, headers=FRAGMENT)
    clerk = client_of("agent", scope="district", district="종로구", **AGENT)
    row = Attachment.objects.get()

    assert clerk.get(at_desk("attachment", far, row.public_id, 1)).status_code == 404


def test_a_page_without_a_file_says_so(browser, complaint):
    assert browser.post(at_desk("attach", complaint), headers=FRAGMENT).status_code == 422


@pytest.mark.parametrize("name", ["merge", "unmerge", "split", "attach"])
def test_those_who_only_look_cannot_change_what_belongs_together(client_of, complaint, name):
    watcher = client_of("auditor")
    address = at_desk(name, complaint)

    assert watcher.post(address).status_code == 403
    assert Client().post(address).status_code == 302


def test_the_case_page_asks_as_often_with_many_merged(
    browser, make_participant, django_assert_max_num_queries
):
    lead = merged(crowd(make_participant, 12), by=browser.user)
    desk.take(lead, by=browser.user)
    with django_assert_max_num_queries(60):
        browser.get(at_desk("case", lead), headers=FRAGMENT)
    with django_assert_max_num_queries(16):
        browser.get(at_desk("merged", lead), headers=FRAGMENT)


def test_a_name_that_hides_something_is_shown_plainly(browser, complaint, files):
    sent = photo("..\\..\\secret\u202egpj.exe\x07.jpg")
    browser.post(at_desk("attach", complaint), {"file": sent}, headers=FRAGMENT)

    assert Attachment.objects.get().name == "secretgpj.exe.jpg"


def test_merging_from_an_old_page_is_refused(browser, group):
    merging.merge(group[0], group[1:], purpose=PURPOSE, by=browser.user)
    late = receive_one(group[0].participant)
    answer = send_merge(browser, group[0], [late.receipt_no], version=group[0].version - 1)

    assert answer.status_code == 409
    assert Merge.objects.live().count() == 4
