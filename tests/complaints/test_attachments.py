"""Photos and papers citizens send with a complaint."""

import uuid

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from complaints.errors import AttachmentTooMany, ComplaintClosed
from complaints.models import Attachment, Complaint
from complaints.rules.names import LONGEST, shown_name
from complaints.services import attachments, citizens, delays, desk
from complaints.services.attachments import MOST_ATTACHMENTS, Upload
from complaints.services.intake import Guest
from seoul_health.core.audit import System
from seoul_health.core.errors import UnfitFile
from seoul_health.core.files import no_orphans
from seoul_health.core.media import LARGEST
from tests.complaints.builders import receive_one
from tests.complaints.groups import crowd, merged
from tests.participants.builders import App
from tests.participants.papers import pdf, picture

pytestmark = pytest.mark.django_db
PATH = "me/complaints/{}/attachments/"


@pytest.fixture
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return lambda: [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.fixture
def app(walker):
    return App(walker)


def photo(words: str = "0", name: str = "screen.jpg") -> Upload:
    return Upload(picture(words), "image/jpeg", name)


def post(app, complaint, content, kind="image/jpeg", name="a.jpg", key=""):
    file = SimpleUploadedFile(name, content, kind)
    address = PATH.format(complaint.receipt_no)
    return app.post(address, {"file": file}, key=key, format="multipart")


def test_a_citizen_sends_a_photo_and_reads_it_again(app, complaint, files):
    answer = post(app, complaint, picture(), name="걷기 0.jpg")
    sent = answer.json()

    assert answer.status_code == 201
    assert (sent["name"], sent["media_type"], sent["pages"]) == ("걷기 0.jpg", "image/jpeg", 1)
    listed = app.get(PATH.format(complaint.receipt_no)).json()
    assert listed == [sent]
    read = app.get(PATH.format(complaint.receipt_no) + f"{sent['id']}/")
    assert read.content == default_storage.open(Attachment.objects.get().file.name).read()
    assert read["Content-Disposition"] == f'attachment; filename="{sent["id"]}"'
    assert read["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_the_same_upload_with_the_same_key_is_kept_once(app, complaint, files):
    key = str(uuid.uuid4())
    body = picture()
    first = post(app, complaint, body, key=key)
    second = post(app, complaint, body, key=str(uuid.uuid4()))

    assert first.json()["id"] == second.json()["id"]
    assert Attachment.objects.count() == 1
    assert len(files()) == 1


BAD = {
    "empty": (b"", "image/jpeg"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "image/svg+xml"),
    "svg that says jpeg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/jpeg"),
    "html": (b"<!doctype html><script>alert(1)</script>", "text/html"),
    "zip": (b"PK\x03\x04" + b"\0" * 100, "application/zip"),
    "jpeg with a script": (b"\xff\xd8\xff<?php echo 1 ?>", "image/jpeg"),
    "wrong type": (b"\x89PNG\r\n\x1a\n", "image/jpeg"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_honest_paper_is_refused(app, complaint, files, name):
    content, kind = BAD[name]
    answer = post(app, complaint, content, kind)

    assert answer.status_code == 400
    assert not Attachment.objects.exists()
    assert files() == []


def test_a_file_of_25_megabytes_is_refused(complaint, files, walker):
    large = Upload(b"\xff\xd8\xff" + bytes(25 * 1024 * 1024), "image/jpeg", "a.jpg")

    with pytest.raises(UnfitFile):
        attachments.send(complaint, large, by=walker)
    assert len(large.content) > LARGEST
    assert files() == []


def test_a_body_without_a_file_is_refused(app, complaint):
    address = PATH.format(complaint.receipt_no)
    assert app.post(address, {"words": "x"}, format="multipart").status_code == 400


def test_somebody_elses_complaint_takes_no_file(app, make_participant, files):
    other = receive_one(make_participant())

    assert post(app, other, picture()).status_code == 404
    assert app.get(PATH.format(other.receipt_no)).status_code == 404
    assert files() == []


def test_what_is_only_for_staff_is_not_the_citizens(app, complaint, files, agent):
    row = attachments.add(complaint, photo(), by=agent, is_internal=True)

    assert app.get(PATH.format(complaint.receipt_no)).json() == []
    assert app.get(PATH.format(complaint.receipt_no) + f"{row.public_id}/").status_code == 404


def test_what_staff_add_for_the_citizen_is_the_citizens(app, complaint, files, agent):
    attachments.add(complaint, photo(), by=agent, is_internal=False)

    assert len(app.get(PATH.format(complaint.receipt_no)).json()) == 1


def test_the_eleventh_file_is_one_too_many(complaint, walker, files):
    for number in range(MOST_ATTACHMENTS):
        attachments.send(complaint, photo(str(number)), by=walker)
    with pytest.raises(AttachmentTooMany):
        attachments.send(complaint, photo("one more"), by=walker)

    assert complaint.attachments.count() == MOST_ATTACHMENTS
    known = attachments.send(complaint, photo("3"), by=walker)
    assert known.sha256 in set(complaint.attachments.values_list("sha256", flat=True))


def test_a_photo_that_was_asked_for_lets_the_clock_run_again(taken, agent, walker, files):
    delays.ask_supplement(taken, text="사진이 필요합니다.", version=taken.version, by=agent)
    attachments.send(taken, photo(), by=walker)

    taken.refresh_from_db()
    assert taken.status == "in_progress"
    assert taken.clock_events.filter(kind="supplement_arrived").count() == 1


def test_a_photo_changes_the_version_the_agent_has_read(taken, walker, files):
    read = taken.version
    attachments.send(taken, photo(), by=walker)

    assert Complaint.objects.get().version == read + 1


def test_a_photo_of_a_merged_citizen_changes_the_lead(make_participant, agent, files):
    group = crowd(make_participant)
    lead = merged(group, by=agent)
    read = lead.version
    child = Complaint.objects.get(pk=group[1].pk)
    attachments.send(child, photo(), by=child.participant)

    lead.refresh_from_db()
    assert lead.version == read + 1


def test_a_closed_complaint_takes_no_more_files(complaint, walker, files):
    citizens.withdraw(complaint, by=walker)

    with pytest.raises(ComplaintClosed):
        attachments.send(complaint, photo(), by=walker)
    assert files() == []


def test_an_answered_complaint_takes_files_of_staff_only(taken, agent, walker, files):
    desk.answer(taken, text="답", version=taken.version, by=agent)
    attachments.add(taken, photo(), by=agent, is_internal=False)

    with pytest.raises(ComplaintClosed):
        attachments.send(taken, photo("more"), by=walker)
    assert Attachment.objects.count() == 1


def test_a_rollback_leaves_neither_row_nor_file(complaint, walker, files):
    with no_orphans(), transaction.atomic():
        attachments.send(complaint, photo(), by=walker)
        transaction.set_rollback(True)

    assert not Attachment.objects.exists()
    assert files() == []


def test_a_guests_complaint_keeps_files_too(files):
    complaint = receive_one(None, guest=Guest("홍길동", "010-1111-2222"))
    row = attachments.send(
        complaint, Upload(pdf(), "application/pdf", "서류.pdf"), by=System("guest")
    )

    assert (row.pages, row.uploaded_by) == (1, "system:guest")


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("사진.jpg", "사진.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\kim\\사진.png", "사진.png"),
        ("a\x00b\r\nc.jpg", "abc.jpg"),
        ("evil\u202egpj.exe", "evilgpj.exe"),
        ("", "file"),
        ("..../", "file"),
        ("\u1112\u1161\u11ab.jpg", "한.jpg"),
        ("가" * 300 + ".jpg", "가" * (LONGEST - 13) + "…" + "가" * 8 + ".jpg"),
    ],
    ids=["plain", "path", "windows", "control", "turned", "none", "dots", "jamo", "long"],
)
def test_a_file_name_is_shown_without_tricks(sent, shown):
    assert shown_name(sent) == shown
    assert len(shown_name(sent)) <= LONGEST
